import type { AllocationClass } from '../base/allocation-class.ts';

/** A kind of bug that is found less often under a policy than before. */
export interface LostDetection {
  /** A class of allocations, or other memory that bugs are injected into. */
  readonly class: string;
  readonly bug: string;
  /** Share that is detected, before and with the policy. */
  readonly before: number;
  readonly after: number;
}

/** What the audit and the KASAN tests say of the policy that a series amounts to. */
export interface AuditedPolicy {
  /** Kinds of bugs that were tried. */
  readonly kinds: number;
  readonly lost: readonly LostDetection[];
  /** Classes that the kernel reaches by match-all pointers alone, as it reaches its memory. */
  readonly matchAllOnly: readonly AllocationClass[];
  /** Memory that is not tagged any more and that the audit does not have: classes, and functions whose memory is of none. */
  readonly notAudited: readonly string[];
  /** KASAN tests of the kernel that pass before and fail with the policy. */
  readonly failingTests: readonly string[];
  /** The command that shows the audit. */
  readonly auditCommand: string;
  /** The command that runs the tests. */
  readonly conformCommand: string;
}
