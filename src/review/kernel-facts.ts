import type { AllocationClass } from '../base/allocation-class.ts';
import { gfpComposites } from '../gfp/composites.ts';
import { GFP_FLAGS } from '../gfp/flags.ts';
import { maskOfFlags, type MaskNames, type MaskValue } from './mask.ts';

/** Which kernel a series is written for, as far as it matters here: one that has the series of 2026, or one before it. */
export type Base = 'before-series' | 'with-series';

/** Who serves an allocation, which decides what a flag in its mask does. */
export type ServedBy = 'pages' | 'vmalloc' | 'slab';

/** A place that uses a mask. */
export interface MaskUser {
  /** `file:function`. */
  readonly place: string;
  readonly class: AllocationClass;
  readonly servedBy: ServedBy;
  /** Why no kernel with HW_TAGS runs this, where that is so. */
  readonly unreachable?: string;
}

/** A mask for one purpose: its name says what is allocated. */
export interface KnownMask {
  readonly name: string;
  readonly definedIn: string;
  /** Names of the flags and masks that it is made of, before the series. */
  readonly madeOf: readonly string[];
  /** Flags that the series adds, in itself or through a mask that it is made of. */
  readonly addedBySeries: readonly string[];
  /** Users of the mask itself, not of masks made of it. */
  readonly users: readonly MaskUser[];
}

const table = (place: string): MaskUser => ({ place, class: 'page-table', servedBy: 'pages' });
const stack = (place: string, servedBy: ServedBy): MaskUser => ({ place, class: 'kernel-stack', servedBy });

/** Linux 7.3, and the edits of the series undone. */
export const KNOWN_MASKS: readonly KnownMask[] = [
  {
    name: 'GFP_PGTABLE_KERNEL',
    definedIn: 'include/asm-generic/pgalloc.h',
    madeOf: ['GFP_KERNEL', '__GFP_ZERO'],
    addedBySeries: ['__GFP_SKIP_KASAN'],
    users: [
      table('include/asm-generic/pgalloc.h:__pte_alloc_one_kernel'),
      table('include/asm-generic/pgalloc.h:pmd_alloc_one'),
      table('arch/arm64/mm/mmu.c:__pgd_pgtable_alloc'),
    ],
  },
  {
    name: 'GFP_PGTABLE_USER',
    definedIn: 'include/asm-generic/pgalloc.h',
    madeOf: ['GFP_PGTABLE_KERNEL', '__GFP_ACCOUNT'],
    addedBySeries: ['__GFP_SKIP_KASAN'],
    users: [
      table('include/asm-generic/pgalloc.h:__pte_alloc_one'),
      table('include/asm-generic/pgalloc.h:pmd_alloc_one'),
      table('include/asm-generic/pgalloc.h:__pud_alloc_one'),
      table('arch/arm64/mm/pgd.c:pgd_alloc'),
      { place: 'arch/arm64/mm/pgd.c:pgd_alloc', class: 'page-table', servedBy: 'slab' },
    ],
  },
  {
    name: 'THREADINFO_GFP',
    definedIn: 'include/linux/thread_info.h',
    madeOf: ['GFP_KERNEL_ACCOUNT', '__GFP_ZERO'],
    addedBySeries: ['__GFP_SKIP_KASAN'],
    users: [
      stack('kernel/fork.c:alloc_thread_stack_node', 'pages'),
      {
        ...stack('kernel/fork.c:alloc_thread_stack_node', 'slab'),
        unreachable: 'arm64 has VMAP_STACK, and no stacks smaller than a page',
      },
      stack('arch/arm64/include/asm/vmap_stack.h:arch_alloc_vmap_stack', 'vmalloc'),
    ],
  },
  {
    name: 'GFP_VMAP_STACK',
    definedIn: 'kernel/fork.c',
    madeOf: ['GFP_KERNEL', '__GFP_ZERO'],
    addedBySeries: ['__GFP_SKIP_KASAN'],
    users: [stack('kernel/fork.c:alloc_thread_stack_node', 'vmalloc')],
  },
  {
    name: 'GFP_HIGHUSER_MOVABLE',
    definedIn: 'include/linux/gfp_types.h',
    madeOf: ['GFP_HIGHUSER', '__GFP_MOVABLE', '__GFP_SKIP_KASAN'],
    addedBySeries: [],
    users: [
      { place: 'mm/memory.c:alloc_anon_folio', class: 'user-anon', servedBy: 'pages' },
      { place: 'fs/inode.c:inode_init_always_gfp', class: 'user-file', servedBy: 'pages' },
    ],
  },
];

/** A list of the flags that a function lets pass. */
export interface AllowList {
  readonly name: string;
  readonly definedIn: string;
  /** The function that drops what the list does not name, and warns of it. */
  readonly checkedBy: string;
  /** Callers give their mask to these. */
  readonly guards: 'vmalloc';
  readonly lacks: readonly string[];
}

export const ALLOW_LISTS: readonly AllowList[] = [
  {
    name: 'GFP_VMALLOC_SUPPORTED',
    definedIn: 'mm/vmalloc.c',
    checkedBy: 'mm/vmalloc.c:vmalloc_fix_flags',
    guards: 'vmalloc',
    // The series adds the flag.
    lacks: ['__GFP_SKIP_KASAN'],
  },
];

/** Who takes a mask for memory of its own, which it reaches by the pointer that slab gave it. */
export interface MetadataCallee {
  readonly name: string;
  readonly allocates: string;
  readonly source: string;
}

export const METADATA_CALLEES: readonly MetadataCallee[] = [
  {
    name: '__get_vm_area_node',
    allocates: 'vm_struct and vmap_area',
    source: 'mm/vmalloc.c:__get_vm_area_node, 7.3',
  },
  { name: 'alloc_vmap_area', allocates: 'vmap_area', source: 'mm/vmalloc.c:alloc_vmap_area, 7.3' },
  {
    name: 'kasan_populate_vmalloc',
    allocates: 'shadow pages',
    source: 'mm/kasan/shadow.c:__kasan_populate_vmalloc, 7.3',
  },
];

/** What a comment in the kernel says of a flag, as far as it can be true or false. */
export interface FlagComment {
  readonly flag: string;
  readonly file: string;
  /** The classes that it names as the flag's users; others make it false. */
  readonly usedFor: readonly AllocationClass[];
  readonly phrase: string;
}

/** Before the series; with it the text speaks of callers of vmalloc too. */
export const FLAG_COMMENTS: readonly FlagComment[] = [
  {
    flag: '__GFP_SKIP_KASAN',
    file: 'include/linux/gfp_types.h',
    usedFor: ['user-anon', 'user-file', 'vmalloc'],
    phrase: 'used for userspace and vmalloc pages',
  },
];

/** What a kernel's names for masks stand for. */
export function maskNames(base: Base): MaskNames & { readonly masks: ReadonlyMap<string, MaskValue> } {
  const composites = gfpComposites({ major: 7, minor: 3 }, { hwTags: true });
  const masks = new Map<string, MaskValue>(GFP_FLAGS.map(({ name }) => [name, maskOfFlags([name])]));
  for (const { name, flags } of composites)
    masks.set(name, maskOfFlags(GFP_FLAGS.filter(({ flag }) => (flags & flag) !== 0).map((single) => single.name)));
  const add = (name: string, madeOf: readonly string[]): void => {
    masks.set(name, maskOfFlags(madeOf.flatMap((part) => [...(masks.get(part)?.flags ?? [part])])));
  };
  for (const [name, madeOf] of OTHER_MASKS) add(name, madeOf);
  for (const { name, madeOf, addedBySeries } of KNOWN_MASKS)
    add(name, base === 'with-series' ? [...madeOf, ...addedBySeries] : madeOf);
  return { masks, valueOf: (name) => masks.get(name) };
}

/** Masks of include/linux/gfp_types.h and mm/internal.h that choose or allow, 7.3. */
const OTHER_MASKS: readonly (readonly [name: string, madeOf: readonly string[]])[] = [
  [
    'GFP_RECLAIM_MASK',
    [
      '__GFP_RECLAIM',
      '__GFP_HIGH',
      '__GFP_IO',
      '__GFP_FS',
      '__GFP_NOWARN',
      '__GFP_RETRY_MAYFAIL',
      '__GFP_NOFAIL',
      '__GFP_NORETRY',
      '__GFP_MEMALLOC',
      '__GFP_NOMEMALLOC',
      '__GFP_NOLOCKDEP',
    ],
  ],
  ['GFP_CONSTRAINT_MASK', ['__GFP_HARDWALL', '__GFP_THISNODE']],
  ['GFP_ZONEMASK', ['__GFP_DMA', '__GFP_HIGHMEM', '__GFP_DMA32', '__GFP_MOVABLE']],
];
