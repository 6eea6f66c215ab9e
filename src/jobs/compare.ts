import { compare, type CompareResult, type Judged } from '../decide/compare.ts';
import type { Weights } from '../decide/weights.ts';
import type { Policy } from '../policy/policy.ts';
import { policyFor } from '../replay/recording-kernel.ts';
import type { ReportResult } from '../result/result.ts';
import { auditDoubts, audits, type AuditedModel } from './audits.ts';
import type { AuditHost } from './audit-tasks.ts';
import { nameOf, type OpenedTrace } from '../open/opened-trace.ts';
import { settingsFor } from './replay-settings.ts';
import { requireAllocations } from './require-allocations.ts';
import { reportsUnder, type TraceJobSettings } from './trace-job.ts';

/** Policies that are compared on a trace. */
export interface CompareInputs {
  readonly trace: OpenedTrace;
  readonly baseline: Policy;
  /** Without the baseline. */
  readonly others: readonly Policy[];
  /** The real bugs that shares are weighed by; undefined where each kind of bug counts once. */
  readonly weights: Weights | undefined;
}

export interface CompareSettings extends TraceJobSettings {
  readonly audited: AuditedModel;
}

/**
 * What policies save of a trace's tag work, beside what they leave of detection.
 *
 * @throws InputError for a trace without allocations; UsageError if it contradicts the settings, or a policy names flags that its kernel does not have
 */
export async function comparePolicies(
  { trace, baseline, others, weights }: CompareInputs,
  settings: CompareSettings,
  host: AuditHost,
): Promise<CompareResult> {
  requireAllocations(trace);
  const fitting = settingsFor(settings, trace.table);
  const policies = [baseline, ...others].map((policy) => policyFor(policy, trace.table, fitting));
  const warnings = [...fitting.warnings, ...auditDoubts(settings.audited, fitting.config)];
  const replayedUnder = reportsUnder(trace, { ...fitting, warnings }, policies);
  const reports: ReportResult[] = [];
  for (const [index, policy] of policies.entries()) {
    host.monitor.say(`${nameOf(trace)}: replaying under ${policy.name}, ${index + 1} of ${policies.length}`);
    await host.monitor.turn();
    reports.push(replayedUnder(policy));
  }
  const audited = audits(settings.audited, host);
  const cells = await audited.ofEach(policies);
  const [first, ...rest] = reports.map((report, index): Judged => ({ report, cells: cells[index] }));
  return compare(first, rest, audited.kernel, weights);
}

/** Whether trials and rules agree in all that was audited. */
export const agrees = ({ policies }: CompareResult): boolean =>
  policies.every(({ detection }) => detection.disagreeing === 0);
