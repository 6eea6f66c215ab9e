import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compare } from '../accuracy/compare.ts';
import type { ExecutedRun } from '../accuracy/executed.ts';
import { compareModel, POLICY_OF, unknownConfig, type ModelComparison, type SkippedRun } from '../accuracy/model.ts';
import { namedConfig } from '../accuracy/named-config.ts';
import { executedBesideSeries, failures, type AccuracyResult, type DiffComparison } from '../accuracy/judge.ts';
import { InputError } from '../base/errors.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import { tagSetting } from '../mte/instruction.ts';
import type { Policy } from '../policy/policy.ts';
import { renderAccuracy } from '../report/accuracy-text.ts';
import { analyze } from '../result/analyze.ts';
import type { ReportResult } from '../result/result.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseReplayOptions, type RawOptions } from './options.ts';
import { profileOption } from './profile-option.ts';
import { createProgress, type Progress } from './progress.ts';
import { readCounts } from './read-counts.ts';
import { readTrace, type ReadTrace } from './read-trace.ts';
import { openOutput } from './result-output.ts';
import { jsonText } from '../report/writers.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';
import { version } from './version.ts';

/** How counts and traces of one run are told by their names. */
interface Recording {
  readonly counts: RegExp;
  /** Folder of the traces, and how their names end. */
  readonly folder: string;
  readonly ending: RegExp;
  /** How the name of a trace begins; `nth` counts the runs of one workload in a file of counts. */
  readonly name: (run: ExecutedRun, nth: number) => string;
}

const RECORDINGS: readonly Recording[] = [
  ...['', '-nohash', '-stack'].map((suffix) => ({
    counts: new RegExp(`-traced${suffix}\\.json(?:\\.gz)?$`),
    folder: 'traces',
    ending: /\.trace(?:\.zst|\.gz)?$/,
    name: ({ variant, workload }: ExecutedRun) => `${variant}-${workload}${suffix}`,
  })),
  {
    counts: /-tracedat\.json(?:\.gz)?$/,
    folder: 'traces/trace-dat',
    ending: /(?:\.v\d\w*)?\.dat(?:\.zst|\.gz)?$/,
    name: ({ variant, workload }, nth) => `${variant}-${workload}${nth === 0 ? '' : '-stack'}`,
  },
];

/** A run whose trace and counts are there. */
interface Run {
  readonly name: string;
  readonly file: string;
  readonly executed: ExecutedRun;
}

/** `tagscope accuracy DIR`: predictions beside what a kernel executed in the same runs. */
export async function runAccuracy(dir: string, raw: RawOptions, surroundings: Surroundings): Promise<ExitCode> {
  const settings = parseReplayOptions(raw);
  const profile = await profileOption(undefined, settings.cpu);
  const output = await openOutput(raw, surroundings);
  const progress = createProgress(surroundings, raw.quiet === true);
  const { runs, skipped } = await findRuns(dir);

  const read = async (file: string): Promise<ReadTrace> => {
    try {
      return await readTrace(file, settings, surroundings, progress);
    } finally {
      progress.end();
    }
  };
  const report = ({ table, source }: ReadTrace, { file, executed }: Run, policy: string): ReportResult =>
    analyze(table, source, {
      ...parseReplayOptions({ ...raw, cpu: executed.cpu, cmdline: commandLineOf(executed) }),
      policy: builtIn(policy),
      profile,
      command: `tagscope report ${file} --policy ${policy}`,
      version: version(),
    });

  const compared: AccuracyResult['runs'][number][] = [];
  const diffs: DiffComparison[] = [];
  for (const run of runs) {
    const { name, executed } = run;
    const trace = await read(run.file);
    const own = report(trace, run, POLICY_OF[executed.variant]);
    compared.push({ ...compare(name, own, executed), pointers: own.kernel.pointers });
    const patched = runs.find((other) => other.name === name.replace('baseline', 'patched'));
    if (executed.variant === 'baseline' && patched !== undefined) {
      const predicted = report(trace, run, POLICY_OF.patched);
      diffs.push({
        run: name,
        predicted: predicted.totals.tagInstructions.best,
        executed: patched.executed.tag_setting_instructions,
        sameRun: executedBesideSeries(executed),
        skipped: predicted.byClass
          .filter((work) => work.class === 'kernel-stack' || work.class === 'page-table')
          .reduce((sum, { instructions }) => sum + tagSetting(instructions), 0),
      });
    }
  }
  const model = await modelComparisons(dir, progress);
  const result: AccuracyResult = {
    schema: 'tagscope.accuracy',
    version: 1,
    runs: compared,
    diffs,
    model: model.compared,
    skipped: [...skipped, ...model.skipped],
  };
  const text =
    output.format === 'json'
      ? jsonText(result)
      : renderAccuracy(result, textOptions(output, settings, raw, surroundings));
  await output.write(text);
  await output.finish();
  return failures(result).length === 0 ? EXIT.ok : EXIT.failed;
}

const builtIn = (name: string): Policy =>
  BUILT_IN_POLICIES.find((policy) => policy.name === name) ?? BUILT_IN_POLICIES[0];

/** The boot parameters of a run whose configuration is known. */
function commandLineOf({ config = '' }: ExecutedRun): string {
  const named = namedConfig(config);
  return named.unknown === undefined ? named.commandLine : '';
}

/** The model beside each file of counts that was executed without a trace: `VARIANT-CPU[-CONFIG].json`. */
async function modelComparisons(
  dir: string,
  progress: Progress,
): Promise<{ readonly compared: ModelComparison[]; readonly skipped: SkippedRun[] }> {
  const compared: ModelComparison[] = [];
  const skipped: SkippedRun[] = [];
  for (const file of (await readdir(join(dir, 'counts'))).toSorted()) {
    if (!/\.json(?:\.gz)?$/.test(file) || /-trace/.test(file)) continue;
    progress.say(`${file}: running the model`);
    const ofFile = compareModel(file.replace(/\.json(?:\.gz)?$/, ''), await readCounts(join(dir, 'counts', file)));
    compared.push(...ofFile.compared);
    skipped.push(...ofFile.skipped);
  }
  progress.end();
  return { compared, skipped };
}

/** The runs of a directory that has `traces/` and `counts/`, as cases/oracle/README.md describes them. */
async function findRuns(dir: string): Promise<{ readonly runs: readonly Run[]; readonly skipped: SkippedRun[] }> {
  const runs: Run[] = [];
  const skipped: SkippedRun[] = [];
  for (const countsFile of (await readdir(join(dir, 'counts'))).toSorted()) {
    const recording = RECORDINGS.find(({ counts }) => counts.test(countsFile));
    if (recording === undefined) continue;
    const traces = (await readdir(join(dir, recording.folder))).toSorted();
    const seen = new Map<string, number>();
    for (const executed of await readCounts(join(dir, 'counts', countsFile))) {
      const nth = seen.get(executed.workload) ?? 0;
      seen.set(executed.workload, nth + 1);
      const name = recording.name(executed, nth);
      const found = traces.filter((file) => file.replace(recording.ending, '') === name);
      const named = namedConfig(executed.config ?? '');
      const why =
        named.unknown !== undefined
          ? unknownConfig(executed.config ?? '', named.unknown)
          : found.length === 0
            ? `there is no trace ${name} in ${recording.folder}`
            : undefined;
      if (why !== undefined) {
        skipped.push({ run: `${countsFile.replace(/\.json(?:\.gz)?$/, '')} ${executed.workload}`, why });
        continue;
      }
      for (const trace of found) {
        const file = join(dir, recording.folder, trace);
        runs.push({ name: trace.replace(/(?:\.trace)?(?:\.zst|\.gz)?$/, ''), file, executed });
      }
    }
  }
  if (runs.length > 0) return { runs, skipped };
  throw new InputError({
    where: dir,
    found: 'no trace that has counts of the same run',
    expected: 'traces/NAME.trace.zst and counts/VARIANT-CPU-traced*.json',
    advice: 'See cases/oracle/README.md for how the two are named.',
  });
}
