import type { AllocationClass } from '../base/allocation-class.ts';
import type { GfpCondition } from './gfp-condition.ts';
import type { KernelRange } from './kernel-range.ts';
import type { TaskContextName } from './task-context.ts';

/** How much a rule without a stack is worth: `high` when nothing else in the kernel is known to look the same. */
export type Confidence = 'high' | 'medium' | 'low';

export interface StacklessCondition {
  readonly gfp: GfpCondition;
  /** Lowest and highest order. */
  readonly order?: readonly [number, number];
  /** Migratetype as the event gives it: 0 unmovable, 1 movable, 2 reclaimable. */
  readonly migratetype?: number;
  /** What the task was doing. */
  readonly within?: TaskContextName;
}

export interface StacklessRule {
  readonly id: string;
  readonly class: AllocationClass;
  readonly when: StacklessCondition;
  readonly kernels?: KernelRange;
  readonly confidence: Confidence;
  readonly source: string;
}

const MAX_ORDER = 63;

/** User memory proper. HARDWALL is no condition anywhere: cpusets add it to every allocation of a task. */
const USER: readonly StacklessRule[] = [
  {
    id: 'page-cache-write',
    class: 'user-file',
    when: { gfp: { all: ['MOVABLE', 'WRITE'] } },
    confidence: 'high',
    source: 'mm/filemap.c: FGP_WRITE adds __GFP_WRITE',
  },
  {
    id: 'readahead',
    class: 'user-file',
    when: { gfp: { all: ['MOVABLE', 'NORETRY', 'NOWARN'], none: ['ZERO', 'NOMEMALLOC'] } },
    confidence: 'high',
    source: 'include/linux/pagemap.h: readahead_gfp_mask',
  },
  {
    id: 'compressed-swap',
    class: 'driver/other',
    when: { gfp: { all: ['MOVABLE', 'HIGHMEM', 'NOWARN'], none: ['FS', 'DIRECT_RECLAIM'] } },
    confidence: 'medium',
    source: 'drivers/block/zram/zram_drv.c, mm/zswap.c',
  },
  {
    id: 'block-device-cache',
    class: 'user-file',
    when: { gfp: { all: ['MOVABLE'], none: ['HIGHMEM'] } },
    confidence: 'high',
    source: 'fs/buffer.c: the mask of a block device has no HIGHMEM',
  },
  {
    id: 'page-cache-nofs',
    class: 'user-file',
    when: { gfp: { all: ['MOVABLE', 'HIGHMEM', 'DIRECT_RECLAIM'], none: ['FS', 'ZERO'] } },
    confidence: 'medium',
    source: 'file systems clear FS in the mask of a mapping',
  },
  {
    id: 'page-cache-by-context',
    class: 'user-file',
    when: { gfp: { all: ['MOVABLE', 'HIGHMEM'], none: ['ZERO'] }, order: [0, 0], within: 'file-io' },
    confidence: 'low',
    source: 'mm/shmem.c: the mask is that of anonymous memory, the neighbouring events are not',
  },
  {
    id: 'anonymous',
    class: 'user-anon',
    when: { gfp: { all: ['MOVABLE', 'HIGHMEM'] } },
    confidence: 'medium',
    source: 'mm/memory.c: zeroed, or copied on write',
  },
  {
    id: 'hugetlb',
    class: 'user-anon',
    when: { gfp: { all: ['HIGHMEM', 'COMP', 'NOWARN'], none: ['ZERO'] }, order: [4, MAX_ORDER] },
    confidence: 'medium',
    source: 'mm/hugetlb.c: htlb_alloc_mask without migration of huge pages',
  },
];

/** skb fragments and slab pages have the same mask but for NOMEMALLOC, which each adds where the other does not. */
const REFILL: readonly StacklessRule[] = [
  {
    id: 'socket-page-fragment',
    class: 'socket-buffer',
    when: {
      gfp: {
        all: ['COMP', 'NORETRY', 'NOWARN', 'IO', 'FS'],
        none: ['DIRECT_RECLAIM', 'NOMEMALLOC', 'RECLAIMABLE', 'HIGHMEM', 'ZERO'],
      },
      order: [3, 3],
      migratetype: 0,
    },
    confidence: 'medium',
    source: 'net/core/sock.c: SKB_FRAG_PAGE_ORDER, direct reclaim cleared',
  },
  {
    id: 'network-page-fragment',
    class: 'socket-buffer',
    when: {
      gfp: {
        all: ['COMP', 'NORETRY', 'NOWARN', 'NOMEMALLOC', 'KSWAPD_RECLAIM'],
        none: ['DIRECT_RECLAIM', 'IO', 'FS', 'HIGHMEM'],
      },
      order: [3, 3],
    },
    confidence: 'medium',
    source: 'mm/page_frag_cache.c: PAGE_FRAG_CACHE_MAX_ORDER, called with GFP_ATOMIC',
  },
  {
    id: 'slab-refill',
    class: 'slab-page',
    when: { gfp: { all: ['COMP', 'NORETRY', 'NOWARN'], none: ['HIGHMEM', 'ZERO', 'ACCOUNT'] }, order: [0, 3] },
    confidence: 'high',
    source: 'mm/slub.c: the flags are reduced, these are added',
  },
  {
    id: 'slab-retry',
    class: 'slab-page',
    when: { gfp: { all: ['COMP', 'RECLAIMABLE'] } },
    confidence: 'high',
    source: 'mm/slub.c: reclaimable caches, second attempt at the smallest order',
  },
];

const KERNEL: readonly StacklessRule[] = [
  {
    id: 'mmu-gather',
    class: 'mmu-gather',
    when: {
      gfp: {
        all: ['KSWAPD_RECLAIM', 'NOWARN'],
        none: ['DIRECT_RECLAIM', 'IO', 'FS', 'HIGH', 'HIGHMEM', 'COMP', 'ZERO', 'ACCOUNT', 'NORETRY', 'NOMEMALLOC'],
      },
      order: [0, 0],
    },
    confidence: 'high',
    source: 'mm/mmu_gather.c: GFP_NOWAIT, which has NOWARN of its own since 6.6',
  },
  {
    id: 'stack-while-forking',
    class: 'kernel-stack',
    when: { gfp: { all: ['HIGHMEM', 'ZERO', 'NOWARN'], none: ['NORETRY'] }, order: [0, 4], within: 'forking' },
    confidence: 'high',
    source: 'kernel/fork.c over mm/vmalloc.c: zeroed pages of an area, before task_newtask',
  },
  {
    id: 'stack-pages-while-forking',
    class: 'kernel-stack',
    when: { gfp: { all: ['ACCOUNT', 'ZERO'], none: ['HIGHMEM', 'COMP'] }, order: [2, 4], within: 'forking' },
    confidence: 'high',
    source: 'kernel/fork.c without VMAP_STACK',
  },
  {
    id: 'stack-by-order',
    class: 'kernel-stack',
    when: { gfp: { all: ['HIGHMEM', 'ZERO', 'NOWARN'], none: ['DIRECT_RECLAIM', 'NORETRY'] }, order: [2, 2] },
    confidence: 'medium',
    source: 'mm/vmalloc.c: first attempt for 16 KiB; a zeroed area of 4 to 7 pages looks the same',
  },
  {
    id: 'page-table-user',
    class: 'page-table',
    when: {
      gfp: { all: ['ACCOUNT', 'ZERO', 'DIRECT_RECLAIM', 'IO', 'FS'], none: ['HIGHMEM', 'NOWARN', 'NORETRY'] },
      order: [0, 1],
    },
    confidence: 'high',
    source: 'include/asm-generic/pgalloc.h: GFP_PGTABLE_USER; order 1 is an x86 pgd with isolation',
  },
  {
    id: 'page-table-kernel',
    class: 'page-table',
    when: {
      gfp: {
        all: ['ZERO', 'COMP', 'DIRECT_RECLAIM'],
        none: ['HIGHMEM', 'NOWARN', 'NORETRY', 'ACCOUNT', 'RETRY_MAYFAIL'],
      },
      order: [0, 0],
    },
    kernels: { from: [6, 6] },
    confidence: 'medium',
    source: 'include/linux/mm.h: pagetable_alloc adds COMP',
  },
  {
    id: 'page-table-kernel-old',
    class: 'page-table',
    when: {
      gfp: {
        all: ['ZERO', 'DIRECT_RECLAIM', 'IO', 'FS'],
        none: ['HIGHMEM', 'NOWARN', 'NORETRY', 'COMP', 'RETRY_MAYFAIL'],
      },
      order: [0, 0],
    },
    kernels: { to: [6, 5] },
    confidence: 'low',
    source: 'include/asm-generic/pgalloc.h: GFP_PGTABLE_KERNEL, the mask of get_zeroed_page(GFP_KERNEL)',
  },
  {
    id: 'pipe',
    class: 'pipe',
    when: { gfp: { all: ['HIGHMEM', 'ACCOUNT', 'DIRECT_RECLAIM'], none: ['ZERO', 'NOWARN', 'COMP'] }, order: [0, 0] },
    confidence: 'high',
    source: 'fs/pipe.c: GFP_HIGHUSER | __GFP_ACCOUNT',
  },
  {
    id: 'percpu-balance',
    class: 'percpu',
    when: { gfp: { all: ['HIGHMEM', 'NOWARN', 'NORETRY'], none: ['COMP', 'ZERO', 'ACCOUNT'] }, order: [0, 0] },
    confidence: 'medium',
    source: 'mm/percpu.c: pcpu_balance_populated',
  },
  {
    id: 'percpu',
    class: 'percpu',
    when: {
      gfp: { all: ['HIGHMEM', 'DIRECT_RECLAIM'], none: ['NOWARN', 'COMP', 'ZERO', 'ACCOUNT', 'HARDWALL'] },
      order: [0, 0],
    },
    confidence: 'medium',
    source: 'mm/percpu-vm.c: GFP_KERNEL | __GFP_HIGHMEM',
  },
  {
    id: 'vmalloc',
    class: 'vmalloc',
    when: { gfp: { all: ['HIGHMEM', 'NOWARN'], none: ['COMP', 'NORETRY'] } },
    confidence: 'high',
    source: 'mm/vmalloc.c: adds HIGHMEM and NOWARN',
  },
  {
    id: 'large-kmalloc',
    class: 'kmalloc-large',
    when: { gfp: { all: ['COMP'], none: ['HIGHMEM', 'RETRY_MAYFAIL'] }, order: [1, MAX_ORDER] },
    confidence: 'medium',
    source: 'mm/slub.c: compound pages with the flags of the caller',
  },
];

/** What an mm_page_alloc without a stack shows in a trace that has no gfp flags. */
export interface MasklessRule {
  readonly id: string;
  readonly class: AllocationClass;
  readonly order?: readonly [number, number];
  readonly migratetype: number;
  readonly within?: TaskContextName;
  readonly confidence: Confidence;
  readonly source: string;
}

/**
 * Where flags were not recorded, the migratetype tells what two of them were (include/linux/gfp.h: gfp_migratetype).
 * Movable memory is nearly all user memory; anonymous or of a file is not to be told. Unmovable memory is page tables,
 * stacks, slab pages and more, which look the same.
 */
export const MASKLESS_RULES: readonly MasklessRule[] = [
  {
    id: 'movable',
    class: 'user-anon',
    migratetype: 1,
    confidence: 'low',
    source: 'include/linux/gfp.h: __GFP_MOVABLE is user memory, of files as well',
  },
  {
    id: 'reclaimable',
    class: 'slab-page',
    migratetype: 2,
    confidence: 'medium',
    source: 'mm/slub.c: __GFP_RECLAIMABLE with SLAB_RECLAIM_ACCOUNT',
  },
  {
    id: 'stack-by-order-while-forking',
    class: 'kernel-stack',
    order: [2, 2],
    migratetype: 0,
    within: 'forking',
    confidence: 'medium',
    source: 'mm/vmalloc.c: first attempt for 16 KiB, between task_struct and task_newtask',
  },
];

/** Which class an mm_page_alloc without a stack belongs to: the first rule that holds. */
export const STACKLESS_RULES: readonly StacklessRule[] = [...USER, ...REFILL, ...KERNEL];
