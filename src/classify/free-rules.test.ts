import { expect, test } from 'vitest';
import { classifyFree } from './free-rules.ts';
import { normalizeSymbol } from './symbol.ts';

test.each([
  [
    '__free_frozen_pages < ___free_pages < __free_pages < pagetable_free < tlb_remove_table_rcu < rcu_core',
    'page-table',
  ],
  ['__free_frozen_pages < ___free_pages < free_pages < tlb_remove_table_rcu < rcu_core < rcu_core_si', 'mmu-gather'],
  ['__free_frozen_pages < ___free_pages < free_pages < tlb_finish_mmu < exit_mmap < __mmput', 'mmu-gather'],
  [
    '__free_frozen_pages < ___free_pages < __free_pages < pgd_free < __mmdrop < finish_task_switch.isra.0',
    'page-table',
  ],
  ['__free_frozen_pages < ___free_pages < __free_pages < free_pipe_info < pipe_release < __fput', 'pipe'],
  ['__free_frozen_pages < free_frozen_pages < __free_slab < free_slab < __slab_free', 'slab-page'],
  [
    'free_pages_prepare < __free_contig_range_common.constprop.0 < free_pages_bulk < vm_area_free_pages < vfree < delayed_vfree_work',
    'area',
  ],
  ['free_unref_folios < folios_put_refs < __folio_batch_release < shmem_undo_range < shmem_evict_inode', 'user-file'],
  [
    'free_unref_folios < folios_put_refs < release_pages < __tlb_batch_free_encoded_pages < tlb_finish_mmu',
    'user-anon',
  ],
  [
    'free_unref_folios < folio_batch_move_lru < __folio_batch_add_and_move < folio_add_lru_vma < wp_page_copy',
    'user-anon',
  ],
])('arm64 7.3: %s', (stack, expected) => {
  expect(classifyFree(['__traceiter_mm_page_free', ...stack.split(' < ').map(normalizeSymbol)])).toBe(expected);
});

test.each([
  ['__free_frozen_pages < tlb_remove_table_rcu < rcu_do_batch < rcu_core < handle_softirqs', 'page-table'],
  ['__free_frozen_pages < rcu_do_batch < rcu_core < handle_softirqs < run_ksoftirqd', 'mmu-gather'],
  ['__free_frozen_pages < tlb_finish_mmu < vms_clear_ptes.part.0 < vms_complete_munmap_vmas', 'mmu-gather'],
  ['__free_frozen_pages < __mmdrop < finish_task_switch.isra.0 < schedule_tail', 'page-table'],
  ['__free_frozen_pages < __put_partials < kmem_cache_free < rcu_do_batch < rcu_core', 'slab-page'],
  ['__free_frozen_pages < kmem_cache_free < put_pid.part.0 < rcu_do_batch', 'slab-page'],
  ['__free_frozen_pages < __kmem_cache_free_bulk.part.0 < rcu_free_sheaf < rcu_do_batch', 'slab-page'],
  ['__free_frozen_pages < vfree.part.0 < delayed_vfree_work < process_one_work', 'area'],
  ['free_unref_folios < folios_put_refs < free_pages_and_swap_cache < __tlb_batch_free_encoded_pages', 'user-anon'],
  ['__free_frozen_pages < page_cache_ra_order < filemap_fault < __do_fault', 'user-file'],
  ['free_unref_folios < folios_put_refs < truncate_inode_pages_range < ext4_evict_inode < evict', 'user-file'],
])('x86 6.18: %s', (stack, expected) => {
  expect(classifyFree(stack.split(' < ').map(normalizeSymbol))).toBe(expected);
});

test('what does not tell is undefined', () => {
  expect(classifyFree([])).toBe(undefined);
  // Either a preallocated table or the copy of a page that the fault did not need.
  expect(classifyFree(['__free_frozen_pages', 'do_fault', '__handle_mm_fault'])).toBe(undefined);
});

test('vfree by its caller is an area, unless the caller releases a stack', () => {
  expect(classifyFree(['__free_pages', 'vfree', 'bpf_map_area_free'])).toBe('vmalloc');
  expect(classifyFree(['__free_pages', 'vfree', 'free_vm_stack_cache', 'cpuhp_invoke_callback'])).toBe('kernel-stack');
});

test('a deferred vfree may be of a kernel stack or of a shadow call stack (kernel/scs.c:scs_free, vfree_atomic)', () => {
  expect(classifyFree(['vfree', 'delayed_vfree_work', 'process_one_work'])).toBe('area');
  expect(classifyFree(['vfree', 'scs_cleanup', 'cpuhp_invoke_callback'])).toBe('shadow-call-stack');
  expect(classifyFree(['vfree', 'thread_stack_free_rcu', 'rcu_core'])).toBe('kernel-stack');
});

test.each([
  ['deferred struct pages, when a zone runs out', '__free_pages_ok < deferred_init_memmap_chunk < deferred_grow_zone'],
  ['the same up to 6.15', '__free_pages_core < deferred_free_pages < deferred_init_maxorder < deferred_grow_zone'],
  ['hotplug', '__free_pages_ok < __free_pages_core < generic_online_page < online_pages_range < online_pages'],
  [
    'memory that a confidential guest accepts',
    '__free_pages_ok < __accept_page < cond_accept_memory < get_page_from_freelist',
  ],
  ['what only boot needed', '__free_frozen_pages < free_reserved_area < free_initmem < kernel_init'],
])('memory that never was allocated: %s', (_what, stack) => {
  expect(classifyFree(stack.split(' < '))).toBe('boot-memory');
});

test('large kmalloc', () => {
  expect(classifyFree(['__free_frozen_pages', 'free_large_kmalloc', 'kfree', 'bpf_map_area_free'])).toBe(
    'kmalloc-large',
  );
});
