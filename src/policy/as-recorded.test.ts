import { describe, expect, test } from 'vitest';
import { AS_RECORDED, hasSeries, keepsUserTags, resolvePolicy, type RecordingKernel } from './as-recorded.ts';
import { builtInPolicy } from './named.ts';

const kernel = (given: Partial<RecordingKernel>): RecordingKernel => ({
  version: { major: 7, minor: 3 },
  versionFrom: 'trace',
  hwTags: false,
  series: true,
  seriesFrom: 'version',
  ...given,
});
const resolved = (given: Partial<RecordingKernel>) => resolvePolicy(AS_RECORDED, () => kernel(given));
const rulesOf = (name: string) => builtInPolicy(name)?.rules;

test('the series is in 7.2.12, which was built and measured, and was sent when 7.0 was nearly finished', () => {
  expect([7.3, 7.2, 7.1, 7.0].map((version) => hasSeries({ major: 7, minor: Math.round((version - 7) * 10) }))).toEqual(
    [true, true, false, false],
  );
  expect(hasSeries({ major: 6, minor: 18 })).toBe(false);
});

test('a kernel without HW_TAGS does what its version would do with them', () => {
  expect(resolved({})).toMatchObject({ basis: 'as Linux 7.3 with HW_TAGS', rules: rulesOf('series') });
  expect(resolved({ version: { major: 6, minor: 18 }, series: false })).toMatchObject({
    basis: 'as Linux 6.18 with HW_TAGS',
    rules: rulesOf('before-series'),
  });
});

test('a version that is only assumed is said to be, with what to do', () => {
  const { basis, description } = resolved({ versionFrom: 'assumed' });
  expect(basis).toBe('kernel not known, 7.3 assumed');
  expect(description).toContain('give --kernel, or --policy before-series');
});

test('of 7.1 it is not known whether it has the series', () => {
  const { description } = resolved({ version: { major: 7, minor: 1 }, series: false });
  expect(description).toContain('whether 7.1 has it is not known here');
});

test('the own flags of a kernel with the series decide by themselves', () => {
  expect(resolved({ hwTags: true, seriesFrom: 'flags' })).toMatchObject({
    basis: 'own flags, with the series',
    rules: [],
    otherwise: 'kernel',
  });
});

test('masks without the flag are of a kernel that tags stacks and page tables', () => {
  expect(resolved({ hwTags: true, series: false, seriesFrom: 'flags' })).toMatchObject({
    basis: 'own flags, without the series',
    rules: rulesOf('before-series'),
  });
});

describe('user memory', () => {
  const at = (minor: number, major = 5, given: Partial<RecordingKernel> = {}) =>
    resolved({ version: { major, minor }, series: false, ...given });
  const userRule = { match: { class: ['user-anon', 'user-file'] }, action: 'tag' };

  // Commit 70c248aca9e7 "mm: kasan: Skip unpoisoning of user pages" is in 6.0.
  test.each([
    [10, 'and poisoned when it is freed'],
    [13, 'and poisoned when it is freed'],
    // Commit c275c5c6d50a "kasan: disable freed user page poisoning with HW tags" is in 5.14.
    [14, 'and keeps its tags when it is freed'],
    [19, 'and keeps its tags when it is freed'],
  ])('is tagged by 5.%i, %s', (minor, says) => {
    expect(at(minor).rules).toContainEqual(userRule);
    expect(at(minor).description).toContain(says);
  });

  test('is left alone since 6.0, and where flags of the kernel itself say it', () => {
    expect(at(0, 6).rules).toEqual(rulesOf('before-series'));
    expect(at(15, 5, { hwTags: true }).rules).toEqual(rulesOf('before-series'));
  });

  test('keeps its tags from 5.14 to 5.19 under as-recorded alone', () => {
    const keeps = (major: number, minor: number, policy = AS_RECORDED): boolean =>
      keepsUserTags(policy, { hwTags: false, version: { major, minor } });
    expect([keeps(5, 13), keeps(5, 14), keeps(5, 19), keeps(6, 0)]).toEqual([false, true, true, false]);
    expect(keeps(5, 15, builtInPolicy('all'))).toBe(false);
  });
});

test('any other policy is what it is, and no trace is looked at for it', () => {
  const series = builtInPolicy('series') ?? AS_RECORDED;
  expect(resolvePolicy(series, () => expect.unreachable())).toBe(series);
});
