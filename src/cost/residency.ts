import type { HookName } from '../kasan/hook.ts';

/**
 * Where the memory is likely to be whose tags a hook writes.
 *
 * - `page-alloc`: pages that the allocator gives out
 * - `page-free`: pages that come back to it, after their owner's use
 * - `object`: slab objects, which a cache hands out again the last one first
 * - `reused-stack`: a kernel stack from its CPU's cache
 * - `again`: what the hook before has written a moment ago
 */
export type Residency = (typeof RESIDENCIES)[number];

export const RESIDENCIES = ['page-alloc', 'page-free', 'object', 'reused-stack', 'again'] as const;

/** For each hook what memory it writes; see the functions of `src/kasan` for when the kernel calls them. */
export const RESIDENCY_OF_HOOK: { readonly [Hook in HookName]: Residency } = {
  __kasan_unpoison_pages: 'page-alloc',
  __kasan_poison_pages: 'page-free',
  // A new slab is poisoned right after page_alloc has unpoisoned it; its objects are set up next.
  __kasan_poison_slab: 'again',
  setup_object: 'again',
  __kasan_slab_alloc: 'object',
  // The redzone of an object that was unpoisoned a moment ago.
  __kasan_kmalloc: 'again',
  __kasan_slab_free: 'object',
  __kasan_kmalloc_large: 'again',
  __kasan_kfree_large: 'page-free',
  __kasan_unpoison_vmalloc: 'page-alloc',
  __kasan_unpoison_range: 'reused-stack',
  tag_clear_highpages: 'page-alloc',
  'clear_pages (alloc)': 'page-alloc',
  'clear_pages (free)': 'page-free',
  __kasan_krealloc: 'object',
  __kasan_vrealloc: 'page-alloc',
  __kasan_poison_vmalloc: 'page-free',
  __kasan_mempool_poison_object: 'object',
  __kasan_mempool_unpoison_object: 'object',
  __kasan_mempool_poison_pages: 'page-free',
};

/**
 * The hook that has written the memory of one that writes `again`, in the same row of a ledger. What it did not write, since
 * pages were skipped or sampled out, or since a policy gives objects out with the tag that they have, is touched for the
 * first time. Not for `setup_object`: a new slab is always marked before.
 */
export const WRITTEN_BY: ReadonlyMap<HookName, HookName> = new Map([
  ['__kasan_poison_slab', '__kasan_unpoison_pages'],
  ['__kasan_kmalloc', '__kasan_slab_alloc'],
  ['__kasan_kmalloc_large', '__kasan_unpoison_pages'],
]);
