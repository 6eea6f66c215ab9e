import type { AuditCell } from '../audit/audit.ts';
import { tagSetting } from '../mte/instruction.ts';
import type { Time } from '../cost/time.ts';
import { savedTime, totalSides } from '../result/diff.ts';
import { allGranules } from '../result/granules.ts';
import type { CostDescription, GranuleCounts, Interval, PolicyDescription, ReportResult } from '../result/result.ts';
import { detectionOf, type Detection } from './detection.ts';
import { paretoFront } from './front.ts';
import { weigh, type Weights, type WeightsUsed } from './weights.ts';

export const COMPARE_SCHEMA = 'tagscope.compare';
export const COMPARE_VERSION = 1;

/** One policy among others: what it saves of a trace's tag work, and what it leaves of detection. */
export interface ComparedPolicy {
  readonly policy: PolicyDescription;
  /** The one that others are compared with. */
  readonly isBaseline: boolean;
  /** No other policy here saves as much and detects as much, and more of one of them. */
  readonly onFront: boolean;
  readonly work: {
    readonly granules: GranuleCounts;
    readonly tagInstructions: Interval;
    readonly time: Time | null;
  };
  /** Best estimates; negative where the policy costs more than the baseline. The time is modelled, with its bounds. */
  readonly saved: { readonly granules: number; readonly tagInstructions: number; readonly time: Time | null };
  /** Of the baseline's; null where that does nothing. */
  readonly savedShare: { readonly granules: number | null; readonly tagInstructions: number | null };
  readonly detection: Detection;
}

/** How detection was audited: on the model, not on the trace. */
export interface AuditedKernel {
  readonly kasan: 'hw-tags';
  readonly pageSize: number;
  readonly bootMessage: string | undefined;
  readonly trials: number;
  readonly seed: number;
}

/** Policies side by side, as `--json` prints it. */
export interface CompareResult {
  readonly schema: typeof COMPARE_SCHEMA;
  readonly version: typeof COMPARE_VERSION;
  readonly baseline: string;
  readonly source: ReportResult['source'];
  readonly kernel: ReportResult['kernel'];
  readonly events: ReportResult['events'];
  readonly losses: ReportResult['losses'];
  /** What the times rest on. */
  readonly cost: CostDescription;
  readonly audit: AuditedKernel;
  /** The real bugs that shares are weighed by; null where each kind of bug counts once. */
  readonly weights: WeightsUsed | null;
  /** The one that saves most granules first. */
  readonly policies: readonly ComparedPolicy[];
  readonly warnings: readonly string[];
  /** Shares are of the baseline's instructions. */
  readonly notes: ReportResult['notes'];
  /** Whose allocations were counted, if not all. */
  readonly selection: ReportResult['selection'];
  readonly recorder: ReportResult['recorder'];
  readonly provenance: ReportResult['provenance'];
}

/** A policy's report on the trace, and its audit. */
export interface Judged {
  readonly report: ReportResult;
  readonly cells: readonly AuditCell[];
}

const shareOf = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/**
 * Ranks policies by the granules that they save of the baseline's, and says what each leaves of detection.
 *
 * @param realBugs to weigh shares by; each kind of bug counts once if there are none
 * @param others without the baseline; all reports are of the same trace, and all audits of the same kernel
 */
export function compare(
  baseline: Judged,
  others: readonly Judged[],
  audit: AuditedKernel,
  realBugs?: Weights,
): CompareResult {
  const weights = realBugs === undefined ? undefined : weigh(baseline.cells, realBugs);
  const from = baseline.report.totals;
  const [allFrom, instructionsFrom] = [allGranules(from), tagSetting(from.instructions)];
  const rows = [baseline, ...others].map(({ report, cells }): Omit<ComparedPolicy, 'onFront'> => {
    const { totals } = report;
    const granules = allFrom - allGranules(totals);
    const tagInstructions = instructionsFrom - tagSetting(totals.instructions);
    return {
      policy: report.policy,
      isBaseline: report === baseline.report,
      work: { granules: totals.granules, tagInstructions: totals.tagInstructions, time: totals.time },
      saved: { granules, tagInstructions, time: savedTime(totalSides(baseline.report, report)) },
      savedShare: {
        granules: shareOf(granules, allFrom),
        tagInstructions: shareOf(tagInstructions, instructionsFrom),
      },
      detection: detectionOf(baseline.cells, cells, weights),
    };
  });
  const onFront = paretoFront(
    rows.map(({ saved, detection }) => ({ saved: saved.granules, detected: detection.byRules })),
  );
  const { source, kernel, events, losses, cost, provenance, policy } = baseline.report;
  const { profile, description, source: costSource, provenance: costProvenance, figures, readings } = cost;
  return {
    schema: COMPARE_SCHEMA,
    version: COMPARE_VERSION,
    baseline: policy.name,
    source,
    kernel,
    events,
    losses,
    cost: { profile, description, source: costSource, provenance: costProvenance, figures, readings },
    audit,
    weights: weights === undefined ? null : { source: weights.source, bugs: weights.bugs, known: weights.known },
    policies: rows
      .map((row, index): ComparedPolicy => ({ ...row, onFront: onFront[index] }))
      .toSorted((a, b) => b.saved.granules - a.saved.granules || b.detection.byRules - a.detection.byRules),
    warnings: [...new Set([baseline, ...others].flatMap(({ report }) => report.warnings))],
    notes: baseline.report.notes,
    selection: baseline.report.selection,
    recorder: baseline.report.recorder,
    provenance,
  };
}
