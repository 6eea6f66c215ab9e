import { parentPort, workerData } from 'node:worker_threads';
import { inOneGo } from '../base/steps.ts';
import { runBenchTask, type BenchTask } from '../jobs/bench.ts';
import type { BenchRunResult } from '../result/bench.ts';

/** What a worker is given: a run, and a word of memory that says when to stop. */
export interface StoppableBenchTask {
  readonly task: BenchTask;
  /** One Int32: not 0 once somebody wants no more. */
  readonly stop: SharedArrayBuffer;
}

/** What it tells: how far it is, and at the end what came of it. */
export type BenchMessage = { readonly iterations: number } | { readonly result: BenchRunResult };

if (parentPort !== null) {
  const port = parentPort;
  // What the main thread passes is what it says it is: both are of one build.
  const { task, stop } = workerData as StoppableBenchTask;
  const stopped = new Int32Array(stop);
  const watch = {
    now: () => performance.now(),
    isStopped: () => Atomics.load(stopped, 0) !== 0,
    advance: (iterations: number) => port.postMessage({ iterations } satisfies BenchMessage),
  };
  port.postMessage({ result: inOneGo(runBenchTask(task, watch)) } satisfies BenchMessage);
}
