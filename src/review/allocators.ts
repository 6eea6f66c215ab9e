import { compileFramePatterns, type FrameMatcher, type FramePatterns } from '../classify/frame-pattern.ts';

/** Who takes the mask of a call: what a flag in it does follows from that. */
export type Allocator = 'pages' | 'vmalloc' | 'slab' | 'kmalloc';

/** Functions that take a gfp mask and allocate, as callers write them (without `_noprof`). */
const CALLEES: readonly { readonly allocator: Allocator; readonly names: FramePatterns; readonly source: string }[] = [
  {
    allocator: 'slab',
    names: ['kmem_cache_alloc*', 'kmem_cache_zalloc*', 'kmem_cache_prefill_sheaf*', 'kmem_cache_charge'],
    source: 'include/linux/slab.h',
  },
  {
    allocator: 'kmalloc',
    names: [
      'kmalloc*',
      'kzalloc*',
      'kcalloc*',
      'krealloc*',
      '__kmalloc*',
      'kvmalloc*',
      'kvzalloc*',
      'kvcalloc*',
      'kvrealloc*',
      'kmemdup*',
      'kstrdup*',
      'kstrndup*',
      'devm_kmalloc*',
      'devm_kzalloc*',
    ],
    source: 'include/linux/slab.h, include/linux/string.h',
  },
  {
    allocator: 'vmalloc',
    names: ['vmalloc*', '__vmalloc*', 'vzalloc*', 'vrealloc*'],
    source: 'include/linux/vmalloc.h',
  },
  {
    allocator: 'pages',
    names: [
      'alloc_page',
      'alloc_pages*',
      '__alloc_pages*',
      'alloc_frozen_pages*',
      '__alloc_frozen_pages*',
      '__get_free_page*',
      'get_zeroed_page*',
      'folio_alloc*',
      '__folio_alloc*',
      'vma_alloc_*',
      'pagetable_alloc*',
      'alloc_contig_*',
      'dev_alloc_page*',
      '__dev_alloc_page*',
    ],
    source: 'include/linux/gfp.h, include/linux/mm.h, include/linux/skbuff.h',
  },
];

const MATCHERS: readonly (readonly [Allocator, FrameMatcher])[] = CALLEES.map(({ allocator, names }) => [
  allocator,
  compileFramePatterns(names),
]);

/** Who serves a call, or undefined for a function that is no allocator's. */
export const allocatorOf = (callee: string): Allocator | undefined =>
  MATCHERS.find(([, matches]) => matches(callee))?.[0];
