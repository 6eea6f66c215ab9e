import { versionText } from '../base/kernel-version.ts';
import type { CostProfile, Readings } from '../cost/profile.ts';
import { profileDoubts } from '../cost/profiles.ts';
import { RULES_VERSION, type KernelConfig } from '../kasan/kernel-config.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import type { Policy } from '../policy/policy.ts';
import {
  BENCH_SCHEMA,
  BENCH_VERSION,
  type BenchResult,
  type BenchRunResult,
  type WorkloadParameters,
} from '../result/bench.ts';
import { predictPublished } from '../result/bench-prediction.ts';
import { benchRunResult } from '../result/bench-result.ts';
import { describeCost } from '../result/describe-cost.ts';
import { PUBLISHED_FIGURES } from '../result/published.ts';
import { BenchRun } from '../workload/bench-run.ts';
import type { MachineOptions } from '../workload/machine.ts';
import type { Monitor } from './monitor.ts';

/** A workload and the machine that it runs on. */
export interface BenchMachine {
  readonly workload: WorkloadParameters;
  readonly config: KernelConfig;
  readonly cpu: CpuProfile;
  readonly cpus: number;
  /** Bytes. */
  readonly ram: number;
  readonly seed: number;
  /** Boot parameters and options of the kernel's build, as they were given. */
  readonly cmdline: string;
  readonly buildOptions: string;
  /** Boot parameters that the kernel itself would reject or reset. */
  readonly warnings: readonly string[];
}

export interface BenchJobSettings extends BenchMachine {
  readonly profile: CostProfile;
  /** The command line that gives the result again. */
  readonly command: string;
  /** Version of tagscope. */
  readonly version: string;
}

/** One run: a policy on a machine. It is data, and may be sent to another thread. */
export interface BenchTask {
  readonly options: MachineOptions;
  readonly workload: WorkloadParameters;
  /** What the work costs; undefined for a KASAN that no profile is of. */
  readonly readings: Readings | undefined;
}

/**
 * Does one run, in this thread or another.
 *
 * @param advance told how many iterations are done
 */
export type BenchThread = (task: BenchTask, advance: (iterations: number) => void) => Promise<BenchRunResult>;

/** A workload under one policy, or under several side by side. @param thread does the runs, all at a time if it can */
export async function benchPolicies(
  policies: readonly Policy[],
  settings: BenchJobSettings,
  thread: BenchThread,
  monitor: Monitor,
): Promise<BenchResult> {
  const { workload, config, cpu, cpus, ram, seed, cmdline, buildOptions, profile, command, version } = settings;
  // The software builds write shadow memory with plain stores, which no profile is of.
  const readings = config.build === 'hw-tags' ? profile.readings(cpu) : undefined;
  monitor.begin(`bench ${workload.name}`, workload.iterations * policies.length, 'iterations');
  const runs = await Promise.all(
    policies.map((policy) => {
      let done = 0;
      return thread({ options: { config, cpu, cpus, ram, seed, policy }, workload, readings }, (iterations) => {
        monitor.advance(iterations - done);
        done = iterations;
      });
    }),
  );
  const published = PUBLISHED_FIGURES.find((figure) => figure.workload === workload.name) ?? null;
  return {
    schema: BENCH_SCHEMA,
    version: BENCH_VERSION,
    workload,
    machine: {
      rules: versionText(RULES_VERSION),
      kernel: versionText(config.version),
      config: buildOptions,
      vaBits: config.vaBits,
      kasan: config.kasan ? config.build : 'off',
      cpu: cpu.name,
      cpus,
      dcBlock: cpu.dcBlock,
      dzp: cpu.dzp,
      pageSize: config.pageSize,
      ram,
      vmapStack: config.vmapStack,
      cmdline,
      seed,
    },
    runs,
    published,
    cost: readings === undefined ? null : describeCost(profile, readings),
    prediction: predictPublished(profile.name, workload, runs, published),
    warnings: [...settings.warnings, ...(readings === undefined ? [] : profileDoubts(profile, cpu))],
    provenance: { counts: 'exact', operations: 'modelled', command, tagscope: version },
  };
}

/** Who runs a bench task: gives the time, and says when to stop. */
export interface BenchWatch {
  /** Milliseconds since whenever. */
  readonly now: () => number;
  /** Whether somebody wants no more. */
  readonly isStopped: () => boolean;
  /** Told how many iterations are done, now and then. */
  readonly advance: (iterations: number) => void;
}

/** How often is told how far a run is, in milliseconds. */
const TELL_MS = 200;

/** Does a run to its end, or until it is stopped. It stops for others whenever it tells how far it is. */
export function* runBenchTask(
  { options, workload, readings }: BenchTask,
  { now, isStopped, advance }: BenchWatch,
): Generator<undefined, BenchRunResult, undefined> {
  const started = now();
  const run = new BenchRun(options, workload);
  let told = started;
  while (!run.isDone && !isStopped()) {
    run.step();
    const time = now();
    if (time - told < TELL_MS) continue;
    told = time;
    advance(run.iterations);
    yield;
  }
  const interrupted = run.isDone ? undefined : 'stopped by the user';
  return benchRunResult(run, options.policy, interrupted, (now() - started) / 1e3, readings);
}
