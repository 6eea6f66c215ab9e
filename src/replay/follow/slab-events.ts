import { cacheFacts } from '../../classify/caches.ts';
import { classId } from '../../base/allocation-class.ts';
import { GRANULE_BYTES } from '../../base/units.ts';
import { U64Map } from '../../base/u64-map.ts';
import type { KernelVersion } from '../../base/kernel-version.ts';
import { EVENT } from '../../trace/event-type.ts';
import { isKernelAddress } from '../../trace/facts.ts';
import type { AreaEvents } from './area-events.ts';
import type { Following } from './following.ts';
import { LiveObjects } from './live-objects.ts';
import { NO_CACHE, type TracedCache, type TracedCaches } from './slab-caches.ts';
import { NONE, placed, WORK } from './tag-work.ts';
import type { PageEvents } from './page-events.ts';

const KMALLOC_LARGE = classId('kmalloc-large');

/**
 * Bytes of the smallest kernel stack of a 64-bit kernel with KASAN. Without VMAP_STACK, and with pages larger than a
 * stack, stacks are objects of a cache (kernel/fork.c:thread_stack_cache_init); no other cache has objects as large.
 */
const MIN_THREAD_SIZE = 16384;

/** What a kmalloc of nothing gives (include/linux/slab.h). It has no event of its own. */
const ZERO_SIZE_PTR = 16;

/** Addresses of unknown objects that are kept for each kind of kfree event. */
const MAX_KFREE_POINTERS = 1 << 12;
/** Without its tag a kernel address has its upper bits set; 20 of the upper half keep it exact in a double. */
const ADDRESS_HI_MASK = 0xfffff;
/** A place in a page: larger than any DC block. */
const PLACE_MASK = 0xfff;

/** Objects from before the trace that one kind of kfree event freed. */
export interface UnknownKfrees {
  frees: number;
  /** Their addresses, where pointers are plain; of very many only some. */
  readonly pointers: number[];
}

/** kmalloc, kmem_cache_alloc and their frees: which objects live, and what is known of those that were there before. */
export class SlabEvents {
  readonly live = new LiveObjects();
  /** kfree calls of objects from before the trace, by shape. */
  readonly unknownKfrees = new Map<number, UnknownKfrees>();
  /** Caches that objects freed by a kfree shape belonged to, with counts. */
  readonly kfreeCaches = new Map<number, Map<number, number>>();
  readonly counts = { unknownFlags: 0, unmatchedFrees: 0 };
  readonly #following: Following;
  readonly #caches: TracedCaches;
  readonly #pages: PageEvents;
  readonly #areas: AreaEvents;
  readonly #recordedBy: KernelVersion;
  /** Objects that were freed without an allocation in the trace, by pointer. */
  readonly #freedUnmatched = new U64Map();
  /** Next position in a slab of each cache, for objects whose address is not printed. */
  readonly #positions: Int32Array;

  constructor(
    following: Following,
    caches: TracedCaches,
    pages: PageEvents,
    areas: AreaEvents,
    recordedBy: KernelVersion,
  ) {
    this.#following = following;
    this.#caches = caches;
    this.#pages = pages;
    this.#areas = areas;
    this.#recordedBy = recordedBy;
    this.#positions = new Int32Array(caches.caches.length);
  }

  /** kmem_cache_alloc and, as long as slab serves it, kmalloc. */
  onAlloc(type: 'kmem_cache_alloc' | 'kmalloc'): void {
    const { cursor, shapes, kinds, rows, work, lifetimes } = this.#following;
    const { hi, lo, shape, shapeId, context } = cursor;
    context.endUnknownFrees();
    context.unmapping = undefined;
    this.counts.unknownFlags += shapes.unknownGfp[shapeId];
    if (hi === 0 && lo === 0) return;
    const cacheId = this.#caches.ofShape[shapeId];
    if (type === 'kmem_cache_alloc' && shape.bytesReq >= MIN_THREAD_SIZE) context.freshStack = true;
    if (cacheId === NO_CACHE) {
      if (type === 'kmalloc') this.#onLargeKmalloc();
      return;
    }
    const kind = kinds.object(shapeId, cursor.stack, cursor.origin);
    if (type === 'kmalloc' && kind.isPagesArray) this.#areas.onPagesArray();
    const group = work.group(WORK.allocObject, kind.id, this.#place(cacheId));
    const bytes = shape.bytesAlloc;
    const life = lifetimes?.begin({ what: 'object', kind: kind.id, bytes, parts: 1 }) ?? NONE;
    const old = this.live.add(identityHi(hi), lo, { work: group, cacheId, isCounted: work.isOpen, life });
    if (old >= 0) this.#freeUnseen(old);
    if (work.isOpen) rows.countAllocation(kind.row, bytes);
    work.add(group);
  }

  /** A kmalloc that the page allocator serves. On some routes its event comes twice (mm/slub.c:__do_kmalloc_node). */
  #onLargeKmalloc(): void {
    const { cursor, kinds, work } = this.#following;
    const { hi, lo, context } = cursor;
    const isRepeated = context.largeHi === hi && context.largeLo === lo && this.live.has(identityHi(hi), lo);
    if (isRepeated) return;
    context.largeHi = hi;
    context.largeLo = lo;
    const kind = kinds.object(cursor.shapeId, cursor.stack, cursor.origin, 'kmalloc-large');
    const group = work.groupBeside(WORK.allocLarge, kind.id, work.groupOf(context.largePages));
    const handle = work.addOrdered(group, context.largePages, cursor.cpu);
    const block = { work: handle, cacheId: NO_CACHE, isCounted: work.isOpen, life: NONE };
    const old = this.live.add(identityHi(hi), lo, block);
    if (old < 0) return;
    this.#following.lifetimes?.reuse(this.live.life(old));
    this.live.forget(old);
  }

  /** kmem_cache_free and kfree. */
  onFree(type: 'kmem_cache_free' | 'kfree'): void {
    const { cursor, lifetimes } = this.#following;
    const { hi, lo, shapeId, context } = cursor;
    if (type === 'kfree') this.#pages.settleVfreePages();
    else context.endUnknownFrees();
    context.unmapping = undefined;
    // The event comes before the test for NULL and for what kmalloc(0) gives (mm/slub.c:kfree).
    if (hi === 0 && lo >>> 0 <= ZERO_SIZE_PTR) return;
    if (context.largeHi === hi && context.largeLo === lo) context.largeHi = context.largeLo = 0;
    const record = this.live.take(identityHi(hi), lo);
    if (record < 0) {
      this.#freeFromBeforeTrace(type);
      return;
    }
    const cacheId = this.live.cacheId(record);
    lifetimes?.free(this.live.life(record), 1);
    this.#free(record);
    if (cacheId === NO_CACHE) return;
    this.#caches.caches[cacheId].frees++;
    if (type === 'kfree') {
      const caches = this.kfreeCaches.get(shapeId) ?? new Map<number, number>();
      caches.set(cacheId, (caches.get(cacheId) ?? 0) + 1);
      this.kfreeCaches.set(shapeId, caches);
    }
  }

  /** A known object is freed. */
  #free(record: number): void {
    const { cursor, kinds, rows, work } = this.#following;
    const of = this.live.work(record);
    const isLarge = this.live.cacheId(record) === NO_CACHE;
    this.live.forget(record);
    if (isLarge) {
      work.addOrdered(work.groupAfter(WORK.freeLarge, work.groupOf(of)), of, cursor.cpu);
      return;
    }
    if (work.isOpen) rows.countFree(kinds.all[work.kind(of)].row);
    work.add(work.groupAfter(WORK.freeObject, of));
  }

  /** An address that is given out again must have been freed, although no event says so. */
  #freeUnseen(record: number): void {
    const cacheId = this.live.cacheId(record);
    this.#following.lifetimes?.reuse(this.live.life(record));
    this.#free(record);
    if (cacheId !== NO_CACHE) this.#caches.caches[cacheId].reuses++;
  }

  /** Whether a block of pages that is too large for a slab is freed next in this context. */
  #isLargeBlock(): boolean {
    const { pageSize, kmallocMaxCacheSize } = this.#following.sizes;
    return (
      this.#following.cursor.next(
        ({ type, order }) => type === EVENT.mm_page_free && pageSize * (1 << order) > kmallocMaxCacheSize,
        () => true,
      ) !== undefined
    );
  }

  /** A free of an object that was allocated before the trace began. */
  #freeFromBeforeTrace(type: 'kmem_cache_free' | 'kfree'): void {
    const { cursor, kinds, rows, work } = this.#following;
    this.counts.unmatchedFrees++;
    if (!work.isOpen) return;
    if (type === 'kfree' && this.#isLargeBlock()) {
      // Its pages are freed next, and are poisoned then (mm/slub.c:free_large_kmalloc).
      cursor.context.freesLarge = true;
      work.add(work.group(WORK.freeLargeFromBefore, kinds.beforeTrace(KMALLOC_LARGE).id));
      return;
    }
    const cacheId = type === 'kfree' ? NO_CACHE : this.#caches.ofShape[cursor.shapeId];
    const isKnown = cacheId !== NO_CACHE;
    const { cache: name } = cursor.shape;
    if (!isKnown && (name === '' || !cacheFacts(name, this.#recordedBy).typesafeByRcu)) {
      this.#noteUnknownFree();
      return;
    }
    if (isKnown) this.#noteUnmatchedFree(this.#caches.caches[cacheId]);
    const kind = kinds.beforeTraceObject();
    rows.countFree(kind.row);
    const detail = placed(cacheId, isKnown ? this.#place(cacheId) : 0);
    work.add(work.group(WORK.freeObjectFromBefore, kind.id, detail));
  }

  /**
   * An object that is freed twice without an allocation in the trace was allocated in between, by what has no event
   * (mm/slub.c:kmem_cache_alloc_bulk).
   */
  #noteUnmatchedFree(cache: TracedCache): void {
    const { cursor } = this.#following;
    cache.unmatchedFrees++;
    const wasFreed = this.#freedUnmatched.set(identityHi(cursor.hi), cursor.lo, 1) >= 0;
    // Where events were dropped, the allocation may just be among them.
    if (wasFreed && cursor.table.losses.droppedEvents === 0) cache.unseenAllocations++;
  }

  /** Keeps a free of an object of unknown size: what it poisons is estimated at the end of the trace. */
  #noteUnknownFree(): void {
    const { cursor, facts } = this.#following;
    const kfrees = this.unknownKfrees.get(cursor.shapeId) ?? { frees: 0, pointers: [] };
    this.unknownKfrees.set(cursor.shapeId, kfrees);
    kfrees.frees++;
    if (facts.pointers === 'plain' && kfrees.pointers.length < MAX_KFREE_POINTERS) {
      kfrees.pointers.push((cursor.hi & ADDRESS_HI_MASK) * 2 ** 32 + (cursor.lo >>> 0));
    }
  }

  /**
   * Where in a page an object begins, as far as that matters: from its pointer if that is printed, or else as if objects
   * filled a slab one after the other.
   */
  #place(cacheId: number): number {
    const { cursor, facts } = this.#following;
    const cache = this.#caches.caches[cacheId];
    if (!cache.placeMatters) return 0;
    // Objects of other kernels are not always aligned to granules, and then stand elsewhere than they would.
    if (facts.pointers === 'plain' && (cursor.lo & (GRANULE_BYTES - 1)) === 0) return cursor.lo & PLACE_MASK;
    const place = this.#positions[cacheId] & PLACE_MASK;
    this.#positions[cacheId] = (place + cache.size) & PLACE_MASK;
    return place;
  }
}

/**
 * A pointer without its tag: on a HW_TAGS kernel an address comes back with another one. Hashed pointers are left as they
 * are.
 */
const identityHi = (hi: number): number => (isKernelAddress(hi) ? hi | 0xff000000 : hi);
