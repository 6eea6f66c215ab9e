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

/**
 * Who marks a new slab.
 *
 * - `tag`: the page allocator tags its pages, and slab poisons them (mm/kasan/common.c:__kasan_poison_slab). Linux 7.3.
 * - `skip`: slab alone.
 * - `leave`: nobody. What no object was given out of has the tags that its pages came with.
 */
export type NewSlabs = (typeof NEW_SLABS)[number];

export const NEW_SLABS = ['tag', 'skip', 'leave'] as const;

/**
 * Who tags a kmalloc that is too large for a slab cache.
 *
 * - `pages`: the page allocator, and the hook of kmalloc poisons the end. Linux 7.3.
 * - `hooks`: the hooks of kmalloc and kfree alone; the page allocator is asked with __GFP_SKIP_KASAN.
 */
export type LargeKmalloc = (typeof LARGE_KMALLOC)[number];

export const LARGE_KMALLOC = ['pages', 'hooks'] as const;

/**
 * Which tags are drawn for slab objects and pages.
 *
 * - `any`: one of all. Linux 7.3.
 * - `distinct`: one that the memory did not have before, and that what lies before and behind it does not have.
 */
export type Draws = (typeof DRAWS)[number];

export const DRAWS = ['any', 'distinct'] as const;

/** What a kernel does otherwise than Linux 7.3 when tags are written, whoever allocates. Hardware tags only. */
export interface KasanChanges {
  /** mm/page_alloc.c:__free_pages_prepare, where a page that was tagged comes back. */
  readonly freedPages: FreedTags;
  /** mm/kasan/common.c:__kasan_slab_free. */
  readonly freedObjects: FreedTags;
  /** Who marks a new slab. */
  readonly newSlabs: NewSlabs;
  /** Who tags a kmalloc that is too large for a slab cache. */
  readonly largeKmalloc: LargeKmalloc;
  /** Which tags are drawn for slab objects and pages. */
  readonly draws: Draws;
  /** Undefined: as the boot parameters say. */
  readonly sample?: PageAllocSample | undefined;
}

/** Linux 7.3 as it is. */
export const NO_CHANGES: KasanChanges = {
  freedPages: 'poison',
  freedObjects: 'poison',
  newSlabs: 'tag',
  largeKmalloc: 'pages',
  draws: 'any',
};
