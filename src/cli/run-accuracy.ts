import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compare } from '../accuracy/compare.ts';
import { policyOfVariant } from '../accuracy/executed-kernel.ts';
import { compareModel, type ModelComparison, type SkippedRun } from '../accuracy/model.ts';
import {
  isOfRecordings,
  pairRecordings,
  TRACE_FOLDERS,
  type CountsFile,
  type RecordedRun,
} from '../accuracy/recordings.ts';
import { executedBesideSeries, failures, type AccuracyResult, type DiffComparison } from '../accuracy/judge.ts';
import { InputError } from '../base/errors.ts';
import { tagSetting } from '../mte/instruction.ts';
import type { Policy } from '../policy/policy.ts';
import { renderAccuracy } from '../report/accuracy-text.ts';
import { analyze } from '../result/analyze.ts';
import type { ReportResult } from '../result/result.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { settingsFor } from '../jobs/replay-settings.ts';
import { parseReplayOptions, type RawOptions } from './options.ts';
import { profileOption } from './profile-option.ts';
import { createProgress, type Progress } from './progress.ts';
import { readCounts } from './read-counts.ts';
import type { OpenedTrace } from '../open/opened-trace.ts';
import { readTrace } from './read-trace.ts';
import { openOutput } from './result-output.ts';
import { jsonText } from '../report/writers.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';
import { version } from './version.ts';

/** `tagscope accuracy DIR`: predictions beside what a kernel executed in the same runs. */
export async function runAccuracy(dir: string, raw: RawOptions, surroundings: Surroundings): Promise<ExitCode> {
  const settings = parseReplayOptions(raw);
  const profile = await profileOption(undefined, settings.cpu);
  const { runs, skipped, forModel } = await findRuns(dir);
  const counts = (await readdir(join(dir, 'counts'))).map((name) => join(dir, 'counts', name));
  const read = [...counts, ...runs.map(({ trace }) => join(dir, trace))];
  const output = await openOutput(raw, surroundings, ['text', 'json'], read);
  const progress = createProgress(surroundings, raw.quiet === true);

  const readOne = async (file: string): Promise<OpenedTrace> => {
    try {
      return await readTrace(file, settings, surroundings, progress);
    } finally {
      progress.end();
    }
  };
  const report = ({ table, source }: OpenedTrace, run: RecordedRun, policy: Policy): ReportResult => {
    const { config, cpu, commandLine, version: recordedBy } = run.kernel;
    const fitting = settingsFor(settings, table);
    return analyze(table, source, {
      ...fitting,
      config,
      cpu,
      cmdline: commandLine,
      ...(recordedBy === undefined ? {} : { recordedBy, versionFrom: 'given' }),
      policy,
      profile,
      command: `tagscope report ${join(dir, run.trace)} --policy ${policy.name}`,
      version: version(),
    });
  };

  const compared: AccuracyResult['runs'][number][] = [];
  const diffs: DiffComparison[] = [];
  for (const run of runs) {
    const { name, executed } = run;
    const trace = await readOne(join(dir, run.trace));
    const own = report(trace, run, policyOfVariant(executed.variant));
    compared.push({ ...compare(name, own, executed), pointers: own.kernel.pointers });
    const patched = runs.find((other) => other !== run && other.name === name.replace('baseline', 'patched'));
    if (executed.variant === 'baseline' && patched?.executed.variant === 'patched') {
      const predicted = report(trace, run, policyOfVariant(patched.executed.variant));
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
  const model = modelComparisons(forModel, progress);
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

/** The counts and traces of a directory, as cases/oracle/README.md describes them. */
async function findRuns(dir: string): Promise<{
  readonly runs: readonly RecordedRun[];
  readonly skipped: readonly SkippedRun[];
  /** Counts of runs that were not recorded. */
  readonly forModel: readonly CountsFile[];
}> {
  const names = (await readdir(join(dir, 'counts'))).filter((name) => /\.json(?:\.gz)?$/.test(name)).toSorted();
  const files: CountsFile[] = [];
  for (const name of names) files.push({ name, runs: await readCounts(join(dir, 'counts', name)) });
  const traces = new Map<string, readonly string[]>();
  for (const folder of TRACE_FOLDERS) traces.set(folder, await namesIn(join(dir, folder)));
  const found = pairRecordings(files, traces);
  if (found.runs.length > 0) return { ...found, forModel: files.filter(({ name }) => !isOfRecordings(name)) };
  throw new InputError({
    where: dir,
    found: 'no trace that has counts of the same run',
    expected: 'traces/KERNEL-WORKLOAD.trace.zst and counts/KERNEL-traced*.json',
    advice: 'See cases/oracle/README.md for how the two are named.',
  });
}

/** The files of a directory that may be absent. */
async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return (await readdir(dir)).toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** The model beside runs that were not recorded. */
function modelComparisons(
  files: readonly CountsFile[],
  progress: Progress,
): { readonly compared: ModelComparison[]; readonly skipped: SkippedRun[] } {
  const compared: ModelComparison[] = [];
  const skipped: SkippedRun[] = [];
  for (const { name, runs } of files) {
    progress.say(`${name}: running the model`);
    const ofFile = compareModel(name.replace(/\.json(?:\.gz)?$/, ''), runs);
    compared.push(...ofFile.compared);
    skipped.push(...ofFile.skipped);
  }
  progress.end();
  return { compared, skipped };
}
