import { wilson, Z_OF_MANY } from '../base/share.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import type { AuditCell } from './audit.ts';
import { SAME_SHARE, type Theory } from './theory.ts';

/** What was audited, and what it takes to see it again. */
interface Provenance {
  readonly command: string;
  readonly kasan: KernelConfig['build'];
  readonly bootMessage: string | undefined;
  readonly cpu: string;
  readonly seed: number;
  readonly trials: number;
}

/** The detection of one policy, as `--json` prints it. */
export interface AuditResult extends Provenance {
  readonly schema: 'tagscope.audit';
  readonly version: 1;
  readonly policy: string;
  readonly cells: readonly AuditCell[];
}

/** What becomes of a cell under another policy. */
export type Change = 'same' | 'gained' | 'lost';

/** One cell under two policies. */
export interface ChangedCell {
  readonly from: AuditCell;
  readonly to: AuditCell;
  readonly change: Change;
}

/** The detection of two policies, as `--json` prints it. */
export interface AuditDiff extends Provenance {
  readonly schema: 'tagscope.audit-diff';
  readonly version: 1;
  readonly from: string;
  readonly to: string;
  readonly cells: readonly ChangedCell[];
  /** Cells of memory as the kernel reaches it that detect less than before. */
  readonly lost: number;
}

/**
 * Sets the same cells under two policies side by side. What changes is what the rules say; where one of their bounds
 * goes up and the other down, a change is one that confidence intervals do not cover.
 */
export function compareCells(from: readonly AuditCell[], to: readonly AuditCell[]): ChangedCell[] {
  return from.flatMap((cell, index) => {
    const other = to[index];
    return other === undefined ? [] : [{ from: cell, to: other, change: changeOf(cell, other) }];
  });
}

const changeOf = (from: AuditCell, to: AuditCell): Change =>
  changeByRules(from.theory, to.theory) ?? observedChange(from, to);

/** What the rules say of a change: neither bound goes up and one goes down, or the reverse. Undefined where they leave it open. */
function changeByRules(from: Theory, to: Theory): Change | undefined {
  const [low, high] = [to.low - from.low, to.high - from.high].map((by) => (Math.abs(by) <= SAME_SHARE ? 0 : by));
  if (low === 0 && high === 0) return 'same';
  if (low <= 0 && high <= 0) return 'lost';
  return low >= 0 && high >= 0 ? 'gained' : undefined;
}

/** A change of what was observed, by more than chance. */
export function observedChange({ detected: before }: AuditCell, { detected: after }: AuditCell): Change {
  const [from, to] = [wilson(before.count, before.of, Z_OF_MANY), wilson(after.count, after.of, Z_OF_MANY)];
  if (to.high < from.low) return 'lost';
  return to.low > from.high ? 'gained' : 'same';
}

/** Whether a policy loses what the kernel could detect: other code's routes are told, and do not count. */
export const isLoss = ({ change, from }: ChangedCell): boolean => change === 'lost' && !from.hypothetical;
