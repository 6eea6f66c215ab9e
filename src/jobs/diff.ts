import type { Policy } from '../policy/policy.ts';
import type { GroupBy } from '../replay/options.ts';
import { diff } from '../result/diff.ts';
import { diffOfRuns, type Per, type Runs } from '../result/diff-runs.ts';
import type { DiffResult, ReportResult } from '../result/result.ts';
import { nameOf, type OpenedTrace } from '../open/opened-trace.ts';
import type { Monitor } from './monitor.ts';
import { settingsFor } from './replay-settings.ts';
import { requireAllocations } from './require-allocations.ts';
import { reportsUnder, type TraceJobSettings } from './trace-job.ts';

export interface DiffSettings extends TraceJobSettings {
  readonly groupBy: GroupBy | undefined;
}

/**
 * Opens a trace. It is called when the one before is done with: two tables take twice the memory.
 */
export type OpenTrace = () => Promise<OpenedTrace>;

/** One side of a difference: traces of its runs, and the policy that they are replayed under. */
export interface DiffSide {
  readonly traces: readonly [OpenTrace, ...OpenTrace[]];
  readonly policy: Policy;
}

/**
 * What the second of two policies saves on a trace.
 *
 * @throws InputError for a trace without allocations; UsageError if it contradicts the settings, or a policy names flags that its
 * kernel does not have
 */
export async function diffPolicies(
  open: OpenTrace,
  policies: readonly [from: Policy, to: Policy],
  settings: DiffSettings,
  monitor: Monitor,
): Promise<DiffResult> {
  const trace = await open();
  const [from, to] = policies;
  const reportUnder = await reportsOf(trace, policies, settings, monitor);
  return diff(reportUnder(from), reportUnder(to));
}

/**
 * What the second of two traces, or of two sets of runs, does less than the first.
 *
 * @param per what figures are divided by; undefined for two single traces that are compared as they are
 * @throws as `diffPolicies`
 */
export async function diffTraces(
  [from, to]: readonly [from: DiffSide, to: DiffSide],
  per: Per | undefined,
  settings: DiffSettings,
  monitor: Monitor,
): Promise<DiffResult> {
  const before = await runsOf(from, settings, monitor);
  const after = await runsOf(to, settings, monitor);
  return per === undefined ? diff(before[0], after[0]) : diffOfRuns(before, after, per);
}

async function runsOf({ traces, policy }: DiffSide, settings: DiffSettings, monitor: Monitor): Promise<Runs> {
  const [first, ...others] = traces;
  const runs: [ReportResult, ...ReportResult[]] = [await reportOf(await first(), policy, settings, monitor)];
  for (const open of others) runs.push(await reportOf(await open(), policy, settings, monitor));
  return runs;
}

async function reportOf(
  trace: OpenedTrace,
  policy: Policy,
  settings: DiffSettings,
  monitor: Monitor,
): Promise<ReportResult> {
  return (await reportsOf(trace, [policy], settings, monitor))(policy);
}

async function reportsOf(
  trace: OpenedTrace,
  policies: readonly Policy[],
  { groupBy, ...settings }: DiffSettings,
  monitor: Monitor,
): Promise<(policy: Policy) => ReportResult> {
  requireAllocations(trace);
  monitor.say(`${nameOf(trace)}: replaying`);
  await monitor.turn();
  return reportsUnder(trace, settingsFor(settings, trace.table), policies, { groupBy });
}
