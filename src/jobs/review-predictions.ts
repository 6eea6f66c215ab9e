import { DEFAULT_PROFILE } from '../cost/default-profile.ts';
import { builtInProfile } from '../cost/profiles.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile, DEFAULT_CPU } from '../mte/cpu.ts';
import type { Policy } from '../policy/policy.ts';
import { benchRunResult } from '../result/bench-result.ts';
import type { BenchRunResult } from '../result/bench.ts';
import { diffRows, totalSides } from '../result/diff.ts';
import type { ReportResult } from '../result/result.ts';
import type { Prediction } from '../review/result.ts';
import { BenchRun, type Workload } from '../workload/bench-run.ts';
import type { Monitor } from './monitor.ts';

/** How commands name the policies that are compared. */
export interface PolicyWords {
  readonly from: string;
  readonly to: string;
  /** What has to run first, with its `&&`: it writes the policy's file; empty for a built-in policy. */
  readonly first: string;
  /** Names of files as a shell takes them. */
  quote(files: readonly string[]): string;
}

/** A trace that is read: what it costs under a policy. */
export interface PredictedTrace {
  readonly name: string;
  reportUnder(policy: Policy): ReportResult;
}

/** The benchmark of the series of 2026, small, and a shell for other classes: what they tag does not depend on how often they run. */
const WORKLOADS: readonly { readonly workload: Workload; readonly words: string }[] = [
  {
    workload: { name: 'thread', iterations: 20, threads: 16, memory: 0, hugePages: false },
    words: 'thread --threads 16 --iterations 20',
  },
  {
    workload: { name: 'pgtable', iterations: 20, threads: 0, memory: 32 << 20, hugePages: false },
    words: 'pgtable --mem 32 --iterations 20',
  },
  {
    workload: { name: 'shell', iterations: 10, threads: 0, memory: 0, hugePages: false },
    words: 'shell --iterations 10',
  },
];

const RAM = 1 << 30;

/** Runs the workloads of the series on the model, under both policies. */
export async function predictOnModel(
  from: Policy,
  to: Policy,
  words: PolicyWords,
  monitor: Monitor,
): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for (const { workload, words: workloadWords } of WORKLOADS) {
    monitor.begin(`bench ${workload.name}`, 2 * workload.iterations, 'iterations');
    const [before, after] = [await runUnder(from, workload, monitor), await runUnder(to, workload, monitor)];
    predictions.push({
      of: `the model: ${workloadWords}`,
      provenance: 'modelled',
      total: totalSides(before, after),
      ...diffRows(before, after),
      command: `${words.first}tagscope bench ${workloadWords} --from ${words.from} --to ${words.to}`,
    });
  }
  return predictions;
}

async function runUnder(policy: Policy, workload: Workload, monitor: Monitor): Promise<BenchRunResult> {
  const cpu = cpuProfile(DEFAULT_CPU);
  const run = new BenchRun({ policy, config: defaultKernelConfig(), cpu, cpus: 1, ram: RAM, seed: 1 }, workload);
  let told = 0;
  while (!run.isDone) {
    run.step();
    if (run.iterations === told) continue;
    monitor.advance(run.iterations - told);
    told = run.iterations;
    await monitor.turn();
  }
  return benchRunResult(run, policy, undefined, 0, builtInProfile(DEFAULT_PROFILE, DEFAULT_CPU)?.readings(cpu));
}

/** What a trace costs before the series and with it. */
export function predictOnTrace(
  { name, reportUnder }: PredictedTrace,
  from: Policy,
  to: Policy,
  words: PolicyWords,
): Prediction {
  const [before, after] = [reportUnder(from), reportUnder(to)];
  return {
    of: name,
    provenance: 'from a trace',
    total: totalSides(before, after),
    ...diffRows(before, after),
    command: `${words.first}tagscope diff ${name} --from ${words.from} --to ${words.to}`,
  };
}
