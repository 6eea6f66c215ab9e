import { describe, expect, test } from 'vitest';
import { diffHeadline } from './diff-text.ts';
import { pageWork, reportOf, site } from './report-result.testdata.ts';
import { sideNames } from './side-names.ts';
import { diffOfRuns } from '../result/diff-runs.ts';
import { diff } from '../result/diff.ts';
import type { ReportResult } from '../result/result.ts';

/** A run that allocates and frees so many pages of a driver: 512 granules and 134 instructions each. */
function run(file: string, pages: number, seconds = 2): ReportResult {
  const report = reportOf([site('a_driver', 'driver/other', pageWork(pages))]);
  return { ...report, source: { ...report.source, files: [file], seconds } };
}

describe('two traces', () => {
  test('per second: a run that is twice as long and does twice as much does the same', () => {
    const { totals, byClass, scale } = diffOfRuns([run('a', 10, 2)], [run('b', 20, 4)], { unit: 'second' });
    // 10 pages in 2 seconds: 5 × 134 instructions a second, 5 × 512 granules.
    expect([totals.from.tagInstructions, totals.to.tagInstructions]).toEqual([670, 670]);
    expect(totals.from.granules).toEqual({ alloc: 1280, free: 1280 });
    expect(byClass[0]).toMatchObject({ from: { tagInstructions: 670 }, to: { tagInstructions: 670 } });
    expect(scale).toMatchObject({ per: 'second', iterations: null });
  });

  test('per iteration: both are divided by as many', () => {
    const { totals } = diffOfRuns([run('a', 10)], [run('b', 20)], { unit: 'iteration', iterations: 10 });
    expect([totals.from.tagInstructions, totals.to.tagInstructions]).toEqual([134, 268]);
  });

  test('per second of ticks, or of a moment, is refused: nothing says how long that is', () => {
    const ticking = run('a', 10);
    const runs = [{ ...ticking, source: { ...ticking.source, timeUnit: 'ticks' as const } }] as const;
    expect(() => diffOfRuns(runs, runs, { unit: 'second' })).toThrow(/--per second: a has times in ticks/);
    const moment = [run('a', 10, 0)] as const;
    expect(() => diffOfRuns(moment, moment, { unit: 'second' })).toThrow(/no length in time/);
  });

  test('one run a side and nothing divided is the plain difference', () => {
    const [a, b] = [run('a', 10), run('b', 20)];
    const { scale: _, ...same } = diffOfRuns([a], [b], { unit: 'run' });
    const { scale, ...plain } = diff(a, b);
    expect(scale).toBeNull();
    expect(same.totals.from.tagInstructions).toBe(plain.totals.from.tagInstructions);
    expect(same.bySite.map(({ from, to }) => [from.tagInstructions, to.tagInstructions])).toEqual([[1340, 2680]]);
  });
});

describe('several runs of each side', () => {
  const before = [run('a', 100), run('a2', 120)] as const;

  test('are averaged, and their spread is kept', () => {
    const { totals, scale } = diffOfRuns(before, [run('b', 50), run('b2', 70)], { unit: 'run' });
    expect([totals.from.tagInstructions, totals.to.tagInstructions]).toEqual([110 * 134, 60 * 134]);
    expect(scale?.from.tagInstructions).toEqual({ mean: 110 * 134, low: 100 * 134, high: 120 * 134 });
  });

  test('a call site that only some runs have counts for them alone', () => {
    const other = reportOf([site('rare', 'driver/other', pageWork(10))]);
    const { bySite } = diffOfRuns([run('a', 10), other], [run('b', 10)], { unit: 'run' });
    expect(Object.fromEntries(bySite.map((row) => [row.site, row.from.tagInstructions]))).toEqual({
      a_driver: 5 * 134,
      rare: 5 * 134,
    });
  });

  test('the headline says how far apart they are, and whether that leaves a difference', () => {
    const apart = diffOfRuns(before, [run('b', 50), run('b2', 70)], { unit: 'run' });
    // The least of the one is 100 pages, the most of the other 70.
    expect(diffHeadline(apart, sideNames(apart))).toContain(
      'Tag-setting instructions: 14,740 (13,400 to 16,080) in 2 runs of a and 1 more, 8,040 (6,700 to 9,380) in 2 runs of b and 1 more; no run of one side is within those of the other; 4,020 lie between them.',
    );
    const close = diffOfRuns(before, [run('b', 90), run('b2', 110)], { unit: 'run' });
    expect(diffHeadline(close, sideNames(close))).toContain('the runs overlap, so that this may be chance.');
  });
});
