import { compare } from '../accuracy/compare.ts';
import { policyOfVariant } from '../accuracy/executed-kernel.ts';
import { executedBesideSeries, type AccuracyResult, type DiffComparison } from '../accuracy/judge.ts';
import { compareModel, type ModelComparison, type SkippedRun } from '../accuracy/model.ts';
import { isOfRecordings, pairRecordings, type CountsFile, type RecordedRun } from '../accuracy/recordings.ts';
import { tagSetting } from '../mte/instruction.ts';
import type { OpenedTrace } from '../open/opened-trace.ts';
import type { Policy } from '../policy/policy.ts';
import type { ReportResult } from '../result/result.ts';
import type { Monitor } from './monitor.ts';
import { settingsFor } from './replay-settings.ts';
import { requireAllocations } from './require-allocations.ts';
import { reportUnder, type TraceJobSettings } from './trace-job.ts';

/** What a kernel executed, and the recordings of the same runs. */
export interface ExecutedRuns {
  readonly counts: readonly CountsFile[];
  /** Names of the files with traces, by folder. */
  readonly traces: ReadonlyMap<string, readonly string[]>;
  /** Opens a trace: folder and file. */
  readonly open: (trace: string) => Promise<OpenedTrace>;
}

export interface AccuracySettings extends Omit<TraceJobSettings, 'command'> {
  /** The command line that replays a trace under a policy. */
  readonly commandFor: (trace: string, policy: Policy) => string;
}

/** The recordings whose counts are there. */
export const recordedRuns = ({ counts, traces }: Pick<ExecutedRuns, 'counts' | 'traces'>): readonly RecordedRun[] =>
  pairRecordings(counts, traces).runs;

/**
 * Predictions beside what kernels executed in the same runs: from a recording, and from the model for runs that were not recorded.
 *
 * @throws InputError for a trace without allocations
 */
export async function compareWithExecuted(
  executed: ExecutedRuns,
  settings: AccuracySettings,
  monitor: Monitor,
): Promise<AccuracyResult> {
  const { runs, skipped } = pairRecordings(executed.counts, executed.traces);
  const compared: AccuracyResult['runs'][number][] = [];
  const diffs: DiffComparison[] = [];
  for (const run of runs) {
    const trace = await executed.open(run.trace);
    requireAllocations(trace);
    const own = reportOf(trace, run, policyOfVariant(run.executed.variant), settings);
    compared.push({ ...compare(run.name, own, run.executed), pointers: own.kernel.pointers });
    const patched = runs.find((other) => other !== run && other.name === run.name.replace('baseline', 'patched'));
    if (run.executed.variant !== 'baseline' || patched?.executed.variant !== 'patched') continue;
    diffs.push(differenceOf(run, patched, reportOf(trace, run, policyOfVariant(patched.executed.variant), settings)));
  }
  const forModel = executed.counts.filter(({ name }) => !isOfRecordings(name));
  const model = await modelComparisons(forModel, monitor);
  return {
    schema: 'tagscope.accuracy',
    version: 1,
    runs: compared,
    diffs,
    model: model.compared,
    skipped: [...skipped, ...model.skipped],
  };
}

function reportOf(
  trace: OpenedTrace,
  run: RecordedRun,
  policy: Policy,
  { commandFor, ...settings }: AccuracySettings,
): ReportResult {
  const { config, cpu, commandLine, version: recordedBy } = run.kernel;
  return reportUnder(policy, trace, {
    ...settingsFor(settings, trace.table),
    config,
    cpu,
    cmdline: commandLine,
    ...(recordedBy === undefined ? {} : { recordedBy, versionFrom: 'given' }),
    command: commandFor(run.trace, policy),
  });
}

/** The trace of one kernel under the policy of the other. */
const differenceOf = (run: RecordedRun, patched: RecordedRun, predicted: ReportResult): DiffComparison => ({
  run: run.name,
  predicted: predicted.totals.tagInstructions.best,
  executed: patched.executed.tag_setting_instructions,
  sameRun: executedBesideSeries(run.executed),
  skipped: predicted.byClass
    .filter((work) => work.class === 'kernel-stack' || work.class === 'page-table')
    .reduce((sum, { instructions }) => sum + tagSetting(instructions), 0),
});

/** The model beside runs that were not recorded. */
async function modelComparisons(
  files: readonly CountsFile[],
  monitor: Monitor,
): Promise<{ readonly compared: ModelComparison[]; readonly skipped: SkippedRun[] }> {
  const compared: ModelComparison[] = [];
  const skipped: SkippedRun[] = [];
  for (const { name, runs } of files) {
    monitor.say(`${name}: running the model`);
    await monitor.turn();
    const ofFile = compareModel(name.replace(/\.json(?:\.gz)?$/, ''), runs);
    compared.push(...ofFile.compared);
    skipped.push(...ofFile.skipped);
  }
  return { compared, skipped };
}
