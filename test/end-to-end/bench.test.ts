import { describe, expect, test } from 'vitest';
import { tagSetting } from '../../src/mte/instruction.ts';
import type { BenchResult } from '../../src/result/bench.ts';
import { longestLine, tagscope, unwrapped } from './command.testdata.ts';

const json = async (args: readonly string[]): Promise<BenchResult> => {
  const { code, stdout, stderr } = await tagscope(['bench', ...args, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};

describe('bench', () => {
  test('pgtable: before and after side by side, the published figures beside them, and the command that gives it again', async () => {
    const { code, stdout } = await tagscope(['bench', 'pgtable', '--mem', '16', '--iterations', '10']);
    expect(code).toBe(0);
    expect(unwrapped(stdout)).toMatch(
      /^series saves [\d,]+ granules \(\d+\.\d %\) and [\d,]+ tag-setting instructions/,
    );
    expect(stdout).toContain('page-table pages');
    expect(unwrapped(stdout)).toContain('The series gives 19.08 s before and 17.62 s with it');
    expect(unwrapped(stdout)).toContain('By construction: the profile series-2026 is fitted to this result');
    expect(unwrapped(stdout)).toContain('Command tagscope bench pgtable --mem 16 --iterations 10');
    expect(longestLine(stdout)).toBeLessThanOrEqual(80);
  });

  test('thread as JSON: two whole runs, and only stacks and tables differ in what is tagged', async () => {
    const result = await json(['thread', '--threads', '8', '--iterations', '5', '--seed', '3']);
    expect(result).toMatchObject({ schema: 'tagscope.bench', version: 1, machine: { seed: 3, rules: '7.3' } });
    expect(result.runs.map(({ policy, iterations, ended }) => [policy.name, iterations, ended])).toEqual([
      ['before-series', 5, null],
      ['series', 5, null],
    ]);
    const [before, series] = result.runs;
    expect(series.operations).toEqual(before.operations);
    expect(before.operations).toMatchObject({ processes: 5, threads: 40 });
    const differing = before.byClass.filter((work) => {
      const other = series.byClass.find((candidate) => candidate.class === work.class);
      return other === undefined || tagSetting(other.instructions) !== tagSetting(work.instructions);
    });
    expect(differing.map((work) => work.class).toSorted()).toEqual(['kernel-stack', 'page-table']);
  });

  test('thread: the time is a prediction, and the contradiction between the published results is told', async () => {
    const { stdout } = await tagscope(['bench', 'thread', '--threads', '20', '--iterations', '5']);
    expect(unwrapped(stdout)).toContain('A prediction: the profile series-2026 is not fitted to this result');
    expect(unwrapped(stdout)).toContain('What the letter counts as a thread is not known');
  });

  test('SW_TAGS writes shadow memory with plain stores: there is no time, rather than a wrong one', async () => {
    const { cost, prediction, runs } = await json(['pgtable', '--mem', '4', '--iterations', '2', '--kasan', 'sw-tags']);
    expect([cost, prediction]).toEqual([null, null]);
    for (const { totals } of runs) expect(totals.time).toBeNull();
  });

  test('one policy alone, from any of the built-in ones', async () => {
    const { runs } = await json(['shell', '--iterations', '3', '--policy', 'none']);
    expect(runs).toHaveLength(1);
    expect(tagSetting(runs[0].totals.instructions)).toBe(0);
  });

  test('memory that runs out is told, with what the kernel makes of it', async () => {
    const { code, stdout } = await tagscope(['bench', 'pgtable', '--mem', '128', '--ram', '128', '--iterations', '5']);
    expect(code).toBe(0);
    expect(unwrapped(stdout)).toContain(
      'series: 0 iterations of 5: memory is out: no room for a page for a program, which ends in OOM',
    );
  });

  test.each<readonly [args: readonly string[], says: string]>([
    [['thread', '--threads', '0'], '--threads 0: out of range Give a whole number from 1 to 30000.'],
    [['pgtable', '--mem', '4096', '--ram', '1024'], '--mem 4096 is more than the machine has (--ram 1024)'],
    [['pgtable', '--threads', '4'], '--threads with pgtable Only thread has it.'],
    [['fork'], 'unknown workload "fork" Known are thread, pgtable, shell'],
    [['thread', '--policy', 'series', '--to', 'all'], '--policy together with --from or --to'],
    [['thread', '--page-size', '8k'], '--page-size 8k: unknown'],
    [['thread', '--cmdline', 'kasan.mod=sync'], 'unknown parameter "kasan.mod"'],
    [['thread', '--iterations', '1e6'], '--iterations 1e6: out of range'],
  ])('%j is refused', async (args, says) => {
    const { code, stdout, stderr } = await tagscope(['bench', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(unwrapped(stderr).replace(/\. (?=[A-Z])/g, ' ')).toContain(says);
  });
});
