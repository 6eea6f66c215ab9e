import type { Access } from '../mte/tag-check.ts';
import type { Pointer } from '../mte/pointer.ts';

/** What becomes of an access that is not right. */
export type AccessOutcome =
  /** Nothing was noticed: it matched, or was not checked, or is noticed later. */
  | 'done'
  /** A report was due. The access was then made all the same. */
  | 'reported'
  /** It failed at an instruction that is prepared for that (an exception table entry): no report. */
  | 'fixed up';

/** An access, and where in the kernel it is made. */
export interface CheckedAccess {
  readonly pointer: Pointer;
  /** Bytes; negative where the kernel computes a size that wraps around (software modes only). */
  readonly size: number;
  readonly kind: Access;
  /** The function that makes it. */
  readonly symbol: string;
  /** The instruction has an exception table entry: a fault there is not reported (arch/arm64/mm/extable.c). */
  readonly fixup?: boolean;
}

/** Checks the kernel's accesses, in the way of one of the modes. */
export interface AccessCheck {
  access(access: CheckedAccess): AccessOutcome;
  /** Whether a mismatch can fault at once, and whether it can be noticed later (mm/kasan/kasan.h:kasan_*_fault_possible). */
  readonly syncFaultPossible: boolean;
  readonly asyncFaultPossible: boolean;
  /** Whether accesses in assembly are checked too: those that no compiler sees. */
  readonly checksAssembly: boolean;
  /** arch/arm64/kernel/mte.c:mte_check_tfsr_el1: what was noticed since the last time is reported. */
  checkTfsr(): void;
  /** mm/kasan/hw_tags.c:kasan_enable_hw_tags: checks as the mode says, also after a fault has ended them on this CPU. */
  enable(): void;
  /** PSTATE.TCO, or kasan_depth of the software modes: while this runs, accesses are not checked. */
  suspended(run: () => void): void;
}
