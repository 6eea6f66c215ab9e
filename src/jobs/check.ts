import type { Limit } from '../decide/budget.ts';
import { check, type CheckResult } from '../decide/check.ts';
import type { Policy } from '../policy/policy.ts';
import type { Monitor } from './monitor.ts';
import { nameOf, type OpenedTrace } from '../open/opened-trace.ts';
import { settingsFor } from './replay-settings.ts';
import { requireAllocations } from './require-allocations.ts';
import { reportUnder, type TraceJobSettings } from './trace-job.ts';

/**
 * Whether the tag work of a trace is within limits.
 *
 * @throws InputError for a trace without allocations; UsageError if it contradicts the settings, or the policy names flags that its kernel does not have
 */
export async function checkTrace(
  trace: OpenedTrace,
  policy: Policy,
  limits: readonly Limit[],
  settings: TraceJobSettings,
  monitor: Monitor,
): Promise<CheckResult> {
  requireAllocations(trace);
  monitor.say(`${nameOf(trace)}: replaying`);
  await monitor.turn();
  return check(reportUnder(policy, trace, settingsFor(settings, trace.table)), limits, settings.command);
}
