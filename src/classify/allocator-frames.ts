import type { FramePatterns } from './frame-pattern.ts';

/** Functions between a tracepoint and what records its stack. They are innermost when the stack was not trimmed. */
export const TRACING_FRAMES: FramePatterns = [
  '__traceiter_*',
  '__do_trace_*',
  'trace_event_raw_event_*',
  'do_trace_event_raw_event_*',
  'trace_event_buffer_*',
  'trace_buffer_unlock_commit*',
  '__trace_stack',
  '__ftrace_trace_stack',
  'ftrace_trace_stack',
  'event_triggers_call',
  'event_triggers_post_call',
  'stacktrace_trigger',
  'stacktrace_count_trigger',
  'stack_trace_save*',
  'arch_stack_walk*',
  'perf_trace_*',
  'do_perf_trace_*',
  'perf_tp_event',
  'perf_callchain*',
  'get_perf_callchain',
  '__bpf_trace_*',
  'bpf_trace_run*',
  'bpf_get_stack*',
];

/** mm/slub.c (and mm/slab.c up to 6.7): functions that run only when a cache needs another slab page. */
export const SLAB_REFILL_FRAMES: FramePatterns = [
  'alloc_slab_page',
  'allocate_slab',
  'new_slab',
  'new_slab_objects',
  '___slab_alloc',
  '__slab_alloc',
  'refill_objects',
  '__refill_objects*',
  'refill_sheaf',
  '__prefill_sheaf_pfmemalloc',
  'alloc_full_sheaf',
  '__pcs_replace_empty_main',
  'alloc_from_pcs*',
  '__kmem_cache_alloc_bulk',
  'cache_grow*',
  'cache_alloc_refill',
  'fallback_alloc',
  'kmem_getpages',
];

/** mm/slub.c, mm/slab_common.c: kmalloc of more than KMALLOC_MAX_CACHE_SIZE. */
export const LARGE_KMALLOC_FRAMES: FramePatterns = [
  '___kmalloc_large_node',
  '__kmalloc_large*',
  'kmalloc_large*',
  'kmalloc_order*',
];

/** mm/slub.c, mm/slab_common.c: the allocation functions that callers use. */
export const SLAB_FRAMES: FramePatterns = [
  'kmem_cache_alloc*',
  'kmem_cache_prefill_sheaf',
  'kmem_cache_refill_sheaf',
  'kmem_cache_zalloc',
  'slab_alloc*',
  '__slab_alloc_node',
  '__kmem_cache_alloc*',
  '__kmalloc*',
  '__do_kmalloc*',
  '_kmalloc*',
  'kmalloc*',
  'kzalloc*',
  'kcalloc*',
  'krealloc*',
  '__do_krealloc',
  'kvmalloc*',
  '__kvmalloc*',
  'kvzalloc*',
  'kvcalloc*',
  'kvrealloc*',
  'alloc_slab_obj_exts',
  '__memcg_slab_post_alloc_hook',
  'memcg_slab_post_alloc_hook',
];

/** mm/vmalloc.c: functions that allocate the pages of an area. */
export const VMALLOC_FRAMES: FramePatterns = [
  '__vmalloc*',
  'vmalloc*',
  'vzalloc*',
  'vrealloc*',
  'vm_area_alloc_pages',
  'module_alloc',
  'execmem_alloc*',
  '__execmem_cache_alloc',
  'execmem_cache_*',
  'execmem_vmalloc',
  'bpf_jit_alloc_exec',
];

/** mm/vmalloc.c: address space and page tables of an area. */
const VMAP_FRAMES: FramePatterns = ['alloc_vmap_area', '__get_vm_area_node', 'get_vm_area*', '__get_vm_area_caller'];

/** mm/page_alloc.c, mm/mempolicy.c and the thin helpers on top of them. */
const PAGE_ALLOCATOR_FRAMES: FramePatterns = [
  '__alloc_frozen_pages*',
  'alloc_frozen_pages*',
  '__alloc_pages*',
  'alloc_pages*',
  'alloc_page_interleave',
  'alloc_page_vma',
  'get_page_from_freelist',
  '__folio_alloc*',
  'folio_alloc',
  'folio_alloc_mpol*',
  'folio_alloc_node',
  'vma_alloc_folio*',
  'vma_alloc_zeroed_movable_folio',
  'alloc_zeroed_user_highpage_movable',
  'get_free_pages',
  '__get_free_pages',
  '__get_free_page',
  'get_zeroed_page',
  '__alloc_contig*',
];

/** Helpers of one page-table level, and of one kind of folio, that the compiler inlines on some architectures. */
const TYPED_PAGE_FRAMES: FramePatterns = [
  'pagetable_alloc*',
  'pte_alloc_one*',
  '__pte_alloc_one*',
  'pmd_alloc_one*',
  'pud_alloc_one*',
  '__pud_alloc_one*',
  'p4d_alloc_one*',
  '__p4d_alloc_one*',
  '__pgd_alloc',
  '_pgd_alloc',
  'alloc_anon_folio',
  'vma_alloc_anon_folio_pmd',
  'folio_prealloc',
  'filemap_alloc_folio*',
  '__page_cache_alloc',
];

/** lib and mm helpers that allocate on behalf of their caller. */
const LIBRARY_FRAMES: FramePatterns = [
  'kmemdup*',
  'kvmemdup*',
  'kstrdup*',
  'kstrndup',
  'kasprintf',
  'kvasprintf*',
  'memdup_user*',
  'vmemdup_user',
  'strndup_user',
  'mempool_alloc*',
  'mempool_kmalloc',
  'devm_kmalloc*',
  'devm_kzalloc*',
];

/** The release functions, for the stacks of frees. */
const FREE_FRAMES: FramePatterns = [
  'free_pages_prepare',
  '__free_pages*',
  '___free_pages*',
  'free_pages',
  'free_pages_bulk',
  'free_frozen_pages',
  '__free_frozen_pages',
  'free_the_page',
  'free_unref_page*',
  'free_unref_folios',
  'free_pcp_prepare',
  '__free_contig_range*',
  '__folio_put',
  '__put_page',
  'folios_put_refs',
  'release_pages',
  'free_slab',
  '__free_slab',
  'discard_slab',
  'rcu_free_slab',
  '__slab_free',
  '__put_partials',
  '__unfreeze_partials',
  'kfree',
  'kfree_sensitive',
  'kfree_const',
  'kfree_bulk',
  'kfree_nolock',
  'kfree_rcu*',
  'kmem_cache_free*',
  '__kmem_cache_free*',
  '__pcs_replace_full_main',
  'rcu_free_sheaf*',
  'kvfree*',
  'vfree*',
  '__vfree*',
  '__vunmap',
  'vm_area_free_pages',
  'free_large_kmalloc',
  'mempool_free*',
];

/** Everything that is the allocator's own code: whoever calls it out of these is who wanted the memory. */
export const ALLOCATOR_FRAMES: FramePatterns = [
  ...SLAB_REFILL_FRAMES,
  ...LARGE_KMALLOC_FRAMES,
  ...SLAB_FRAMES,
  ...VMALLOC_FRAMES,
  ...VMAP_FRAMES,
  ...PAGE_ALLOCATOR_FRAMES,
  ...TYPED_PAGE_FRAMES,
  ...LIBRARY_FRAMES,
  ...FREE_FRAMES,
];
