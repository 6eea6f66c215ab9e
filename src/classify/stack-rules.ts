import type { AllocationClass } from '../base/allocation-class.ts';
import { LARGE_KMALLOC_FRAMES, SLAB_REFILL_FRAMES, VMALLOC_FRAMES } from './allocator-frames.ts';
import type { FramePatterns } from './frame-pattern.ts';
import type { GfpCondition } from './gfp-condition.ts';
import type { KernelRange } from './kernel-range.ts';

/**
 * How one kind of allocation looks in the stack of mm_page_alloc. Frames are normalised names, innermost first.
 *
 * A rule is tried on the frames from the page allocator out to the call site. Callers further out decide only for rules
 * that reach there, since nearly everything may be allocated below a page fault, a read or a fork.
 */
export interface StackRule {
  readonly id: string;
  readonly class: AllocationClass;
  /** One of these is in the stack. */
  readonly frames?: FramePatterns;
  /** The call site is one of these. Without `frames` it decides alone. */
  readonly callSite?: FramePatterns;
  /** Tells apart what one function allocates once the compiler has inlined the helpers. */
  readonly gfp?: GfpCondition;
  /** `outer`: everything that runs below `frames` is of this class, however many helpers are between. */
  readonly reach?: 'outer';
  /** `last`: weak evidence, used when no other rule decides. */
  readonly rank?: 'last';
  readonly kernels?: KernelRange;
  readonly source: string;
}

/** GFP_PGTABLE_USER and GFP_PGTABLE_KERNEL (include/asm-generic/pgalloc.h); user memory is movable or highmem. */
const PAGE_TABLE_GFP: GfpCondition = { all: ['ZERO', 'DIRECT_RECLAIM'], none: ['MOVABLE', 'HIGHMEM', 'NORETRY'] };

/** Tooling that stores its own data from inside other allocations; innermost, so it must not count as its victim. */
const TOOLING: readonly StackRule[] = [
  {
    id: 'stack-depot',
    class: 'driver/other',
    frames: ['stack_depot_save*', 'depot_alloc*', 'depot_init_pool'],
    reach: 'outer',
    source: 'lib/stackdepot.c',
  },
  {
    id: 'kmemleak',
    class: 'driver/other',
    frames: ['mem_pool_alloc', 'create_object', 'kmemleak_alloc*'],
    reach: 'outer',
    source: 'mm/kmemleak.c',
  },
];

const SLAB: readonly StackRule[] = [
  { id: 'slab-refill', class: 'slab-page', frames: SLAB_REFILL_FRAMES, source: 'mm/slub.c, mm/slab.c (to 6.7)' },
  { id: 'large-kmalloc', class: 'kmalloc-large', frames: LARGE_KMALLOC_FRAMES, source: 'mm/slub.c, mm/slab_common.c' },
  {
    id: 'large-kmalloc-inlined',
    class: 'kmalloc-large',
    frames: [
      '__kmalloc',
      '__kmalloc_node',
      '__do_kmalloc_node',
      '__kmalloc_track_caller',
      '__kmalloc_node_track_caller',
    ],
    gfp: { all: ['COMP'] },
    rank: 'last',
    source: 'mm/slub.c: the only pages of these functions that do not come from a refill',
  },
];

const PAGE_TABLE: readonly StackRule[] = [
  {
    id: 'page-table',
    class: 'page-table',
    frames: [
      'pagetable_alloc*',
      '__pte_alloc',
      '__pte_alloc_kernel*',
      'pte_alloc_one*',
      '__pte_alloc_one*',
      '__pmd_alloc',
      'pmd_alloc_one*',
      '__pud_alloc',
      'pud_alloc_one*',
      '__pud_alloc_one*',
      '__p4d_alloc',
      'p4d_alloc_one*',
      '__p4d_alloc_one*',
      'pgd_alloc',
      '_pgd_alloc',
      '__pgd_alloc',
      'mm_alloc_pgd',
      'preallocate_pmds',
      '__pgd_pgtable_alloc*',
      'pgd_pgtable_alloc*',
      'pti_user_pagetable_walk_*',
      'vmemmap_alloc_block_zero',
    ],
    source: 'mm/memory.c, include/asm-generic/pgalloc.h, arch/*/mm/pgtable.c, arch/arm64/mm/mmu.c',
  },
  {
    id: 'page-table-of-vmap',
    class: 'page-table',
    frames: [
      'vmap_pages_*',
      'vmap_small_pages_range_noflush',
      '__vmap_pages_range_noflush',
      'vmap_range_noflush',
      'vmap_page_range',
      'ioremap_page_range',
      'apply_to_page_range',
      '__apply_to_page_range',
      'apply_to_existing_page_range',
    ],
    gfp: PAGE_TABLE_GFP,
    source: 'mm/vmalloc.c, mm/memory.c: kernel tables, the levels inlined',
  },
  {
    id: 'page-table-inlined',
    class: 'page-table',
    callSite: [
      'copy_page_range',
      'copy_p4d_range',
      'copy_pud_range',
      'copy_pmd_range',
      'copy_pte_range',
      'copy_huge_pmd',
      'move_page_tables',
      'dup_mmap',
      'mm_init',
      'handle_mm_fault',
      '__handle_mm_fault',
      'handle_pte_fault',
      'do_anonymous_page',
      'do_fault',
      '__do_fault',
      'do_read_fault',
      'do_fault_around',
      'do_shared_fault',
      'do_cow_fault',
      'finish_fault',
      'filemap_map_pages',
      'do_set_pmd',
      'do_huge_pmd_anonymous_page',
      '__do_huge_pmd_anonymous_page',
      'map_anon_folio_pmd*',
      '__split_huge_pmd*',
      'split_huge_pmd*',
      'create_huge_pmd',
      'insert_page*',
      'vm_insert_page*',
      'vmf_insert_*',
      'insert_pfn*',
      'insert_pmd',
      'remap_pfn_range*',
      '__get_locked_pte',
      'walk_to_pmd',
      'mfill_*',
      'mremap_*',
      'huge_pte_alloc',
      'huge_pmd_share',
      'alloc_new_pmd',
      'alloc_new_pud',
    ],
    gfp: PAGE_TABLE_GFP,
    source: 'mm/memory.c, mm/huge_memory.c, mm/mremap.c: pte_alloc_one and its kin inlined (arm64)',
  },
];

const MMU_GATHER: readonly StackRule[] = [
  {
    id: 'mmu-gather-batch',
    class: 'mmu-gather',
    frames: [
      'tlb_next_batch',
      '__tlb_remove_page*',
      'tlb_remove_page*',
      '__tlb_remove_folio_pages*',
      'tlb_remove_table',
      'tlb_remove_ptdesc',
    ],
    source: 'mm/mmu_gather.c',
  },
  {
    id: 'mmu-gather-inlined',
    class: 'mmu-gather',
    callSite: [
      'zap_pte_range',
      'zap_huge_pmd',
      'zap_present_ptes',
      'unmap_page_range',
      '__zap_vma_range',
      'free_pgd_range',
      'free_pgtables',
      '___pte_free_tlb',
      '___pmd_free_tlb',
      '___pud_free_tlb',
    ],
    gfp: { none: ['DIRECT_RECLAIM', 'ZERO', 'MOVABLE'] },
    source: 'mm/mmu_gather.c, inlined into mm/memory.c',
  },
];

/** The functions of kernel/fork.c that allocate a stack: which of them is left depends on inlining. */
const STACK_CALL_SITES: FramePatterns = [
  'alloc_thread_stack_node',
  'dup_task_struct',
  'copy_process',
  'arch_alloc_vmap_stack',
  'init_irq_stacks',
  'init_sdei_stack',
  'init_sdei_stacks',
  'arm64_efi_rt_init',
  'irq_init_percpu_irqstack',
];

const KERNEL_STACK: readonly StackRule[] = [
  {
    id: 'kernel-stack-vmalloc',
    class: 'kernel-stack',
    frames: VMALLOC_FRAMES,
    callSite: STACK_CALL_SITES,
    source: 'kernel/fork.c (VMAP_STACK), arch/arm64/include/asm/vmap_stack.h',
  },
  {
    id: 'kernel-stack-pages',
    class: 'kernel-stack',
    callSite: STACK_CALL_SITES,
    gfp: { all: ['ZERO'], none: ['MOVABLE'] },
    source: 'kernel/fork.c (without VMAP_STACK)',
  },
];

/** Before vmalloc, which they are, and before kernel stacks: a fork has one of each. */
const SHADOW_CALL_STACK: readonly StackRule[] = [
  {
    id: 'shadow-call-stack',
    class: 'shadow-call-stack',
    frames: VMALLOC_FRAMES,
    callSite: ['__scs_alloc', 'scs_alloc', 'scs_prepare', 'init_irq_scs'],
    source: 'kernel/scs.c:__scs_alloc; arch/arm64/kernel/irq.c:init_irq_scs',
  },
];

const VMALLOC: readonly StackRule[] = [
  {
    id: 'vmalloc',
    class: 'vmalloc',
    frames: VMALLOC_FRAMES,
    callSite: ['*'],
    source: 'mm/vmalloc.c, mm/execmem.c',
  },
  {
    id: 'vmalloc-code',
    class: 'vmalloc',
    callSite: ['bpf_prog_pack_alloc', 'alloc_new_pack', 'move_module', 'layout_and_allocate'],
    source: 'kernel/bpf/core.c, kernel/module/main.c: module_alloc inlined',
  },
];

/** Before user memory, since these also use the helpers of anonymous memory. */
const FILE: readonly StackRule[] = [
  {
    id: 'shmem',
    class: 'user-file',
    frames: [
      'shmem_alloc_folio',
      'shmem_alloc_hugefolio',
      'shmem_alloc_and_add_folio',
      'shmem_alloc_and_acct_*',
      'shmem_alloc_page',
      'shmem_alloc_hugepage',
      'shmem_get_folio*',
      'shmem_getpage*',
      'shmem_swapin*',
      'shmem_mfill_atomic_pte',
    ],
    gfp: { all: ['MOVABLE'] },
    reach: 'outer',
    source: 'mm/shmem.c',
  },
  {
    id: 'page-cache',
    class: 'user-file',
    callSite: [
      'page_cache_ra_*',
      'page_cache_sync_ra*',
      'page_cache_async_ra*',
      '__page_cache_*',
      'ra_alloc_folio',
      'ractl_alloc_folio',
      'readahead_expand',
      'force_page_cache_r*',
      'do_sync_mmap_readahead',
      '__do_page_cache_readahead',
      '__filemap_get_folio*',
      'filemap_get_folio*',
      'filemap_get_pages',
      'filemap_create_folio',
      'filemap_fault',
      'filemap_read',
      'do_read_cache_*',
      'read_cache_*',
      'pagecache_get_page',
      'grab_cache_page_write_begin',
      'add_to_page_cache*',
      'iomap_get_folio',
      'iomap_write_begin',
      'grow_dev_page',
      'grow_dev_folio',
      '__getblk_slow',
      'bdev_getblk',
      'btrfs_alloc_page_array',
      'btrfs_alloc_folio_array',
      'alloc_extent_buffer*',
      'alloc_eb_folio_array',
    ],
    source: 'mm/filemap.c, mm/readahead.c, fs/buffer.c, fs/iomap/buffered-io.c, fs/btrfs/extent_io.c',
  },
];

const ANONYMOUS: readonly StackRule[] = [
  {
    id: 'hugetlb',
    class: 'user-anon',
    frames: [
      'alloc_buddy_*',
      '__alloc_buddy_*',
      'alloc_fresh_h*',
      'only_alloc_fresh_*',
      'alloc_pool_huge*',
      'alloc_surplus_h*',
      'alloc_migrate_h*',
      'alloc_hugetlb_folio*',
      'alloc_huge_page*',
    ],
    reach: 'outer',
    source: 'mm/hugetlb.c',
  },
  {
    id: 'anonymous',
    class: 'user-anon',
    callSite: [
      'do_anonymous_page',
      'handle_mm_fault',
      '__handle_mm_fault',
      'handle_pte_fault',
      'wp_page_copy',
      'do_wp_page',
      'do_cow_fault',
      'do_fault',
      'do_swap_page',
      'copy_present_page*',
      'copy_present_pte*',
      'copy_pte_range',
      'copy_page_range',
      'do_huge_pmd_*',
      '__do_huge_pmd_*',
      'mfill_atomic*',
      'mcopy_atomic*',
    ],
    gfp: { all: ['HIGHMEM'] },
    source: 'mm/memory.c, mm/huge_memory.c, mm/userfaultfd.c',
  },
  {
    id: 'swap-in',
    class: 'user-anon',
    frames: [
      'swap_cache_alloc_folio',
      '__swap_cache_prepare_and_add',
      '__read_swap_cache_async',
      'read_swap_cache_async',
      'swapin_*',
      'swap_cluster_readahead',
      'swap_vma_readahead',
      'alloc_swap_folio',
      '__alloc_swap_folio',
    ],
    reach: 'outer',
    source: 'mm/swap_state.c, mm/memory.c',
  },
  {
    id: 'khugepaged',
    class: 'user-anon',
    frames: [
      'alloc_charge_folio',
      'alloc_charge_hpage',
      'collapse_huge_page',
      'khugepaged_alloc_page',
      'hpage_collapse_*',
    ],
    gfp: { all: ['MOVABLE'] },
    reach: 'outer',
    source: 'mm/khugepaged.c',
  },
  { id: 'ksm', class: 'user-anon', callSite: ['ksm_might_need_to_copy'], source: 'mm/ksm.c' },
  {
    id: 'migration-target',
    class: 'user-anon',
    frames: ['alloc_migration_target*', 'alloc_misplaced_dst_*', 'alloc_demote_*', 'alloc_migrate_folio', 'new_folio'],
    reach: 'outer',
    source: 'mm/migrate.c, mm/vmscan.c, mm/mempolicy.c: what is migrated is anonymous memory or page cache',
  },
  {
    id: 'exec-arguments',
    class: 'user-anon',
    callSite: ['get_arg_page', 'copy_strings', 'copy_string_kernel', 'setup_arg_pages'],
    source: 'fs/exec.c',
  },
  {
    id: 'user-memory-helper',
    class: 'user-anon',
    frames: [
      'vma_alloc_folio*',
      'vma_alloc_zeroed_movable_folio',
      'alloc_zeroed_user_highpage_movable',
      'alloc_pages_vma',
      'alloc_anon_folio',
      'vma_alloc_anon_folio_pmd',
      'folio_prealloc',
    ],
    rank: 'last',
    source: 'mm/mempolicy.c, include/linux/highmem.h',
  },
  {
    id: 'page-cache-helper',
    class: 'user-file',
    frames: ['filemap_alloc_folio*', '__page_cache_alloc'],
    rank: 'last',
    source: 'mm/filemap.c, called by file systems directly',
  },
];

const BUFFERS: readonly StackRule[] = [
  {
    id: 'pipe',
    class: 'pipe',
    callSite: ['anon_pipe_*', 'fifo_pipe_*', 'pipe_write', 'push_pipe', 'append_pipe', 'copy_splice_read'],
    source: 'fs/pipe.c, fs/splice.c',
  },
  {
    id: 'page-pool',
    class: 'socket-buffer',
    frames: ['page_pool_*', '__page_pool_*'],
    reach: 'outer',
    source: 'net/core/page_pool.c',
  },
  {
    id: 'page-fragments',
    class: 'socket-buffer',
    frames: [
      'skb_page_frag_refill',
      'sk_page_frag_refill',
      '__page_frag_cache_refill',
      '__page_frag_alloc*',
      'page_frag_alloc*',
      'page_frag_refill*',
      '__napi_alloc_frag*',
      'napi_alloc_frag*',
      '__netdev_alloc_frag*',
      'netdev_alloc_frag*',
    ],
    reach: 'outer',
    source: 'net/core/sock.c, net/core/skbuff.c, mm/page_frag_cache.c',
  },
  {
    id: 'skb',
    class: 'socket-buffer',
    frames: [
      '__alloc_skb',
      '__netdev_alloc_skb*',
      '__napi_alloc_skb*',
      'napi_alloc_skb',
      'alloc_skb_with_frags',
      'sock_alloc_send_pskb',
      'skb_copy_ubufs',
      'tcp_alloc_rx_*',
    ],
    reach: 'outer',
    source: 'net/core/skbuff.c, net/core/sock.c',
  },
  {
    id: 'percpu-chunk',
    class: 'percpu',
    frames: [
      'pcpu_alloc_pages',
      'pcpu_populate_chunk',
      'pcpu_create_chunk',
      'pcpu_balance_*',
      'pcpu_alloc',
      'pcpu_mem_zalloc',
    ],
    reach: 'outer',
    source: 'mm/percpu.c, mm/percpu-vm.c',
  },
];

const NAMED_OTHERS: readonly StackRule[] = [
  {
    id: 'trace-buffer',
    class: 'driver/other',
    frames: ['__rb_allocate_pages', 'rb_allocate_*', 'ring_buffer_*', 'tracing_*', 'trace_buffered_event_*'],
    reach: 'outer',
    source: 'kernel/trace/ring_buffer.c, kernel/trace/trace.c',
  },
  {
    id: 'perf-buffer',
    class: 'driver/other',
    frames: ['rb_alloc', 'rb_alloc_aux*', 'perf_mmap*'],
    reach: 'outer',
    source: 'kernel/events/ring_buffer.c',
  },
  {
    id: 'compressed-swap',
    class: 'driver/other',
    frames: [
      'alloc_zspage',
      'alloc_zpdesc',
      'zs_malloc',
      'zpool_malloc',
      'zbud_alloc',
      'z3fold_alloc',
      'zram_*',
      'zswap_*',
    ],
    reach: 'outer',
    source: 'mm/zsmalloc.c, mm/zswap.c, drivers/block/zram/zram_drv.c',
  },
  { id: 'bpf', class: 'driver/other', callSite: ['bpf_*', '__bpf_*', 'arena_*'], source: 'kernel/bpf/' },
  { id: 'io-uring', class: 'driver/other', callSite: ['io_*'], source: 'io_uring/memmap.c' },
  {
    id: 'dma',
    class: 'driver/other',
    frames: [
      'dma_direct_alloc*',
      '__dma_direct_alloc*',
      'dma_common_alloc*',
      '__iommu_dma_alloc*',
      'iommu_*',
      'dma_alloc_*',
    ],
    reach: 'outer',
    source: 'kernel/dma/direct.c, drivers/iommu/',
  },
  {
    id: 'guest-tables',
    class: 'driver/other',
    callSite: ['kvm_*', '__kvm_*', 'mmu_topup_*', 'mmu_memory_cache_alloc_obj', 'stage2_*'],
    source: 'virt/kvm/kvm_main.c, arch/arm64/kvm/',
  },
  { id: 'balloon', class: 'driver/other', frames: ['balloon_page_alloc'], reach: 'outer', source: 'mm/balloon.c' },
  { id: 'handover', class: 'driver/other', callSite: ['kho_*'], source: 'kernel/liveupdate/' },
  { id: 'scatter-list', class: 'driver/other', frames: ['sgl_alloc*'], reach: 'outer', source: 'lib/scatterlist.c' },
  {
    id: 'boot-tables',
    class: 'driver/other',
    frames: ['alloc_large_system_hash', 'vmemmap_*', 'alloc_page_ext'],
    reach: 'outer',
    source: 'mm/mm_init.c, mm/sparse-vmemmap.c',
  },
];

/**
 * Which class an mm_page_alloc with a stack belongs to. The innermost frame that any rule names decides; among rules
 * that name the same frame, the first.
 */
export const STACK_RULES: readonly StackRule[] = [
  ...TOOLING,
  ...SLAB,
  ...PAGE_TABLE,
  ...MMU_GATHER,
  ...SHADOW_CALL_STACK,
  ...KERNEL_STACK,
  ...VMALLOC,
  ...FILE,
  ...ANONYMOUS,
  ...BUFFERS,
  ...NAMED_OTHERS,
];
