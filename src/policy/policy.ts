import type { AllocationClass } from '../base/allocation-class.ts';
import { NO_CHANGES, type KasanChanges } from '../base/kasan-changes.ts';

/**
 * What is done with an allocation: its memory is tagged, or left alone. `kernel` leaves the choice to the flags that the
 * kernel itself passes: it skips user memory and tags everything else.
 */
export type Action = 'tag' | 'skip' | 'kernel';

/**
 * What an allocation must be for a rule to apply; all conditions that are given must hold, and one that is a list holds
 * if one of its members does. Functions are named as in a stack trace, without `_noprof` and the compiler's suffixes;
 * `*` stands for any characters.
 */
export interface PolicyMatch {
  readonly class?: readonly AllocationClass[] | undefined;
  /** The call site: the first function outside the allocator's own code. */
  readonly site?: readonly string[] | undefined;
  /** Any function in the stack. */
  readonly function?: readonly string[] | undefined;
  readonly comm?: readonly string[] | undefined;
  /** Flags that the mask must contain, by name; a composite stands for all its flags. */
  readonly gfp?: readonly string[] | undefined;
  /** Smallest and largest order, inclusive. */
  readonly order?: { readonly min?: number | undefined; readonly max?: number | undefined } | undefined;
}

export interface PolicyRule {
  readonly match: PolicyMatch;
  readonly action: Action;
}

/** What a place in the kernel would say by a flag, under a policy whose rules stand for that. */
export interface FlagUse {
  /** The mask, or the call, and where it is. */
  readonly where: string;
  /** What is allocated with it. */
  readonly class: readonly AllocationClass[];
  /** The flag that it passes; none where it passes what it passes today. */
  readonly says: string;
  /** Why, or what follows. */
  readonly why: string;
}

/** What is tagged, as data: the first rule that applies decides, `otherwise` if none does. */
export interface Policy {
  readonly name: string;
  /** One paragraph: what it means. */
  readonly description: string;
  readonly source: string;
  /** Why a policy that depends on the trace is what it is, in a few words. */
  readonly basis?: string | undefined;
  readonly rules: readonly PolicyRule[];
  readonly otherwise: Action;
  /** When tags are written, as far as it is otherwise than in Linux 7.3. With hardware tags only. */
  readonly kasan?: Partial<KasanChanges> | undefined;
  /** For people: what the kernel's places would have to say. The rules decide. */
  readonly flags?: readonly FlagUse[] | undefined;
}

/** What a policy changes in KASAN's hooks. */
export const kasanChanges = ({ kasan }: Policy): KasanChanges => ({ ...NO_CHANGES, ...kasan });
