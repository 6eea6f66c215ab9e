import { describe, expect, test } from 'vitest';
import { issueProfile } from '../cost/issue-only.ts';
import { NEOVERSE_N2 } from '../cost/issue-rates.ts';
import type { CostProfile } from '../cost/profile.ts';
import { series2026 } from '../cost/series-2026.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { builtInPolicy } from '../policy/named.ts';
import { BenchRun, type Workload } from '../workload/bench-run.ts';
import { benchRunResult } from './bench-result.ts';
import { predictPublished } from './bench-prediction.ts';
import { PUBLISHED_FIGURES } from './published.ts';

const MIB = 2 ** 20;
const PGTABLE: Workload = { name: 'pgtable', iterations: 400, threads: 0, memory: 2048 * MIB, hugePages: false };
const THREAD: Workload = { name: 'thread', iterations: 3, threads: 100, memory: 0, hugePages: false };

function predicted(workload: Workload, profile: CostProfile, policies = ['before-series', 'series']) {
  const cpu = cpuProfile('cortex-a710');
  const runs = policies.map((name) => {
    const policy = builtInPolicy(name);
    if (policy === undefined) throw new Error(name);
    const run = new BenchRun(
      { policy, config: defaultKernelConfig(), cpu, cpus: 1, ram: workload.memory + 1024 * MIB, seed: 1 },
      workload,
    );
    while (!run.isDone) run.step();
    return benchRunResult(run, policy, undefined, 0, profile.readings(cpu));
  });
  const published = PUBLISHED_FIGURES.find(({ workload: of }) => of === workload.name) ?? null;
  return predictPublished(profile.name, workload, runs, published);
}

describe('page tables, 2048 MiB as published', () => {
  const prediction = predicted(PGTABLE, series2026());

  test('7.6 % of 19.08 s lies in the interval, by construction', () => {
    expect(prediction?.basis).toBe('construction');
    // As it is printed, and as it is computed.
    expect(prediction?.share.low).toBeLessThan(0.076);
    expect(prediction?.share.low).toBeLessThan((19.08 - 17.62) / 19.08);
    expect(prediction?.share.high).toBeGreaterThan((19.08 - 17.62) / 19.08);
    // The letter prints 7.6 %; rounding of its two times allows 7.60 to 7.70 %, and 7 tables in 1,035
    // another 0.7 %. One fork in 400 is not freed at the end.
    expect(prediction?.share.low).toBeGreaterThan(0.075);
    expect(prediction?.share.high).toBeLessThan(0.0785);
  });

  test('a table saves 1.46 s / 2,000 / 1,035 = 705 ns', () => {
    expect(prediction?.savedEach.best).toBeGreaterThan(695);
    expect(prediction?.savedEach.best).toBeLessThan(710);
  });

  test('by issue alone it is a prediction, of two orders of magnitude less', () => {
    const issue = predicted(PGTABLE, issueProfile(NEOVERSE_N2));
    expect(issue?.basis).toBe('prediction');
    // 67 stores of half a cycle at 3 GHz, and what is drawn and zeroed at the allocation: 12 ns of 9.3 us.
    expect(issue?.share.best).toBeCloseTo(11.8 / ((19.08 / 2000 / 1035) * 1e9), 4);
  });
});

describe('page tables, another amount of memory', () => {
  test.each([
    [256, 50],
    [256, 10],
    [64, 50],
    [2048, 5],
  ])('the published 7.65 %% lies in the interval, which is wider: %d MiB, %d forks', (mib, iterations) => {
    const share = predicted({ ...PGTABLE, memory: mib * MIB, iterations }, series2026())?.share;
    expect(share?.low).toBeLessThan(0.0765);
    expect(share?.high).toBeGreaterThan(0.0765);
  });
});

describe('threads', () => {
  test('a prediction, which shows that the published results contradict each other: more than all of the time', () => {
    const prediction = predicted(THREAD, series2026());
    expect(prediction?.basis).toBe('prediction');
    expect(prediction?.each).toBe('thread');
    expect(prediction?.share.high).toBeGreaterThan(1);
  });
});

test('other policies were not published: nothing is put beside the figures', () => {
  expect(predicted({ ...PGTABLE, memory: 16 * MIB }, series2026(), ['all', 'series'])).toBeNull();
});
