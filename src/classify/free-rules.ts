import type { AllocationClass } from '../base/allocation-class.ts';
import { TRACING_FRAMES } from './allocator-frames.ts';
import { type FramePatterns, compileFramePatterns } from './frame-pattern.ts';

/**
 * What a freed page was: of a class; of a vmalloc area of which it is not told what it was for; or memory that the page
 * allocator gets for the first time, and that never was allocated.
 */
export type FreedMemory = AllocationClass | 'area' | 'boot-memory';

/**
 * How the pages of one class are released: what the innermost named frame of an mm_page_free says. Used for pages
 * whose allocation was not seen (made before the recording, or by the bulk allocator).
 */
export interface FreeRule {
  readonly id: string;
  readonly class: FreedMemory;
  readonly frames: FramePatterns;
  /** The next inner frame is one of these. */
  readonly calls?: FramePatterns;
  readonly source: string;
}

/** The core's own functions, of which optimised kernels show only the first: the rest are tail calls. */
const CORE_FRAMES: FramePatterns = [
  'free_pages_prepare',
  '__free_frozen_pages',
  'free_frozen_pages',
  'free_unref_page*',
  '__free_pages_ok',
  'free_the_page',
];

const FREE_RULES_SLAB: readonly FreeRule[] = [
  {
    id: 'slab',
    class: 'slab-page',
    frames: [
      '__free_slab',
      'free_slab',
      'discard_slab',
      'rcu_free_slab',
      '__put_partials',
      '__unfreeze_partials',
      'unfreeze_partials',
      'slab_destroy*',
      'kmem_freepages',
      '__slab_free',
      'kmem_cache_free*',
      '__kmem_cache_free*',
      '__kmem_cache_do_shrink',
      'free_partial',
      'rcu_free_sheaf*',
      '__pcs_replace_full_main',
    ],
    source: 'mm/slub.c',
  },
  {
    id: 'large-kmalloc',
    class: 'kmalloc-large',
    frames: ['free_large_kmalloc', 'kfree', 'kfree_sensitive'],
    source: 'mm/slub.c: slab pages show one of the functions above',
  },
];

const FREE_RULES_TABLES: readonly FreeRule[] = [
  {
    id: 'mmu-gather-table-batch',
    class: 'mmu-gather',
    frames: ['tlb_remove_table_rcu', '__tlb_remove_table_free', 'tlb_remove_table_free', 'tlb_table_flush'],
    calls: ['free_pages', 'free_page'],
    source: 'mm/mmu_gather.c: tables go through __free_pages, the page that lists them through free_pages',
  },
  {
    id: 'mmu-gather-table-batch-tail-call',
    class: 'mmu-gather',
    frames: ['rcu_do_batch', 'rcu_core'],
    calls: CORE_FRAMES,
    source: 'mm/mmu_gather.c: the last act of tlb_remove_table_rcu; rcu_free_slab may look the same',
  },
  {
    id: 'mmu-gather-page-batch',
    class: 'mmu-gather',
    frames: ['tlb_batch_list_free', 'tlb_finish_mmu'],
    calls: [...CORE_FRAMES, 'free_pages', 'free_page', '___free_pages', '__free_pages'],
    source: 'mm/mmu_gather.c',
  },
  {
    id: 'page-table',
    class: 'page-table',
    frames: [
      'pagetable_free',
      'pagetable_dtor_free',
      'tlb_remove_table_rcu',
      'tlb_remove_table_free',
      '__tlb_remove_table*',
      'tlb_remove_table_one',
      'tlb_remove_table_sync_*',
      'free_page_and_swap_cache',
      'pte_free*',
      'pmd_free*',
      'pud_free*',
      'p4d_free*',
      'pgd_free',
      '_pgd_free',
      '__pgd_free',
      'mm_free_pgd',
      '__mmdrop',
      'free_table_page',
      'kernel_pgtable_work_func',
      'vmap_try_huge_*',
    ],
    source: 'mm/mmu_gather.c, mm/pgtable-generic.c, arch/*/mm/pgtable.c, kernel/fork.c',
  },
];

const FREE_RULES_VMALLOC: readonly FreeRule[] = [
  {
    id: 'kernel-stack',
    class: 'kernel-stack',
    frames: [
      'thread_stack_free_rcu',
      'free_vm_stack_cache',
      'free_thread_stack',
      'release_task_stack',
      'put_task_stack',
      'free_task',
    ],
    source: 'kernel/fork.c',
  },
  {
    id: 'shadow-call-stack',
    class: 'shadow-call-stack',
    frames: ['scs_free', 'scs_release', 'scs_cleanup'],
    source: 'kernel/scs.c',
  },
  {
    id: 'deferred-vfree',
    class: 'area',
    frames: ['delayed_vfree_work', 'free_work'],
    source:
      'mm/vmalloc.c: a vfree in interrupt context is deferred, as by the RCU callback of stacks, and so is vfree_atomic (kernel/scs.c)',
  },
];

/** Page tags of such memory match all: it is not poisoned (mm/page_alloc.c:should_skip_kasan_poison, 7.3). */
const FREE_RULES_BOOT: readonly FreeRule[] = [
  {
    id: 'boot-memory',
    class: 'boot-memory',
    frames: [
      '__free_pages_core',
      'memblock_free_pages',
      'memblock_free_late',
      'deferred_init_*',
      'deferred_free_*',
      'deferred_grow_zone',
      'free_reserved_area',
      'free_reserved_page',
      'free_initmem',
      'free_initrd_mem',
      'init_cma_*',
    ],
    source:
      'mm/mm_init.c, mm/memblock.c, mm/page_alloc.c:free_reserved_area, mm/cma.c: struct pages are initialised, then freed',
  },
  {
    id: 'hotplug',
    class: 'boot-memory',
    frames: ['generic_online_page', 'online_pages_range', 'online_pages', 'virtio_mem_fake_online', 'hv_online_page'],
    source: 'mm/memory_hotplug.c:online_pages_range; drivers/virtio/virtio_mem.c',
  },
  {
    id: 'unaccepted-memory',
    class: 'boot-memory',
    frames: ['accept_page', '__accept_page', 'cond_accept_memory', 'try_to_accept_memory*'],
    source: 'mm/page_alloc.c:__accept_page: memory of a confidential guest, accepted when it is needed',
  },
];

const FREE_RULES_MEMORY: readonly FreeRule[] = [
  {
    id: 'page-cache',
    class: 'user-file',
    frames: [
      'shmem_undo_range',
      'shmem_free_*',
      'truncate_inode_*',
      'invalidate_mapping_*',
      'invalidate_inode_*',
      'delete_from_page_cache*',
      'filemap_free_folio',
      '__remove_mapping',
      'page_cache_ra_*',
      'filemap_get_pages',
      'read_pages',
      'try_to_free_buffers',
    ],
    source: 'mm/truncate.c, mm/shmem.c, mm/filemap.c, mm/readahead.c',
  },
  {
    id: 'page-cache-added',
    class: 'user-file',
    frames: ['folio_add_lru', 'filemap_add_folio', 'shmem_alloc_and_add_folio'],
    source: 'mm/swap.c: a batch of earlier folios, of the same kind when the task goes on with the same',
  },
  {
    id: 'user-memory',
    class: 'user-anon',
    frames: [
      '__tlb_batch_free_encoded_pages',
      'tlb_batch_pages_flush',
      'free_pages_and_swap_cache',
      'free_swap_cache',
      'folio_add_lru_vma',
      'lru_cache_add_inactive_or_unevictable',
      'folio_batch_move_lru',
      'lru_add_drain*',
      'wp_page_copy',
      'do_wp_page',
      'put_page',
      'zap_pte_range',
      'unmap_page_range',
      '__split_huge_page*',
      'shrink_folio_list',
      'shrink_page_list',
      'migrate_pages_batch',
    ],
    source: 'mm/mmu_gather.c, mm/swap.c, mm/vmscan.c: file pages leave by truncation as a rule',
  },
];

const FREE_RULES_BUFFERS: readonly FreeRule[] = [
  {
    id: 'pipe',
    class: 'pipe',
    frames: [
      'anon_pipe_put_page',
      'anon_pipe_buf_release',
      'generic_pipe_buf_release',
      'free_pipe_info',
      'anon_pipe_*',
    ],
    source: 'fs/pipe.c',
  },
  {
    id: 'socket-buffer',
    class: 'socket-buffer',
    frames: [
      '__page_frag_cache_drain',
      'page_frag_free',
      'skb_free_frag',
      'skb_release_data',
      'skb_free_head',
      'page_pool_*',
      '__page_pool_*',
      'sk_destruct',
      '__sk_destruct',
    ],
    source: 'net/core/skbuff.c, net/core/page_pool.c, mm/page_frag_cache.c',
  },
  {
    id: 'percpu',
    class: 'percpu',
    frames: ['pcpu_free_pages', 'pcpu_depopulate_chunk', 'pcpu_destroy_chunk', 'pcpu_balance_*'],
    source: 'mm/percpu-vm.c',
  },
  {
    id: 'trace-buffer',
    class: 'driver/other',
    frames: ['rb_free_cpu_buffer', 'ring_buffer_*', 'rb_free*', 'perf_mmap*'],
    source: 'kernel/trace/ring_buffer.c, kernel/events/ring_buffer.c',
  },
  {
    id: 'compressed-swap',
    class: 'driver/other',
    frames: ['__free_zspage', 'free_zspage', 'zs_free', 'zram_*'],
    source: 'mm/zsmalloc.c',
  },
];

/** Tried when no frame further out says whose area it was. */
const FREE_RULES_LAST: readonly FreeRule[] = [
  {
    id: 'vmalloc',
    class: 'vmalloc',
    frames: ['vm_area_free_pages', 'vfree*', '__vfree*', '__vunmap', 'free_pages_bulk', '__free_contig_range*'],
    source: 'mm/vmalloc.c',
  },
];

export const FREE_RULES: readonly FreeRule[] = [
  ...FREE_RULES_SLAB,
  ...FREE_RULES_TABLES,
  ...FREE_RULES_VMALLOC,
  ...FREE_RULES_BOOT,
  ...FREE_RULES_MEMORY,
  ...FREE_RULES_BUFFERS,
];

const isTracing = compileFramePatterns(TRACING_FRAMES);

const compileRule = ({ frames, calls, ...rule }: FreeRule) => ({
  ...rule,
  named: compileFramePatterns(frames),
  calls: calls === undefined ? undefined : compileFramePatterns(calls),
});

const RULES = FREE_RULES.map(compileRule);
const LAST_RULES = FREE_RULES_LAST.map(compileRule);

/**
 * The class of the pages an mm_page_free releases, from its normalised frames, innermost first. Undefined when they do
 * not tell.
 */
export function classifyFree(frames: readonly string[]): FreedMemory | undefined {
  const own = frames.filter((frame) => !isTracing(frame));
  const decide = (rules: typeof RULES): FreedMemory | undefined => {
    for (const [index, frame] of own.entries()) {
      const rule = rules.find(
        ({ named, calls }) => named(frame) && (calls === undefined || (index > 0 && calls(own[index - 1]))),
      );
      if (rule !== undefined) return rule.class;
    }
    return undefined;
  };
  return decide(RULES) ?? decide(LAST_RULES);
}
