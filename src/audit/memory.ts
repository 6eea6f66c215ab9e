import type { AllocationClass } from '../base/allocation-class.ts';
import type { Gfp } from '../gfp/flags.ts';
import type { ConditionName } from '../policy/decide.ts';

/**
 * Which allocator memory comes from: that decides what a bug meets. `variable` is what no KASAN mode with hardware tags sets
 * apart: a variable in a stack frame, a global one, one of a CPU.
 */
export type Allocator = 'slab' | 'kmalloc-large' | 'page' | 'vmalloc' | 'variable';

/**
 * How memory is reached: by the pointer that the allocator gave, or in the way that the kernel has for this kind of
 * memory, which leaves the tag away (page tables by __va, stacks by SP, user pages by page_address).
 */
export type Route = 'pointer' | 'match-all';

/** What the memory is for: a class of allocations, or the kernel image. */
export type MemoryClass = AllocationClass | 'global';

/**
 * What of a slab cache decides which tags its objects have: kmalloc's write a redzone; those with a constructor keep one tag
 * for the life of their slab (mm/kasan/common.c:assign_tag), and those that are SLAB_TYPESAFE_BY_RCU stay accessible too.
 */
export type CacheKind = 'kmalloc' | 'plain' | 'ctor' | 'typesafe-by-rcu';

/** Memory that a bug is in, as far as the rules of detection and the rules of policies look at it. */
export interface Memory {
  readonly class: MemoryClass;
  readonly allocator: Allocator;
  readonly route: Route;
  /** The kind of cache of a slab object; `plain` if it is left out. */
  readonly cache?: CacheKind | undefined;
  /** Of the block of pages; 0 if it is left out. */
  readonly order?: number | undefined;
  /** The mask that the kernel passes, with the flags of 7.3. */
  readonly gfp: Gfp;
  /** Who allocates, for policies that look at that: the call site, the stack and the command. */
  readonly site?: string | undefined;
  readonly frames?: readonly string[] | undefined;
  readonly comm?: string | undefined;
  /** Of what policies look at, what is not known; none if it is left out. What stands for it above is a guess. */
  readonly untold?: readonly ConditionName[] | undefined;
}
