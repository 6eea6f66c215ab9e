import type { Policy } from '../policy/policy.ts';
import type { GroupBy } from '../replay/options.ts';
import type { ReportResult } from '../result/result.ts';
import { mergeTraces } from './merge-traces.ts';
import type { Monitor } from './monitor.ts';
import { nameOf, type OpenedTrace } from '../open/opened-trace.ts';
import { settingsFor } from './replay-settings.ts';
import { requireAllocations } from './require-allocations.ts';
import { reportUnder, type TraceJobSettings } from './trace-job.ts';

export interface ReportSettings extends TraceJobSettings {
  /** What rows are split by, besides class and call site. */
  readonly groupBy: GroupBy | undefined;
}

/**
 * What the tagging of a trace costs under a policy.
 *
 * @param traces one, or several that are parts of one recording; those are used up
 * @throws InputError for a trace without allocations; UsageError for parts that do not belong together, if the trace contradicts
 * the settings, or if the policy names flags that its kernel does not have
 */
export async function reportOn(
  traces: readonly [OpenedTrace, ...OpenedTrace[]],
  policy: Policy,
  { groupBy, ...settings }: ReportSettings,
  monitor: Monitor,
): Promise<ReportResult> {
  monitor.say(`${traces.map(nameOf).join(', ')}: replaying`);
  await monitor.turn();
  const { trace, warnings } = traces.length === 1 ? { trace: traces[0], warnings: [] } : mergeTraces(traces);
  requireAllocations(trace);
  const fitting = settingsFor(settings, trace.table);
  return reportUnder(policy, trace, { ...fitting, warnings: [...fitting.warnings, ...warnings] }, { groupBy });
}
