/**
 * What becomes of the tags of memory that is freed.
 *
 * - `poison`: it gets the tag that no pointer has, and its next owner a new one. That is what Linux 7.3 does.
 * - `keep`: nothing is written; it keeps its last owner's tag until somebody else gets it, with a new one.
 * - `redraw`: it gets a new random tag, which its next owner takes over, so that nothing is written then.
 */
export type FreedTags = 'poison' | 'keep' | 'redraw';

export const FREED_TAGS = ['poison', 'keep', 'redraw'] as const satisfies readonly FreedTags[];

/** Which page allocations are tagged: from an order on, every so many-th (mm/kasan/kasan.h:kasan_sample_page_alloc). */
export interface PageAllocSample {
  /** `kasan.page_alloc.sample=` */
  readonly every: number;
  /** `kasan.page_alloc.sample.order=` */
  readonly order: number;
}

/** What a kernel does otherwise than Linux 7.3 when tags are written, whoever allocates. Hardware tags only. */
export interface KasanChanges {
  /** mm/page_alloc.c:__free_pages_prepare, where a page that was tagged comes back. */
  readonly freedPages: FreedTags;
  /** mm/kasan/common.c:__kasan_slab_free. */
  readonly freedObjects: FreedTags;
  /** mm/slub.c:alloc_slab_page: the page allocator tags a new slab (`tag`), or leaves it as it is (`skip`). */
  readonly newSlabs: 'tag' | 'skip';
  /** Undefined: as the boot parameters say. */
  readonly sample?: PageAllocSample | undefined;
}

/** Linux 7.3 as it is. */
export const NO_CHANGES: KasanChanges = { freedPages: 'poison', freedObjects: 'poison', newSlabs: 'tag' };
