import { GRANULE_BYTES } from '../base/units.ts';
import { GFP_SKIP_KASAN, gfpUnion, type Gfp } from '../gfp/flags.ts';
import { KASAN_TAG_INVALID, KASAN_TAG_KERNEL, type Tag } from '../mte/tag-machine.ts';
import { hookId } from './hook.ts';
import type { Kasan } from './kasan.ts';
import {
  drawTag,
  isPassedOnAsIs,
  kasan_poison,
  kasan_poison_last_granule,
  kasan_unpoison,
  wholeGranules,
} from './poison.ts';
import { SHADOW } from './shadow-values.ts';

const POISON_SLAB = hookId('__kasan_poison_slab');
const SETUP_OBJECT = hookId('setup_object');
const SLAB_ALLOC = hookId('__kasan_slab_alloc');
const KMALLOC = hookId('__kasan_kmalloc');
const SLAB_FREE = hookId('__kasan_slab_free');
const KMALLOC_LARGE = hookId('__kasan_kmalloc_large');
const KFREE_LARGE = hookId('__kasan_kfree_large');

/** What of a slab cache decides its tag work. */
export interface SlabCache {
  /** `object_size`: bytes that are unpoisoned at allocation; for a kmalloc cache its size. */
  readonly objectSize: number;
  /** Distance between objects in bytes, a multiple of 16 under HW_TAGS. */
  readonly size: number;
  /** Has a constructor, or is SLAB_TYPESAFE_BY_RCU: an object keeps one tag for its slab's life. */
  readonly ctor: boolean;
  /** SLAB_TYPESAFE_BY_RCU: freed objects stay accessible and are not poisoned. */
  readonly typesafeByRcu: boolean;
}

/** mm/kasan/common.c:assign_tag, 7.3: whether each allocation draws a new tag. */
const drawsTag = (cache: SlabCache): boolean => !cache.ctor && !cache.typesafeByRcu;

/** Whether objects of a cache are tagged when they are freed, for their next owner. */
const takesOver = ({ changes }: Kasan, cache: SlabCache): boolean =>
  changes.freedObjects === 'redraw' && drawsTag(cache);

/** Whether giving out an object of a cache writes tags, beside those of a redzone. */
export const allocWritesTags = (kasan: Kasan, cache: SlabCache): boolean => !takesOver(kasan, cache);

/** Whether taking back an object of a cache writes tags. */
export const freeWritesTags = ({ changes, rules }: Kasan, cache: SlabCache): boolean =>
  changes.freedObjects !== 'keep' && (!cache.typesafeByRcu || rules.slubRcuDebug);

/** Whether there is tag work for each object of a new slab, before any is given out. */
export const setsUpObjects = (kasan: Kasan, cache: SlabCache): boolean => !drawsTag(cache) || takesOver(kasan, cache);

/** Where the tags of the objects on both sides are seen: kmalloc's may end in a redzone, so that only their beginnings tell. */
const sidesOf = ({ size }: SlabCache, address: number): readonly [below: number, above: number] => [
  address - size,
  address + size,
];

/**
 * mm/slub.c:alloc_slab_page: the mask for the pages of a new slab. In 7.3 they are tagged by the page allocator and then
 * once more by `__kasan_poison_slab`; with __GFP_SKIP_KASAN only by the latter, or not at all.
 */
export const alloc_slab_page_gfp = ({ changes }: Kasan, gfp: Gfp): Gfp =>
  changes.newSlabs === 'tag' ? gfp : gfpUnion(gfp, GFP_SKIP_KASAN);

/** mm/slub.c:___kmalloc_large_node: the mask for the pages of a kmalloc that is too large for a cache. */
export const kmalloc_large_gfp = (kasan: Kasan, gfp: Gfp): Gfp =>
  tagsLargeKmalloc(kasan) ? gfpUnion(gfp, GFP_SKIP_KASAN) : gfp;

/** Whether the hooks of kmalloc and kfree tag large kmallocs, and the page allocator does not. */
export const tagsLargeKmalloc = ({ changes, config }: Kasan): boolean =>
  config.kasan && changes.largeKmalloc === 'hooks';

/**
 * mm/kasan/common.c:__kasan_poison_slab, 7.3: a new slab page is poisoned as a whole, after page_alloc has given it a
 * random tag, and its page tag becomes KASAN_TAG_KERNEL. Where new slabs are left as they are, nothing is written.
 *
 * @returns the page tag from now on. Where pages are tagged when they are freed it is another than KASAN_TAG_KERNEL: what
 * objects and redzones leave in the slab may not be what the next owner of its pages takes over.
 */
export function __kasan_poison_slab(kasan: Kasan, address: number, slabBytes: number): Tag {
  if (!kasan.config.kasan) return KASAN_TAG_KERNEL;
  if (kasan.changes.newSlabs !== 'leave') {
    kasan.enter(POISON_SLAB);
    kasan_poison(kasan, address, slabBytes, kasan.rules.poison.slabRedzone, false);
  }
  return kasan.changes.freedPages === 'redraw' ? KASAN_TAG_INVALID : KASAN_TAG_KERNEL;
}

/**
 * mm/slub.c:setup_object, 7.3, for each object of a new slab: caches whose objects keep their tag draw it here, and a
 * constructor finds the object unpoisoned and leaves it poisoned. Where objects are tagged when they are freed, those
 * that never were get their first tag here.
 *
 * @returns the tag of the pointer that goes into the freelist
 */
export function setup_object(kasan: Kasan, cache: SlabCache, address: number): Tag {
  if (!kasan.config.kasan || !setsUpObjects(kasan, cache)) return KASAN_TAG_KERNEL;
  kasan.enter(SETUP_OBJECT);
  // Of objects that keep their tag it is not in memory while they are poisoned: neighbours cannot look.
  const tag = drawsTag(cache) ? drawTag(kasan, KASAN_TAG_KERNEL, sidesOf(cache, address)) : kasan.machine.irg();
  if (!cache.ctor && cache.typesafeByRcu) return tag;
  kasan_unpoison(kasan, address, cache.objectSize, tag, false);
  if (!cache.ctor) return tag;
  kasan_poison(kasan, address, wholeGranules(kasan, cache.objectSize), kasan.rules.poison.slabRedzone, false);
  return tag;
}

/**
 * mm/slub.c:slab_want_init_on_alloc (mm/slab.h), 7.3. Unlike in the page allocator, init_on_free does not replace it.
 */
const slab_want_init_on_alloc = (kasan: Kasan, cache: SlabCache, zero: boolean): boolean => {
  if (!kasan.config.initOnAlloc) return zero;
  if (cache.ctor) return false;
  return cache.typesafeByRcu ? zero : true;
};

/**
 * mm/kasan/common.c:__kasan_slab_alloc, 7.3: unpoisons an object, and zeroes it with the same stores where it is to be
 * zeroed.
 *
 * @param kept the tag of the pointer in the freelist, which caches that draw no new one go on with
 * @param zero the caller passed __GFP_ZERO
 * @returns the tag of the pointer that the caller gets
 */
export function __kasan_slab_alloc(kasan: Kasan, cache: SlabCache, address: number, kept: Tag, zero: boolean): Tag {
  if (!kasan.config.kasan) return KASAN_TAG_KERNEL;
  kasan.enter(SLAB_ALLOC);
  if (takesOver(kasan, cache)) return kasan.machine.ldg(address);
  const tag = drawsTag(cache) ? drawTag(kasan, kept, sidesOf(cache, address)) : kept;
  kasan_unpoison(kasan, address, cache.objectSize, tag, slab_want_init_on_alloc(kasan, cache, zero));
  return tag;
}

/** mm/kasan/common.c:__kasan_kmalloc, 7.3: poisons the granules of a kmalloc object beyond the size asked for. */
export function __kasan_kmalloc(kasan: Kasan, cache: SlabCache, address: number, size: number): void {
  if (!kasan.config.kasan) return;
  kasan.enter(KMALLOC);
  const used = wholeGranules(kasan, size);
  kasan_poison_last_granule(kasan, address, size);
  kasan_poison(
    kasan,
    address + used,
    wholeGranules(kasan, cache.objectSize) - used,
    kasan.rules.poison.slabRedzone,
    false,
  );
}

/**
 * mm/kasan/kasan.h:kasan_byte_accessible, 7.3: whether a pointer's tag is that of the memory (one LDG), or matches all.
 */
export function kasan_byte_accessible(kasan: Kasan, address: number, tag: Tag): boolean {
  const { tags, granule } = kasan.rules;
  // Generic: a granule of which some bytes are accessible counts as accessible (mm/kasan/generic.c).
  if (!tags) return kasan.machine.ldg(address) < granule;
  return tag === KASAN_TAG_KERNEL || kasan.machine.ldg(address) === tag;
}

/**
 * mm/kasan/common.c:__kasan_slab_pre_free and __kasan_slab_free, 7.3: the pointer's tag is compared with memory, then
 * the object is poisoned, unless it stays accessible.
 *
 * @param tag of the pointer that is freed
 * @returns whether the object may be freed; if not it is freed already (a double free)
 */
export function __kasan_slab_free(kasan: Kasan, cache: SlabCache, address: number, tag: Tag): boolean {
  const { config } = kasan;
  if (!config.kasan) return true;
  kasan.enter(SLAB_FREE);
  if (!kasan_byte_accessible(kasan, address, tag)) return false;
  if (!freeWritesTags(kasan, cache)) return true;
  const { objectMetadata, granule } = kasan.rules;
  const init = config.initOnFree && !cache.ctor;
  const size = wholeGranules(kasan, cache.objectSize);
  if (takesOver(kasan, cache)) kasan_unpoison(kasan, address, size, drawTag(kasan, tag, sidesOf(cache, address)), init);
  else kasan_poison(kasan, address, size, kasan.rules.poison.slabFree, init);
  // mm/kasan/generic.c:kasan_save_free_info: the first granule says that the object keeps the stack of its free.
  if (objectMetadata) kasan_poison(kasan, address, granule, SHADOW.slabFreeMeta, false);
  return true;
}

/**
 * mm/kasan/common.c:__kasan_kmalloc_large, 7.3: poisons the end of a kmalloc that the page allocator serves. Done even
 * where the pages were sampled out, unless those go to their next owner as they are. Where the hooks tag large kmallocs, the
 * rest is unpoisoned here too.
 *
 * @param address of the pages in the linear map, see `post_alloc_hook`
 * @param pageTag of the pages
 * @returns the tag of the pointer
 */
export function __kasan_kmalloc_large(
  kasan: Kasan,
  address: number,
  size: number,
  blockBytes: number,
  pageTag: Tag,
): Tag {
  const isTagged = tagsLargeKmalloc(kasan);
  if (!kasan.config.kasan || (!isTagged && isPassedOnAsIs(kasan, pageTag, 'pages'))) return pageTag;
  kasan.enter(KMALLOC_LARGE);
  const used = wholeGranules(kasan, size);
  let tag = pageTag;
  if (isTagged) {
    tag = drawTag(kasan, KASAN_TAG_KERNEL, [address - GRANULE_BYTES, address + blockBytes]);
    kasan_unpoison(kasan, address, size, tag, false);
  }
  kasan_poison_last_granule(kasan, address, size);
  kasan_poison(kasan, address + used, blockBytes - used, kasan.rules.poison.pageRedzone, false);
  return tag;
}

/**
 * mm/kasan/common.c:__kasan_kfree_large, 7.3: compares the pointer's tag with memory. The pages are poisoned by the page
 * allocator, or here where the hooks tag large kmallocs. A match-all pointer (sampled-out pages) is not looked up.
 *
 * @param blockBytes of the pages
 * @returns whether the pages are accessible through the pointer; the kernel reports if not, and frees them anyway
 */
export function __kasan_kfree_large(kasan: Kasan, address: number, tag: Tag, blockBytes: number): boolean {
  const { changes, config, rules } = kasan;
  if (!config.kasan) return true;
  kasan.enter(KFREE_LARGE);
  const isAccessible = kasan_byte_accessible(kasan, address, tag);
  if (!tagsLargeKmalloc(kasan) || changes.freedPages === 'keep') return isAccessible;
  if (changes.freedPages === 'redraw')
    kasan_unpoison(
      kasan,
      address,
      blockBytes,
      drawTag(kasan, tag, [address - GRANULE_BYTES, address + blockBytes]),
      false,
    );
  else kasan_poison(kasan, address, blockBytes, rules.poison.pageFree, false);
  return isAccessible;
}
