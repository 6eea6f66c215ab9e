import { SERIES_RULES } from './kernels.ts';
import type { FlagUse, Policy } from './policy.ts';

const USER_MASK = 'include/linux/gfp_types.h:GFP_HIGHUSER_MOVABLE, and through it GFP_TRANSHUGE';
const STACK_MASKS = 'GFP_VMAP_STACK (kernel/fork.c) and THREADINFO_GFP (include/linux/thread_info.h)';
const TABLE_MASK = 'include/asm-generic/pgalloc.h:GFP_PGTABLE_KERNEL, and through it GFP_PGTABLE_USER';

const says = (where: string, classes: FlagUse['class'], flag: string, why: string): FlagUse => ({
  where,
  class: classes,
  says: flag,
  why,
});

/** Other meanings for the flag that user memory, vmalloc and the series share. */
export const FLAG_POLICIES: readonly Policy[] = [
  {
    name: 'untagged',
    description:
      'A preference instead of an order: memory is tagged by default, and an allocation may say __GFP_UNTAGGED if it would rather not be. The page allocator and vmalloc heed it; slab does not, and drops it. With the masks below saying it, the work is that of series: what changes is what the flag promises, so that code which passes it to slab is not wrong.',
    source: 'review of the series, 2026: __GFP_UNTAGGED and __GFP_TAGGED as preferences without a guarantee',
    rules: SERIES_RULES,
    otherwise: 'kernel',
    flags: [
      says(USER_MASK, ['user-anon', 'user-file'], '__GFP_UNTAGGED', 'The kernel reaches user pages without a tag.'),
      says(STACK_MASKS, ['kernel-stack'], '__GFP_UNTAGGED', 'As in the series; where slab serves it, it is dropped.'),
      says(
        TABLE_MASK,
        ['page-table'],
        '__GFP_UNTAGGED',
        'As in the series; a small pgd is a slab object and is tagged.',
      ),
      says(
        'mm/vmalloc.c:__vmalloc_node_range, for the pages of an area that vmalloc tags itself',
        ['vmalloc', 'shadow-call-stack'],
        '__GFP_UNTAGGED',
        'To the page allocator: vmalloc tags the area as one. With __GFP_SKIP_ZERO, as today.',
      ),
      says(
        'mm/slub.c: kmem_cache_alloc, kmalloc',
        ['slab-object', 'slab-page'],
        '',
        'Slab tags by hooks of its own, which see no flags.',
      ),
    ],
  },
  {
    name: 'default-untagged',
    description:
      'The other way round: memory is not tagged unless the allocation says __GFP_TAGGED. Slab tags its objects as before, by hooks of its own, and asks the page allocator for untagged slabs; kmalloc says it where it hands on to the page allocator, so that it means the same for every size. Pages, vmalloc areas, pipe buffers and the batches of mmu_gather say nothing, and lose their protection until they do: rules with the action "tag" in a file of your own say it for them.',
    source: 'review of the series, 2026: untagged by default, and __GFP_TAGGED for who wants it',
    rules: [{ match: { class: ['slab-page', 'slab-object', 'kmalloc-large'] }, action: 'tag' }],
    otherwise: 'skip',
    kasan: { newSlabs: 'skip' },
    flags: [
      says(
        'mm/slub.c:alloc_slab_page',
        ['slab-page'],
        '',
        'Not tagged by the page allocator; slab marks the whole slab itself.',
      ),
      says('mm/slub.c: kmem_cache_alloc, kmalloc', ['slab-object'], '', 'Slab tags by hooks of its own.'),
      says(
        'mm/slub.c:___kmalloc_large_node',
        ['kmalloc-large'],
        '__GFP_TAGGED',
        'For its callers: they do not know who serves a size.',
      ),
      says(
        'mm/vmalloc.c:__vmalloc_node_range',
        ['vmalloc', 'shadow-call-stack'],
        '',
        'Untagged, until callers say __GFP_TAGGED.',
      ),
      says('mm/mmu_gather.c:tlb_next_batch', ['mmu-gather'], '', 'Untagged, until it says __GFP_TAGGED.'),
      says('fs/pipe.c: GFP_HIGHUSER', ['pipe'], '', 'Untagged, until it says __GFP_TAGGED.'),
      says(
        'alloc_pages and __get_free_pages of drivers, networking and percpu',
        ['driver/other', 'socket-buffer', 'percpu'],
        '',
        'Untagged, until they say __GFP_TAGGED.',
      ),
      says(
        `${USER_MASK}; ${STACK_MASKS}; GFP_PGTABLE_KERNEL`,
        ['user-anon', 'user-file', 'kernel-stack', 'page-table'],
        '',
        'Untagged without a word: __GFP_SKIP_KASAN goes.',
      ),
    ],
  },
  {
    name: 'skip-user',
    description:
      'One of the two uses of __GFP_SKIP_KASAN alone: user memory is skipped, as its masks say, and everything that the kernel has for itself is tagged, stacks and page tables too.',
    source: 'Linux 6.0: GFP_HIGHUSER_MOVABLE with __GFP_SKIP_KASAN (include/linux/gfp_types.h)',
    rules: [{ match: { class: ['user-anon', 'user-file'] }, action: 'kernel' }],
    otherwise: 'tag',
    flags: [says(USER_MASK, ['user-anon', 'user-file'], '__GFP_SKIP_KASAN', 'As today.')],
  },
  {
    name: 'skip-match-all',
    description:
      "The other use alone: the kernel's own memory that it reaches by match-all pointers (stacks, page tables) is skipped, and user memory is tagged like everything else. Its cost over series is what the first use saves. A kernel with it could not run programs that use MTE themselves: their pages (__GFP_ZEROTAGS) must begin with tag 0, and would have the kernel's.",
    source: 'the series without include/linux/gfp_types.h:GFP_HIGHUSER_MOVABLE',
    rules: SERIES_RULES,
    otherwise: 'tag',
    flags: [
      says(STACK_MASKS, ['kernel-stack'], '__GFP_SKIP_KASAN', 'As today.'),
      says(TABLE_MASK, ['page-table'], '__GFP_SKIP_KASAN', 'As today.'),
      says(USER_MASK, ['user-anon', 'user-file'], '', 'No more: user pages are tagged and poisoned.'),
    ],
  },
];
