import { describe, expect, it } from 'vitest';
import { mailboxOf, type TestSeries } from '../series/mail-series.testdata.ts';
import { readSeries } from '../series/read-series.ts';
import { SEED_MERGED, SEED_V1 } from '../series/seed-series.testdata.ts';
import { newestOf } from '../series/series.ts';
import { UNRELATED_SERIES } from '../series/unrelated-series.testdata.ts';
import { isAboutTagging } from './gate.ts';

async function aboutTagging(series: TestSeries): Promise<boolean> {
  const read = await readSeries([{ name: 'a.mbox', bytes: mailboxOf(series) }]);
  expect(read.problems).toEqual([]);
  return newestOf(read).patches.some(isAboutTagging);
}

describe('whether a series is about memory tagging', () => {
  it('is told from what it changes, not from what stands around it or from other tags', async () => {
    expect(UNRELATED_SERIES).toHaveLength(20);
    for (const series of UNRELATED_SERIES) expect(await aboutTagging(series), series.patches[0].subject).toBe(false);
  });

  it.each([
    ['version 1', SEED_V1],
    ['the merged version', SEED_MERGED],
  ])('is so for the series of 2026: %s', async (_name, series) => expect(await aboutTagging(series)).toBe(true));

  it.each([
    ['#if 0', true],
    ['if (dead)', false],
  ])('%s around a hook', async (line, expected) => {
    const before = 'static void f(void)\n{\n\tkasan_poison_pages(page, 0, false);\n}\n';
    const to = before.replace('{\n', `{\n${line}\n`);
    const patches = [{ subject: 'mm: do less', message: 'Less.', edits: [{ path: 'mm/a.c', from: before, to }] }];
    expect(await aboutTagging({ version: 1, files: { 'mm/a.c': before }, patches })).toBe(expected);
  });

  it.each([
    'clear_highpages_kasan_tagged(page, 1);',
    'if (IS_ENABLED(CONFIG_KASAN_HW_TAGS))',
    'gfp |= __GFP_ZEROTAGS;',
  ])('a line with %s is', async (line) => {
    const patches = [
      { subject: 'mm: x', message: 'X.', edits: [{ path: 'mm/a.c', from: 'b();', to: `${line}\nb();` }] },
    ];
    expect(await aboutTagging({ version: 1, files: { 'mm/a.c': 'a();\nb();\n' }, patches })).toBe(true);
  });
});
