import { classId } from '../../base/allocation-class.ts';
import { __free_pages_prepare, post_alloc_hook } from '../../kasan/page-alloc.ts';
import {
  __kasan_kfree_large,
  __kasan_poison_slab,
  alloc_slab_page_gfp,
  kmalloc_large_gfp,
  setsUpObjects,
  setup_object,
  tagsLargeKmalloc,
} from '../../kasan/slab.ts';
import type { Gfp } from '../../gfp/flags.ts';
import { COUNTED_TAG, countedTag } from '../../mte/counting-machine.ts';
import { KASAN_TAG_KERNEL, type Tag } from '../../mte/tag-machine.ts';
import type { AllocationKind } from '../follow/allocation-kinds.ts';
import { NO_CACHE } from '../follow/slab-caches.ts';
import type { Applying, Task } from './applying.ts';
import { NOTHING } from './estimate-builder.ts';
import { blockPiece } from './estimates.ts';

const SLAB_PAGE = classId('slab-page');
const KMALLOC_LARGE = classId('kmalloc-large');

/** MAX_OBJS_PER_PAGE (mm/slub.c): a slab has at most that many objects. */
const MAX_OBJECTS = 32767;

/** The work of the page allocator. */
export class PageWork {
  readonly #applying: Applying;

  constructor(applying: Applying) {
    this.#applying = applying;
  }

  allocPages({ kind, slot, cpu, detail }: Task): void {
    const { kasan, decisions, outcomes } = this.#applying;
    const allocated = post_alloc_hook(kasan, cpu, 0, kind.order, this.#mask(kind));
    const pageTag = kind.class === SLAB_PAGE ? this.#makeSlab(kind, detail) : allocated;
    outcomes.set(slot, pageTag !== KASAN_TAG_KERNEL && !decisions.keepsTags(kind));
  }

  /** The mask that slab and kmalloc make of what is passed to them. */
  #mask(kind: AllocationKind): Gfp {
    const { kasan, decisions } = this.#applying;
    const mask = decisions.mask(kind);
    if (kind.class === SLAB_PAGE) return alloc_slab_page_gfp(kasan, mask);
    return kind.class === KMALLOC_LARGE && decisions.action(kind) !== 'skip' ? kmalloc_large_gfp(kasan, mask) : mask;
  }

  /**
   * The rest of mm/slub.c:allocate_slab for pages that become a slab.
   *
   * @returns their page tag
   */
  #makeSlab(kind: AllocationKind, cacheId: number): Tag {
    const { kasan, decisions, caches } = this.#applying;
    if (decisions.action(kind) === 'skip') return KASAN_TAG_KERNEL;
    const slabBytes = kasan.config.pageSize * (1 << kind.order);
    const pageTag = __kasan_poison_slab(kasan, 0, slabBytes);
    if (cacheId === NO_CACHE) return pageTag;
    const cache = caches.caches[cacheId];
    if (!setsUpObjects(kasan, cache)) return pageTag;
    const objects = Math.min(Math.floor(slabBytes / cache.size), MAX_OBJECTS);
    for (let object = 0; object < objects; object++) setup_object(kasan, cache, object * cache.size);
    return pageTag;
  }

  freePages({ of, detail: order }: Task): void {
    const { kasan, outcomes } = this.#applying;
    __free_pages_prepare(kasan, 0, order, countedTag(outcomes.isTagged(of)));
  }

  freePagesFromBefore({ kind, detail, count }: Task): void {
    const { kasan, decisions, estimates, ledger } = this.#applying;
    const order = detail >> 1;
    const tagged = decisions.tagsPagesFromBefore(kind.class, (detail & 1) === 1);
    const byHook = tagged && kind.class === KMALLOC_LARGE && tagsLargeKmalloc(kasan);
    if (byHook) __kasan_kfree_large(kasan, 0, COUNTED_TAG, kasan.config.pageSize << order);
    __free_pages_prepare(kasan, 0, order, countedTag(tagged && !byHook));
    const piece = tagged ? blockPiece(kasan, ledger.machine.cpu, order) : NOTHING;
    estimates.pagesFromBeforeTrace.add(piece, piece, piece, count);
  }
}
