import { isLoss, type AuditDiff, type AuditResult } from '../audit/result.ts';
import type { CompareResult } from '../decide/compare.ts';
import { tagSetting } from '../mte/instruction.ts';
import { didTheSame, type BenchResult } from '../result/bench.ts';
import { totalSides } from '../result/diff.ts';
import type { ClassWork, DiffResult, DiffSide, ReportResult, Work } from '../result/result.ts';
import { count, counted, percent } from './number-format.ts';
import { sideNames } from './side-names.ts';
import { withTagWork } from './work-table.ts';

/** What a report has found, as a title: which class takes the most. */
export const reportFinding = ({ policy, byClass, totals }: ReportResult): string =>
  mostOf(policy.name, byClass, totals.instructions);

function mostOf(policy: string, byClass: readonly ClassWork[], instructions: Work['instructions']): string {
  const [most] = withTagWork(byClass);
  if (most === undefined) return `Nothing is tagged under ${policy}`;
  const share = percent(tagSetting(most.instructions), tagSetting(instructions));
  return `${most.class} takes ${share} of the tag work under ${policy}`;
}

/** What a difference has found: how much of the work is saved. */
export function diffFinding(result: DiffResult): string {
  const { from, to } = sideNames(result);
  return saving(from, to, totalSides(result.from, result.to));
}

/** The same of a benchmark on the model. */
export function benchFinding({ runs: [from, to], workload }: BenchResult): string {
  if (to === undefined)
    return `${mostOf(from.policy.name, from.byClass, from.totals.instructions)} on ${workload.name}`;
  if (!didTheSame(from, to))
    return `Stopped after ${from.iterations} and ${to.iterations} iterations of ${workload.name}`;
  return `${saving(from.policy.name, to.policy.name, totalSides(from, to))} on ${workload.name}`;
}

function saving(from: string, to: string, sides: { readonly from: DiffSide; readonly to: DiffSide }): string {
  const saved = sides.from.tagInstructions - sides.to.tagInstructions;
  if (saved === 0) return `${to} executes as many tag-setting instructions as ${from}`;
  const share = percent(Math.abs(saved), sides.from.tagInstructions);
  return `${to} ${saved > 0 ? 'saves' : 'adds'} ${share} of the tag-setting instructions of ${from}`;
}

/** The same of policies side by side: what saves the most without a loss. */
export function compareFinding({ policies, baseline }: CompareResult): string {
  const free = policies
    .filter(({ isBaseline, detection, saved }) => !isBaseline && detection.kindsLost === 0 && saved.granules > 0)
    .toSorted((a, b) => b.saved.granules - a.saved.granules);
  const [best] = free;
  if (best === undefined) return `No policy saves tag work of ${baseline} without losing detection`;
  const same = free.filter(({ saved }) => saved.granules === best.saved.granules).map(({ policy }) => policy.name);
  const share = percent(best.savedShare.granules ?? 0, 1);
  return `${same.join(', ')} ${same.length === 1 ? 'saves' : 'save'} ${share} of the granules and lose${same.length === 1 ? 's' : ''} no detection`;
}

/** The same of the audit of one policy. */
export function auditFinding({ policy, cells }: AuditResult): string {
  const never = cells.filter(({ theory, hypothetical }) => !hypothetical && theory.high === 0).length;
  return never === 0
    ? `${policy} detects every kind of bug at least sometimes`
    : `${policy} never detects ${count(never)} of ${counted(cells.length, 'kind')} of bug`;
}

/** The same of the audit of two. */
export function auditDiffFinding({ from, to, cells }: AuditDiff): string {
  const lost = cells.filter(isLoss).length;
  const gained = cells.filter(({ change }) => change === 'gained').length;
  const losses = lost === 0 ? 'nothing' : counted(lost, 'kind of bug', 'kinds of bug');
  return `${to} loses ${losses} of what ${from} detects, and gains ${count(gained)}`;
}
