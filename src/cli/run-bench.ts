import { Worker } from 'node:worker_threads';
import { prepareBench } from '../commands/bench.ts';
import type { BenchThread } from '../jobs/bench.ts';
import { BENCH_WRITERS } from '../report/bench-writers.ts';
import type { BenchMessage, StoppableBenchTask } from './bench-worker.ts';
import { BENCH, type BenchOptions } from '../options/commands/bench.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { monitored } from './monitor.ts';
import { preparedWith } from './node-commands.ts';
import { openOutput, writeResult } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';
import { workerResult } from './worker-result.ts';

/** `tagscope bench WORKLOAD`: a workload of the series on the executable model, under one policy or two side by side. */
export async function runBench(name: string, raw: BenchOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { settings, run } = await prepareBench(name, raw, preparedWith(surroundings));
  const output = await openOutput(BENCH, raw, surroundings);
  const options = outputOptions(output, { top: settings.top, by: 'site' }, raw, surroundings);
  const result = await monitored(raw, surroundings, (monitor) => withStop((stop) => run(benchThread(stop), monitor)));
  await writeResult(result, output, BENCH_WRITERS, options);
  return EXIT.ok;
}

/** The first Ctrl-C ends the runs, and what was done until then is the result. */
async function withStop<Result>(work: (stop: SharedArrayBuffer) => Promise<Result>): Promise<Result> {
  const stop = new SharedArrayBuffer(4);
  const interrupt = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    return await work(stop);
  } finally {
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  }
}

/** Does each run in a thread of its own. @param stop one Int32: not 0 once somebody wants no more */
const benchThread =
  (stop: SharedArrayBuffer): BenchThread =>
  (task, advance) => {
    const workerData: StoppableBenchTask = { task, stop };
    const worker = new Worker(new URL('./bench-worker.js', import.meta.url), { workerData });
    return workerResult(worker, 'a run', (message: BenchMessage) =>
      'result' in message ? message.result : void advance(message.iterations),
    );
  };
