import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../base/errors.ts';
import { METRICS, OPERATORS, parseBudget } from './budget.ts';

const only = (text: string) => {
  const limits = parseBudget(text);
  expect(limits).toHaveLength(1);
  return limits[0];
};

describe('a limit says what, how and how much', () => {
  test.each([
    ['granules<1500000', { scope: { of: 'all' }, metric: 'granules', operator: '<', value: 1_500_000 }],
    ['granules < 1.5M', { metric: 'granules', operator: '<', value: 1_500_000 }],
    ['instructions<=2_000k', { metric: 'instructions', operator: '<=', value: 2_000_000 }],
    ['allocations>=1e3', { metric: 'allocations', operator: '>=', value: 1000 }],
    ['bytes<64MiB', { metric: 'bytes', value: 64 * 2 ** 20 }],
    ['time<2ms', { metric: 'time', unit: 'time', value: 2e6 }],
    ['time.high<1.5s', { metric: 'time.high', value: 1.5e9 }],
    ['class.page-table.share<5%', { scope: { of: 'class', class: 'page-table' }, metric: 'share', value: 0.05 }],
    ['class.page-table.share<0.05', { metric: 'share', value: 0.05 }],
    ['class.driver/other.granules.free>0', { scope: { of: 'class', class: 'driver/other' }, metric: 'granules.free' }],
    ['site.copy_process.share.granules<1%', { scope: { of: 'site', site: 'copy_process' }, metric: 'share.granules' }],
    ['site.anon_pipe_*.granules<1k', { scope: { of: 'site', site: 'anon_pipe_*' } }],
    // Of a trace without stacks; its name has what would end a limit.
    [
      'site."(no stack) a, b < c".granules<1k',
      { scope: { of: 'site', site: '(no stack) a, b < c' }, metric: 'granules' },
    ],
    ['losses<=0', { scope: { of: 'all' }, metric: 'losses', value: 0 }],
  ])('%s', (text, expected) => {
    expect(only(text)).toMatchObject(expected);
  });

  test('several, separated by commas', () => {
    expect(parseBudget('granules<1M, class.pipe.share<5%,,losses<=0').map(({ metric }) => metric)).toEqual([
      'granules',
      'share',
      'losses',
    ]);
  });
});

describe('what makes no sense is refused, with the limit and what it may be', () => {
  test.each([
    ['', /found nothing/],
    ['granules', /no comparison/],
    ['granules=5', /no comparison/],
    ['granule<5', /"granule"; expected one of granules/],
    ['granules<many', /the value "many"/],
    ['granules<5%', /the value "5%"/],
    ['granules<-5', /the value "-5"/],
    ['granules<1e99', /1e99/],
    ['time<5', /a number with ns, us, ms, s/],
    ['class.page-table.share<105%', /from 0 % to 100 %/],
    ['class.page-tables.share<5%', /the class "page-tables"; expected one of kernel-stack/],
    ['class.granules<5', /found "class.granules"/],
    ['class.pipe.losses<5', /losses alone/],
    ['site."a.granules<5', /quotes in pairs/],
    ['granules<5<6', /no comparison/],
    ['granules<toString', /the value/],
  ])('%s', (text, message) => {
    expect(() => parseBudget(text)).toThrow(UsageError);
    expect(() => parseBudget(text)).toThrow(message);
  });
});

test('whatever is given, a budget is limits or a refusal: it neither crashes nor hangs', () => {
  const pieces = fc.constantFrom(
    ...METRICS.map(({ name }) => name),
    ...OPERATORS,
    'class.',
    'site.',
    '"',
    ',',
    '.',
    '5%',
    '1e9',
    ' ',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
      ),
      (text) => {
        try {
          for (const { value } of parseBudget(text)) expect(value).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
