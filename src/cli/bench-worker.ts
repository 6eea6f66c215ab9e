import { parentPort, workerData } from 'node:worker_threads';
import type { Readings } from '../cost/profile.ts';
import { benchRunResult } from '../result/bench-result.ts';
import type { BenchRunResult } from '../result/bench.ts';
import { BenchRun, type Workload } from '../workload/bench-run.ts';
import type { MachineOptions } from '../workload/machine.ts';

/** What a worker is given: one policy on one machine, and a word of memory that says when to stop. */
export interface BenchTask {
  readonly options: MachineOptions;
  readonly workload: Workload;
  /** What the work costs; undefined for a KASAN that no profile is of. */
  readonly readings: Readings | undefined;
  /** One Int32: not 0 once somebody wants no more. */
  readonly stop: SharedArrayBuffer;
}

/** What it tells: how far it is, and at the end what came of it. */
export type BenchMessage = { readonly iterations: number } | { readonly result: BenchRunResult };

const REPORT_MS = 200;

/** Runs one policy to its end, or until it is stopped. */
export function runBenchTask(
  { options, workload, readings, stop }: BenchTask,
  tell: (message: BenchMessage) => void,
): void {
  const stopped = new Int32Array(stop);
  const started = performance.now();
  const run = new BenchRun(options, workload);
  let told = started;
  while (!run.isDone && Atomics.load(stopped, 0) === 0) {
    run.step();
    const now = performance.now();
    if (now - told < REPORT_MS) continue;
    told = now;
    tell({ iterations: run.iterations });
  }
  const interrupted = run.isDone ? undefined : 'stopped by the user';
  const seconds = (performance.now() - started) / 1e3;
  tell({ result: benchRunResult(run, options.policy, interrupted, seconds, readings) });
}

if (parentPort !== null) {
  const port = parentPort;
  // What the main thread passes is what it says it is: both are of one build.
  runBenchTask(workerData as BenchTask, (message) => port.postMessage(message));
}
