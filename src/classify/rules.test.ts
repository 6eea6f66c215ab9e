import { expect, test } from 'vitest';
import { gfpNames } from './gfp-names.testdata.ts';
import { compileStackRules } from './rules.ts';
import { STACK_RULES } from './stack-rules.ts';
import { normalizeSymbol } from './symbol.ts';

const ARM64_7_3 = compileStackRules({ major: 7, minor: 3 });
const X86_6_18 = compileStackRules({ major: 6, minor: 18 });

const framesOf = (stack: string): string[] => stack.split(' < ').map(normalizeSymbol);
const arm64 = (stack: string, gfp: string, order = 0): string | undefined => {
  const flags = gfpNames(gfp);
  return ARM64_7_3(framesOf(`__traceiter_mm_page_alloc < ${stack}`), (flag) => flags.has(flag), order)?.class;
};
const x86 = (stack: string, gfp: string, order = 0): string | undefined => {
  const flags = gfpNames(gfp);
  const frames = framesOf(`trace_event_raw_event_mm_page_alloc < __alloc_frozen_pages_noprof < ${stack}`);
  return X86_6_18(frames, (flag) => flags.has(flag), order)?.class;
};

const TABLE = 'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP';
const ANON = 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP';
const COPY = 'GFP_HIGHUSER_MOVABLE|__GFP_COMP';
const SLAB = 'GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC';
const READAHEAD = 'GFP_NOFS|__GFP_HIGHMEM|__GFP_MOVABLE|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_HARDWALL';

const PAGES = '__alloc_frozen_pages_noprof < alloc_pages_node_noprof';
const FORK = 'kernel_clone < __do_sys_clone < __arm64_sys_clone < invoke_syscall.constprop.0';
const FAULT = '__handle_mm_fault < handle_mm_fault < do_page_fault < do_translation_fault';

test.each([
  ['page-table', `${PAGES} < __pte_alloc < copy_page_range < dup_mmap < copy_process < ${FORK}`, TABLE],
  ['page-table', `${PAGES} < pgd_alloc < mm_init.constprop.0 < copy_process < ${FORK}`, TABLE],
  ['page-table', `${PAGES} < __do_fault < ${FAULT}`, TABLE],
  [
    'page-table',
    `${PAGES} < __pte_alloc_kernel < vmap_small_pages_range_noflush < __vmap_pages_range_noflush < __vmalloc_node_range_noprof < __vmalloc_node_noprof < copy_process < ${FORK}`,
    'GFP_KERNEL|__GFP_ZERO|__GFP_COMP',
  ],
  [
    'kernel-stack',
    `${PAGES} < __vmalloc_node_range_noprof < __vmalloc_node_noprof < copy_process < ${FORK}`,
    'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO',
  ],
  [
    'mmu-gather',
    `${PAGES} < get_free_pages_noprof < __tlb_remove_folio_pages_size.constprop.0 < __tlb_remove_folio_pages < __zap_vma_range < unmap_vmas`,
    'GFP_NOWAIT',
  ],
  [
    'mmu-gather',
    `${PAGES} < get_free_pages_noprof < tlb_remove_table < free_pgd_range < free_pgtables < exit_mmap`,
    'GFP_NOWAIT',
  ],
  [
    'slab-page',
    `__alloc_frozen_pages_noprof < new_slab < refill_objects < __pcs_replace_empty_main < kmem_cache_alloc_node_noprof < alloc_vmap_area < __get_vm_area_node < __vmalloc_node_range_noprof < __vmalloc_node_noprof < copy_process < ${FORK}`,
    SLAB,
  ],
  [
    'slab-page',
    '__alloc_frozen_pages_noprof < new_slab < refill_objects < __prefill_sheaf_pfmemalloc < kmem_cache_prefill_sheaf < mas_preallocate < __split_vma',
    SLAB,
  ],
  ['user-anon', `__alloc_frozen_pages_noprof < __folio_alloc_noprof < vma_alloc_zeroed_movable_folio < ${FAULT}`, ANON],
  ['user-anon', `__alloc_frozen_pages_noprof < __folio_alloc_noprof < wp_page_copy < ${FAULT}`, COPY],
  ['user-anon', `__alloc_frozen_pages_noprof < __folio_alloc_noprof < ${FAULT}`, COPY],
  [
    'user-file',
    '__alloc_frozen_pages_noprof < __folio_alloc_noprof < shmem_alloc_and_add_folio.constprop.0 < shmem_get_folio_gfp.isra.0 < shmem_write_begin',
    COPY,
  ],
  ['pipe', `${PAGES} < anon_pipe_prefill_and_lock < anon_pipe_write < vfs_write`, 'GFP_HIGHUSER|__GFP_ACCOUNT'],
])('arm64 7.3, %s: %s', (expected, stack, gfp) => {
  expect(arm64(stack, gfp)).toBe(expected);
});

test.each([
  [
    'page-table',
    'alloc_pages_mpol < alloc_pages_noprof < pte_alloc_one < __pte_alloc < do_anonymous_page < __handle_mm_fault',
    TABLE,
  ],
  [
    'page-table',
    'alloc_pages_mpol < alloc_pages_noprof < pte_alloc_one < __do_fault < do_fault < __handle_mm_fault',
    TABLE,
  ],
  [
    'mmu-gather',
    'alloc_pages_mpol < alloc_pages_noprof < get_free_pages_noprof < tlb_next_batch < __tlb_remove_folio_pages < unmap_page_range',
    'GFP_NOWAIT',
  ],
  [
    'slab-page',
    'alloc_pages_mpol < allocate_slab < ___slab_alloc < __slab_alloc.isra.0 < kmem_cache_alloc_noprof < alloc_pid < copy_process',
    'GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP',
  ],
  [
    'slab-page',
    'allocate_slab < ___slab_alloc < __slab_alloc.isra.0 < __kmalloc_node_noprof < alloc_slab_obj_exts < allocate_slab < ___slab_alloc < __slab_alloc.isra.0 < kmem_cache_alloc_node_noprof < copy_process',
    'GFP_NOWAIT|__GFP_NORETRY|__GFP_COMP|__GFP_THISNODE',
  ],
  ['user-anon', 'alloc_pages_mpol < vma_alloc_folio_noprof < do_anonymous_page < __handle_mm_fault', ANON],
  ['user-anon', 'alloc_pages_mpol < vma_alloc_folio_noprof < do_wp_page < __handle_mm_fault', COPY],
  [
    'user-file',
    'alloc_pages_mpol < folio_alloc_noprof < page_cache_ra_unbounded < filemap_fault < __do_fault < do_fault',
    READAHEAD,
  ],
  [
    'user-file',
    'alloc_pages_mpol < folio_alloc_noprof < __filemap_get_folio < ext4_da_write_begin < generic_perform_write',
    'GFP_HIGHUSER_MOVABLE|__GFP_WRITE|__GFP_COMP',
  ],
])('x86 6.18, %s: %s', (expected, stack, gfp) => {
  expect(x86(stack, gfp)).toBe(expected);
});

// Not in the recordings at hand; frames as the functions call each other in the sources of 6.12 and 7.3.
test.each([
  [
    'kernel-stack',
    'alloc_pages_mpol < vm_area_alloc_pages < __vmalloc_node_range_noprof < alloc_thread_stack_node < dup_task_struct',
    'GFP_KERNEL|__GFP_HIGHMEM|__GFP_ZERO|__GFP_NOWARN',
  ],
  [
    'kernel-stack',
    'alloc_pages_mpol < alloc_thread_stack_node < dup_task_struct < copy_process',
    'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
  ],
  [
    'vmalloc',
    'alloc_pages_mpol < __vmalloc_node_range_noprof < __vmalloc_node_noprof < bpf_map_area_alloc',
    'GFP_KERNEL|__GFP_HIGHMEM|__GFP_NOWARN',
  ],
  [
    'vmalloc',
    'alloc_pages_mpol < __vmalloc_node_range_noprof < execmem_alloc < bpf_jit_alloc_exec < bpf_jit_binary_alloc',
    'GFP_KERNEL|__GFP_HIGHMEM|__GFP_NOWARN',
  ],
  [
    'kmalloc-large',
    'alloc_frozen_pages_noprof < ___kmalloc_large_node < __kmalloc_large_node_noprof < __kmalloc_noprof < alloc_ring',
    'GFP_KERNEL|__GFP_COMP',
  ],
  ['kmalloc-large', 'alloc_pages_mpol < __kmalloc_large_noprof < load_elf_phdrs', 'GFP_KERNEL|__GFP_COMP'],
  [
    'socket-buffer',
    'alloc_pages_mpol < skb_page_frag_refill < sk_page_frag_refill < tcp_sendmsg_locked',
    'GFP_KERNEL|__GFP_COMP',
  ],
  [
    'socket-buffer',
    'alloc_pages_bulk_noprof < __page_pool_alloc_netmems_slow < page_pool_alloc_netmems < mlx5e_post_rx',
    'GFP_ATOMIC',
  ],
  [
    'percpu',
    'alloc_pages_mpol < alloc_pages_noprof < pcpu_populate_chunk < pcpu_alloc_noprof < mm_init',
    'GFP_KERNEL|__GFP_HIGHMEM',
  ],
  [
    'percpu',
    'alloc_pages_mpol < pcpu_alloc_pages < pcpu_balance_workfn < process_one_work',
    'GFP_KERNEL|__GFP_HIGHMEM',
  ],
  ['pipe', 'alloc_pages_mpol < pipe_write < vfs_write', 'GFP_HIGHUSER|__GFP_ACCOUNT'],
  [
    'driver/other',
    'alloc_pages_mpol < __rb_allocate_pages < rb_allocate_cpu_buffer < trace_rb_cpu_prepare',
    'GFP_KERNEL|__GFP_ZERO',
  ],
  ['driver/other', 'alloc_pages_mpol < alloc_zspage < zs_malloc < zram_write_page', '__GFP_HIGHMEM|__GFP_MOVABLE'],
  [
    'user-anon',
    '__alloc_pages_noprof < alloc_buddy_hugetlb_folio < alloc_fresh_hugetlb_folio < alloc_pool_huge_folio',
    'GFP_HIGHUSER|__GFP_COMP',
  ],
])('%s: %s', (expected, stack, gfp) => {
  expect(x86(stack, gfp)).toBe(expected);
});

test('only the caller of vmalloc makes an area a stack: a big descriptor table is copied in fork as well', () => {
  const stack = `${PAGES} < __vmalloc_node_range_noprof < __kvmalloc_node_noprof < alloc_fdtable < dup_fd < copy_process`;
  expect(arm64(stack, 'GFP_KERNEL_ACCOUNT|__GFP_HIGHMEM|__GFP_NOWARN')).toBe('vmalloc');
});

test('where table allocation is inlined the flags decide', () => {
  const stack = `${PAGES} < do_anonymous_page < ${FAULT}`;
  expect(arm64(stack, TABLE)).toBe('page-table');
  expect(arm64(stack, ANON)).toBe('user-anon');
  const withCpusets = 'GFP_USER|__GFP_ACCOUNT|__GFP_ZERO|__GFP_COMP';
  expect(arm64(`${PAGES} < copy_page_range < dup_mmap < copy_process`, withCpusets)).toBe('page-table');
});

test('a shmem page through the helper of anonymous memory (5.17 to 6.10) is a file page', () => {
  expect(x86('vma_alloc_folio < shmem_alloc_folio < shmem_alloc_and_acct_folio < shmem_get_folio_gfp', COPY)).toBe(
    'user-file',
  );
});

test('the stack depot is not the slab it records', () => {
  const stack = 'alloc_pages_mpol < stack_depot_save_flags < kasan_save_stack < kmem_cache_alloc_noprof < alloc_pid';
  expect(x86(stack, 'GFP_NOWAIT')).toBe('driver/other');
});

test('a driver below a page fault is a driver', () => {
  expect(x86('alloc_pages_mpol < gpu_fault < __do_fault < do_fault', 'GFP_KERNEL|__GFP_COMP')).toBe('driver/other');
});

test('user memory of an unlisted caller is left to the flags', () => {
  expect(x86('alloc_pages_mpol < folio_alloc_noprof < some_new_function', COPY)).toBe(undefined);
});

test('a stack that shows only the allocator decides nothing, unless it is a refill', () => {
  expect(X86_6_18([], () => false, 0)).toBe(undefined);
  expect(x86('alloc_pages_mpol < alloc_pages_noprof', TABLE)).toBe(undefined);
  expect(x86('alloc_pages_mpol < __vmalloc_node_range_noprof', 'GFP_KERNEL|__GFP_HIGHMEM')).toBe(undefined);
  expect(x86('alloc_pages_mpol < allocate_slab < ___slab_alloc', SLAB)).toBe('slab-page');
});

test('rules have ids of their own', () => {
  const ids = STACK_RULES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
