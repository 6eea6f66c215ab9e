import { describe, expect, test } from 'vitest';
import { tagSetting } from '../mte/instruction.ts';
import { benchRunResult } from '../result/bench-result.ts';
import { BenchRun } from '../workload/bench-run.ts';
import { executedRun } from './executed.testdata.ts';
import { executedKernel, policyOfVariant } from './executed-kernel.ts';
import { comparedInstructions, compareModel, modelFailures, offInterval } from './model.ts';

const RUN = executedRun({ workload: 'pgtable', params: { mb: 4, iterations: 3 }, variant: 'patched' });

describe('the model beside what was executed', () => {
  const [once] = compareModel('counts', [RUN]).compared;

  test('where timer ticks fall is not known: the interval is what several places of them give', () => {
    const { low, best, high } = once.tagInstructions;
    expect(low).toBeLessThanOrEqual(best);
    expect(best).toBeLessThanOrEqual(high);
    expect(low).toBeLessThan(high);
  });

  test.each([0, 6])(
    'nor is what ran before the first workload of a boot: what it gives with %i programs is in the interval',
    (earlierPrograms) => {
      const kernel = executedKernel(RUN);
      const policy = policyOfVariant(RUN.variant);
      if ('unknown' in kernel) throw new Error(kernel.unknown.join());
      const { config, cpu } = kernel;
      const run = new BenchRun(
        { policy, config, cpu, cpus: 1, ram: 2 ** 30, seed: 1 },
        { name: 'pgtable', iterations: 3, threads: 0, memory: 4 << 20, hugePages: false },
        { earlierPrograms },
      );
      while (!run.isDone) run.step();
      const total = tagSetting(benchRunResult(run, policy, undefined, 0, undefined).totals.instructions);
      expect(total).toBeGreaterThanOrEqual(once.tagInstructions.low);
      expect(total).toBeLessThanOrEqual(once.tagInstructions.high);
    },
  );

  test('a total inside the interval is no fault, and one that is more than 1 % beside it is', () => {
    const { low, high } = once.tagInstructions;
    const off = (executed: number): number => offInterval({ ...once, executedTagInstructions: executed });
    expect([off(low), off(high)]).toEqual([0, 0]);
    expect(off(high * 1.1)).toBeCloseTo(-0.1 / 1.1);
    const failed = (executed: number): readonly string[] =>
      modelFailures({ ...once, categories: [], executedTagInstructions: executed });
    expect(failed(high * 1.009)).toEqual([]);
    expect(failed(high * 1.02)).toEqual([expect.stringContaining('off the interval')]);
  });

  test('what was executed for compaction is left out (mm/compaction.c:compaction_alloc tags what it takes)', () => {
    // Pages of 64 KiB: 4 STG and 1023 DC GVA each (mte.md section 5), twice for each of 5.
    const chain = ['__kasan_unpoison_pages', 'post_alloc_hook', 'compaction_alloc', 'migrate_pages_batch', 'kcompactd'];
    const calls = [
      { fn: 'kasan_unpoison', n: 5, a0: 0, x1: 65536, chain },
      { fn: 'kasan_poison.constprop.0', n: 5, a0: 0, x1: 65536, chain: ['mark_allocated', 'compact_zone'] },
      { fn: 'post_alloc_hook', n: 5, x1: 0, chain },
      { fn: 'kasan_unpoison', n: 7, a0: 0, x1: 65536, chain: ['__kasan_unpoison_pages', 'post_alloc_hook'] },
    ];
    const [compared] = compareModel('counts', [{ ...RUN, calls, tag_setting_instructions: 20_000 }]).compared;
    expect(compared.compaction).toBe(10 * 1027);
    expect(comparedInstructions(compared)).toBe(20_000 - 10_270);
  });

  test('a kernel with shadow call stacks: one page for each task', () => {
    const run = executedRun({ kernel: 'k73-distro', params: { threads: 3, iterations: 4 } });
    const [compared] = compareModel('counts', [run]).compared;
    const fresh = compared.categories.find(
      ({ name, unit }) => name === 'shadow call stacks, fresh' && unit === 'calls',
    );
    // Sixteen tasks, of which the CPU's cache serves two at least in each iteration but the first.
    expect(fresh?.predicted).toBeGreaterThan(0);
    expect(fresh?.predicted).toBeLessThanOrEqual(16);
  });
});
