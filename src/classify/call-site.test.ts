import { expect, test } from 'vitest';
import { callSiteFrame, readableStack } from './call-site.ts';
import { normalizeSymbol } from './symbol.ts';

const callSite = (stack: string): string | undefined => {
  const frames = stack.split(' < ').map(normalizeSymbol);
  return frames[callSiteFrame(frames)];
};

test.each([
  [
    '__traceiter_mm_page_alloc < __alloc_frozen_pages_noprof < alloc_pages_node_noprof < __pte_alloc < copy_page_range',
    '__pte_alloc',
  ],
  [
    'trace_event_raw_event_mm_page_alloc < __alloc_frozen_pages_noprof < alloc_pages_mpol < alloc_pages_noprof < pte_alloc_one < __pte_alloc < do_anonymous_page',
    '__pte_alloc',
  ],
  [
    '__traceiter_mm_page_alloc < __alloc_frozen_pages_noprof < alloc_pages_node_noprof < __vmalloc_node_range_noprof < __vmalloc_node_noprof < copy_process < kernel_clone',
    'copy_process',
  ],
  [
    '__alloc_frozen_pages_noprof < new_slab < refill_objects < __pcs_replace_empty_main < kmem_cache_alloc_noprof < alloc_pid < copy_process',
    'alloc_pid',
  ],
  [
    '__alloc_frozen_pages_noprof < alloc_pages_mpol < allocate_slab < ___slab_alloc < __kmem_cache_alloc_bulk < kmem_cache_prefill_sheaf < mas_preallocate < __split_vma',
    'mas_preallocate',
  ],
  [
    '__alloc_frozen_pages_noprof < alloc_pages_mpol < alloc_pages_noprof < get_free_pages_noprof < tlb_next_batch < __tlb_remove_folio_pages',
    'tlb_next_batch',
  ],
  [
    '__alloc_frozen_pages_noprof < __folio_alloc_noprof < vma_alloc_zeroed_movable_folio < wp_page_copy < __handle_mm_fault',
    'wp_page_copy',
  ],
  ['__traceiter_kmalloc < __kmalloc_node_track_caller_noprof < kmemdup_noprof < ethnl_set', 'ethnl_set'],
  ['___free_pages < __free_pages < free_pipe_info < pipe_release', 'free_pipe_info'],
  ['kfree < kfree_skb_reason', 'kfree_skb_reason'],
])('%s', (stack, name) => {
  expect(callSite(stack)).toBe(name);
});

test('a stack of wrappers has no call site', () => {
  expect(callSiteFrame(['__traceiter_mm_page_alloc', '__alloc_frozen_pages', 'alloc_pages_mpol'])).toBe(-1);
  expect(callSiteFrame([])).toBe(-1);
});

test('a stack is read without the code that recorded it, and with one frame for a system call', () => {
  const frames = [
    '__traceiter_mm_page_alloc',
    '__alloc_frozen_pages',
    'copy_process',
    'sys_clone',
    'sys_clone',
    'el0_svc',
  ];
  expect(readableStack(frames)).toEqual(['__alloc_frozen_pages', 'copy_process', 'sys_clone', 'el0_svc']);
});
