import { Worker } from 'node:worker_threads';
import type { Readings } from '../cost/profile.ts';
import { profileDoubts } from '../cost/profiles.ts';
import type { Policy } from '../policy/policy.ts';
import { BENCH_WRITERS } from '../report/bench-writers.ts';
import { formatsOf } from '../report/writers.ts';
import { BENCH_SCHEMA, BENCH_VERSION, type BenchResult, type BenchRunResult } from '../result/bench.ts';
import { predictPublished } from '../result/bench-prediction.ts';
import { describeCost } from '../result/describe-cost.ts';
import { PUBLISHED_FIGURES } from '../result/published.ts';
import type { BenchMessage, BenchTask } from './bench-worker.ts';
import { benchCommand, parseBenchOptions, type BenchSettings, type RawBenchOptions } from './bench-options.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { modelPolicyOption } from './policy-option.ts';
import { profileOption } from './profile-option.ts';
import { createProgress, type Progress } from './progress.ts';
import { RULES_VERSION } from '../kasan/kernel-config.ts';
import { releaseName } from './kernel-options.ts';
import { openOutput, writeResult } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';
import { version } from './version.ts';

/** `tagscope bench WORKLOAD`: a workload of the series on the executable model, under one policy or two side by side. */
export async function runBench(name: string, raw: RawBenchOptions, surroundings: Surroundings): Promise<ExitCode> {
  const settings = parseBenchOptions(name, raw);
  const policies: Policy[] = [];
  for (const nameOrFile of settings.policies) policies.push(await modelPolicyOption(nameOrFile));
  const profile = await profileOption(raw.profile, settings.cpu);
  // The software builds write shadow memory with plain stores, which no profile is of.
  const readings = settings.config.build === 'hw-tags' ? profile.readings(settings.cpu) : undefined;
  const output = await openOutput(raw, surroundings, formatsOf(BENCH_WRITERS));
  const options = outputOptions(output, { top: settings.top, by: 'site' }, raw, surroundings);
  const progress = createProgress(surroundings, raw.quiet === true);
  const runs = await runAll(settings, policies, readings, progress);
  const published = PUBLISHED_FIGURES.find((figure) => figure.workload === settings.workload.name) ?? null;
  const result: BenchResult = {
    schema: BENCH_SCHEMA,
    version: BENCH_VERSION,
    workload: settings.workload,
    machine: {
      rules: releaseName(RULES_VERSION),
      kernel: releaseName(settings.config.version),
      config: raw.config ?? '',
      vaBits: settings.config.vaBits,
      kasan: settings.config.kasan ? settings.config.build : 'off',
      cpu: settings.cpu.name,
      cpus: settings.cpus,
      dcBlock: settings.cpu.dcBlock,
      dzp: settings.cpu.dzp,
      pageSize: settings.config.pageSize,
      ram: settings.ram,
      vmapStack: settings.config.vmapStack,
      cmdline: settings.cmdline,
      seed: settings.seed,
    },
    runs,
    published,
    cost: readings === undefined ? null : describeCost(profile, readings),
    prediction: predictPublished(profile.name, settings.workload, runs, published),
    warnings: [...settings.warnings, ...(readings === undefined ? [] : profileDoubts(profile, settings.cpu))],
    provenance: { counts: 'exact', operations: 'modelled', command: benchCommand(name, raw), tagscope: version() },
  };
  await writeResult(result, output, BENCH_WRITERS, options);
  return EXIT.ok;
}

/** Runs each policy in a thread of its own. The first Ctrl-C ends the runs, and what was done until then is the result. */
async function runAll(
  settings: BenchSettings,
  policies: readonly Policy[],
  readings: Readings | undefined,
  progress: Progress,
): Promise<BenchRunResult[]> {
  const stop = new SharedArrayBuffer(4);
  const interrupt = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const done = policies.map(() => 0);
  progress.beginCount(`bench ${settings.workload.name}`, settings.workload.iterations * policies.length, 'iterations');
  try {
    return await Promise.all(
      policies.map((policy, index) =>
        runInWorker({ options: { ...settings, policy }, workload: settings.workload, readings, stop }, (iterations) => {
          progress.advance(iterations - done[index]);
          done[index] = iterations;
        }),
      ),
    );
  } finally {
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
    progress.end();
  }
}

function runInWorker(task: BenchTask, advance: (iterations: number) => void): Promise<BenchRunResult> {
  const worker = new Worker(new URL('./bench-worker.js', import.meta.url), { workerData: task });
  return new Promise((resolve, reject) => {
    worker.on('message', (message: BenchMessage) => {
      if ('result' in message) resolve(message.result);
      else advance(message.iterations);
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a run ended with ${code} and without a result`)));
  });
}
