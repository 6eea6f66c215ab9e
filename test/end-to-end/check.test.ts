import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { longestLine, tagscope, unwrapped } from './command.testdata.ts';

/**
 * The page-table workload: 32 MiB mapped, 20 forks, recorded on 7.3.4 without the series. That kernel executed 133,541
 * tag-setting instructions, 70,350 of them for page tables (cases/oracle/counts).
 */
const TRACE = 'cases/pgtable/trace.zst';
const check = (budget: string, ...more: string[]) =>
  tagscope(['check', TRACE, '--budget', budget, '--policy', 'before-series', ...more]);

describe('check', () => {
  test('within budget: 0, and a line for each limit', async () => {
    const { code, stdout, stderr } = await check('instructions<=134k,class.page-table.share<53%');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Within budget under before-series: all 2 limits hold.');
    expect(stdout).toMatch(/instructions +133,541 +<= 134,000 +holds/);
    // 70,350 of 133,541 are 52.68 %.
    expect(stdout).toMatch(/class\.page-table\.share +52\.68 % +< 53 % +holds/);
    expect(longestLine(stdout)).toBeLessThanOrEqual(80);
  });

  test('over budget: 1, and what was found', async () => {
    const { code, stdout } = await check('instructions<1M,class.page-table.share<5%');
    expect(code).toBe(1);
    expect(stdout).toContain('Over budget under before-series: 1 of 2 limits is exceeded.');
    expect(stdout).toMatch(/class\.page-table\.share +52\.68 % +< 5 % +EXCEEDED/);
  });

  test('with the series there is nothing left of stacks and page tables', async () => {
    const budget =
      'class.page-table.instructions<=0,class.kernel-stack.instructions<=0,class.page-table.time.high<=0ns';
    const { code } = await check(budget, '--policy', 'series');
    expect(code).toBe(0);
  });

  test('a limit within the bounds of an estimate: the best estimate decides, and that it is not certain is said', async () => {
    // One maple node lives at the end and two sheaves of 32 may have been on their way: 65 frees of 7 instructions.
    const { code, stdout } = await check('instructions<133600');
    expect(code).toBe(0);
    expect(stdout).toContain('holds, not certain');
    expect(unwrapped(stdout)).toContain('instructions: 133,541 (133,541 to 133,996).');
  });

  test('a class may have all of what is not certain; one that is skipped has none', async () => {
    // Slab objects have 9,637 instructions, and up to 455 more in frees that left no event.
    const objects = await check('class.slab-object.instructions<9700');
    expect(objects.stdout).toContain('holds, not certain');
    const tables = await check('class.page-table.instructions<=0', '--policy', 'series');
    expect(tables.stdout).toMatch(/class\.page-table\.instructions +0 +<= 0 +holds\n/);
  });

  test('a call site that is not there is 0, and said to be absent', async () => {
    const { code, stdout } = await check('site.__pte_aloc.granules<1');
    expect(code).toBe(0);
    expect(stdout).toContain('holds, absent');
    expect(unwrapped(stdout)).toContain('Check the name.');
  });

  test('call sites by wildcard add up', async () => {
    const { stdout } = await check('site.__p?d_alloc.granules<1,site.__p*_alloc.instructions<1', '--json');
    const { limits } = JSON.parse(stdout);
    // 53,332 of __pte_alloc, 7,839 of __pmd_alloc, 5,226 of __pud_alloc; ? is no wildcard.
    expect(limits.map(({ actual }: { actual: { best: number } }) => actual.best)).toEqual([0, 53_332 + 7_839 + 5_226]);
  });

  test('losses count', async () => {
    const { code, stdout } = await check('losses<=0');
    expect(code).toBe(1);
    expect(stdout).toMatch(/losses +35 +<= 0 +EXCEEDED/);
  });

  test('for GitHub: an error for each limit that is exceeded, a warning for what is not covered, a notice', async () => {
    const { code, stdout } = await check('class.page-table.share<5%,granules<1G', '--format', 'github');
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, line.indexOf(' ')))).toEqual(['::error', '::warning', '::notice']);
    // 70,350 of 133,541, and up to 455 more. % would begin an escape, and a colon or comma end a title.
    expect(lines[0]).toBe(
      '::error title=tagscope%3A class.page-table.share is over budget::class.page-table.share is 52.68 %25 (52.68 %25 to 53.02 %25), the limit is < 5 %25.',
    );
  });

  test('as JSON: the limits as numbers, and the command that does it again', async () => {
    const { stdout } = await check('class.page-table.share<5%', '--json');
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ schema: 'tagscope.check', version: 1, exceeded: 1 });
    expect(result.limits[0]).toMatchObject({ value: 0.05, holds: false, certain: true, unit: 'share' });
    expect(result.provenance.command).toBe(
      `tagscope check ${TRACE} --budget 'class.page-table.share<5%' --policy before-series`,
    );
  });

  test.each([
    [[], 'check without --budget'],
    [['--budget', 'granule<5'], 'found "granule"; expected one of granules'],
  ])('%j ends with 2', async (words, message) => {
    const { code, stderr } = await tagscope(['check', TRACE, ...words]);
    expect(code).toBe(2);
    expect(unwrapped(stderr)).toContain(message);
  });
});

test('a limit that wants more says that it is not met', async () => {
  const { code, stdout } = await check('granules>1G');
  expect([code, unwrapped(stdout)]).toEqual([
    1,
    expect.stringMatching(/^Not within budget under .*1 of 1 limit is not met\./),
  ]);
  expect(stdout).toMatch(/granules +[\d,]+ +> 1,000,000,000 +NOT MET/);
  expect(stdout).not.toMatch(/exceeded/i);
});

test('a budget file has a limit on each line, and remarks; an error names file and line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tagscope-budget-'));
  try {
    const file = join(folder, 'budget.txt');
    writeFileSync(file, '# of the page-table workload\ngranules < 1M   # all of them\n\nlosses<=1k, instructions<1M\n');
    const good = await tagscope(['check', TRACE, '--budget-file', file]);
    expect([good.code, unwrapped(good.stdout)]).toEqual([0, expect.stringContaining('all 3 limits hold')]);
    writeFileSync(file, 'granules<1M\ngranuls<1M\n');
    const bad = await tagscope(['check', TRACE, '--budget-file', file]);
    expect([bad.code, unwrapped(bad.stderr)]).toEqual([
      3,
      expect.stringMatching(/budget\.txt, line 2: found "granuls"; expected one of .* Did you mean granules\?/),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('limits may stand on lines of one option', async () => {
  const { code } = await tagscope(['check', TRACE, '--budget', 'granules<1M\nlosses<=1k\n']);
  expect(code).toBe(0);
});
