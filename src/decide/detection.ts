import type { AuditCell } from '../audit/audit.ts';
import { compareCells, observedChange, type Change } from '../audit/result.ts';
import type { CellWeights } from './weights.ts';
import { SAME_SHARE } from '../audit/theory.ts';

/** A kind of bug that is detected less often than before. */
export interface Loss {
  readonly subject: string;
  readonly bug: string;
  readonly access: AuditCell['access'];
  /** Shares by the rules; the middle where these give two bounds. */
  readonly from: number;
  readonly to: number;
}

/**
 * What a policy leaves of detection, where the kernel itself goes. Shares are means: each kind of memory counts the same,
 * and in it each kind of bug; how often each happens in practice is not known.
 */
export interface Detection {
  /** Kinds of bug that were audited. */
  readonly kinds: number;
  /** Mean share that is detected by the rules, 0 … 1; the middle where these give two bounds. */
  readonly byRules: number;
  /** The same, as observed. */
  readonly observed: number;
  /** How much of the mean share is lost against the baseline, and gained, by the rules; both 0 or more. */
  readonly lost: number;
  readonly gained: number;
  /** Kinds of bug that are detected less often, and more often, by the rules. */
  readonly kindsLost: number;
  readonly kindsGained: number;
  /** Kinds whose observed share differs from the baseline's by more than chance. */
  readonly observedLost: number;
  readonly observedGained: number;
  /** Where most is lost by the rules. */
  readonly worst: Loss | null;
  /** Kinds whose observed share is not what the rules say: a fault of either. */
  readonly disagreeing: number;
}

/** The middle of what the rules give. */
const byRules = ({ theory: { low, high } }: AuditCell): number => (low + high) / 2;

/** The mean of something over cells, with the same weight for each kind of memory. */
function meanOf(cells: readonly AuditCell[], valueOf: (cell: AuditCell, index: number) => number): number {
  const bySubject = new Map<string, { sum: number; count: number }>();
  cells.forEach((cell, index) => {
    const known = bySubject.get(cell.subject) ?? { sum: 0, count: 0 };
    bySubject.set(cell.subject, known);
    known.sum += valueOf(cell, index);
    known.count++;
  });
  let sum = 0;
  for (const subject of bySubject.values()) sum += subject.sum / subject.count;
  return bySubject.size === 0 ? 0 : sum / bySubject.size;
}

/**
 * Sets the cells of a policy beside those of the baseline; both are of the same audit.
 *
 * @param weights of the cells, by the real bugs that they stand for; each kind counts once if there are none
 */
export function detectionOf(
  baseline: readonly AuditCell[],
  cells: readonly AuditCell[],
  weights?: CellWeights,
): Detection {
  const all = compareCells(baseline, cells);
  const isReached = ({ from }: (typeof all)[number]): boolean => !from.hypothetical;
  const pairs = all.filter(isReached);
  const weightOf = all.flatMap((pair, index) => (isReached(pair) ? [weights?.ofCell[index] ?? 0] : []));
  const mean: typeof meanOf =
    weights === undefined
      ? meanOf
      : (of, valueOf) => {
          const whole = weightOf.reduce((sum, weight) => sum + weight, 0);
          const sum = of.reduce((total, cell, index) => total + weightOf[index] * valueOf(cell, index), 0);
          return whole === 0 ? 0 : sum / whole;
        };
  const reached = pairs.map(({ to }) => to);
  const drops = pairs.map(({ from, to }) => byRules(from) - byRules(to));
  const worst = drops.reduce((most, drop, index) => (drop > drops[most] + SAME_SHARE ? index : most), 0);
  const countOf = (holds: (index: number) => boolean): number => pairs.filter((_, index) => holds(index)).length;
  const observed = (wanted: Change): number =>
    pairs.filter(({ from, to }) => observedChange(from, to) === wanted).length;
  return {
    kinds: pairs.length,
    byRules: mean(reached, byRules),
    observed: mean(reached, ({ detected }) => (detected.of === 0 ? 0 : detected.share)),
    lost: mean(reached, (_, index) => Math.max(0, drops[index])),
    gained: mean(reached, (_, index) => Math.max(0, -drops[index])),
    kindsLost: countOf((index) => drops[index] > SAME_SHARE),
    kindsGained: countOf((index) => drops[index] < -SAME_SHARE),
    observedLost: observed('lost'),
    observedGained: observed('gained'),
    worst: drops.length > 0 && drops[worst] > SAME_SHARE ? lossOf(pairs[worst]) : null,
    disagreeing: reached.filter(({ agrees }) => !agrees).length,
  };
}

const lossOf = ({ from, to }: ReturnType<typeof compareCells>[number]): Loss => ({
  subject: from.subject,
  bug: from.bug,
  access: from.access,
  from: byRules(from),
  to: byRules(to),
});
