import type { AuditCell } from '../audit/audit.ts';
import {
  advise,
  candidates,
  freePolicy,
  type AdviseResult,
  type JudgedCandidate,
  type Outcome,
  type Trial,
} from '../decide/advise.ts';
import type { Policy } from '../policy/policy.ts';
import { policyFor } from '../replay/recording-kernel.ts';
import { auditDoubts, audits, type AuditedModel, type Audits } from './audits.ts';
import type { AuditHost } from './audit-tasks.ts';
import { nameOf, type OpenedTrace } from '../open/opened-trace.ts';
import { settingsFor } from './replay-settings.ts';
import { requireAllocations } from './require-allocations.ts';
import { reportsUnder, type TraceJobSettings } from './trace-job.ts';

export interface AdviseSettings extends TraceJobSettings {
  readonly audited: AuditedModel;
}

/** Advice, and what follows from it. */
export interface Advised {
  readonly result: AdviseResult;
  /** The policy in force with the advice that loses nothing; undefined if all of it loses detection. */
  readonly policy: Policy | undefined;
}

/**
 * Call sites that could be left untagged, what that saves, and what it would lose.
 *
 * @throws InputError for a trace without allocations; UsageError if it contradicts the settings, or the policy names flags that its kernel does not have
 */
export async function adviseOn(
  trace: OpenedTrace,
  policy: Policy,
  settings: AdviseSettings,
  host: AuditHost,
): Promise<Advised> {
  requireAllocations(trace);
  const fitting = settingsFor(settings, trace.table);
  const inForce = policyFor(policy, trace.table, fitting);
  const audited = audits(settings.audited, host);
  const warnings = [...fitting.warnings, ...auditDoubts(settings.audited, fitting.config)];
  const reportUnder = reportsUnder(trace, { ...fitting, warnings }, [inForce], { lifetimes: true });
  const replayed = async (under: Policy) => {
    host.monitor.say(`${nameOf(trace)}: replaying under ${under.name}`);
    await host.monitor.turn();
    return reportUnder(under);
  };
  const report = await replayed(inForce);
  const judged: JudgedCandidate[] = [];
  for (const candidate of candidates(report, inForce)) {
    const { trial } = candidate;
    const outcome =
      trial === undefined
        ? undefined
        : { report: await replayed(trial.policy), cells: await auditOf(trial, inForce, audited) };
    judged.push({ candidate, outcome });
  }
  const result = advise(report, judged, audited.kernel, settings.command);
  return { result, policy: freePolicy(result, inForce) };
}

/** The cells of a trial's memory, under the policy in force and under its own. */
async function auditOf(
  { audited: { policy, classes } }: Trial,
  inForce: Policy,
  audited: Audits,
): Promise<Outcome['cells']> {
  const of = async (which: Policy): Promise<AuditCell[]> => {
    if (classes.length === 0) return audited.of(which);
    const cells: AuditCell[] = [];
    for (const only of classes) cells.push(...(await audited.of(which, only)));
    return cells;
  };
  return { from: await of(inForce), to: await of(policy) };
}
