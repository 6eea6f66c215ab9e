import { classId } from '../base/allocation-class.ts';
import { cacheFacts } from '../classify/caches.ts';
import { GFP_ZERO, gfpHasAll } from '../gfp/flags.ts';
import {
  __kasan_kfree_large,
  __kasan_kmalloc,
  __kasan_kmalloc_large,
  __kasan_slab_alloc,
  __kasan_slab_free,
  allocWritesTags,
  freeWritesTags,
  tagsLargeKmalloc,
  type SlabCache,
} from '../kasan/slab.ts';
import { GRANULE_BYTES, roundUp } from '../base/units.ts';
import { COUNTED_TAG, countedTag } from '../mte/counting-machine.ts';
import { rangeInstructions } from '../mte/tag-range.ts';
import { EVENT } from '../trace/event-type.ts';
import { isKernelAddress } from '../trace/facts.ts';
import { onPagesArray } from './area-events.ts';
import { NOTHING, type Piece } from './estimates.ts';
import { settleVfreePages } from './page-events.ts';
import { NO_CACHE, type TracedCache } from './slab-caches.ts';
import { nextInContext, type ReplayState } from './state.ts';

const KMALLOC_LARGE = classId('kmalloc-large');

/** Cache of a large kmalloc in object records. */
export const LARGE = -2;
const MAX_LARGE_ORDER = 15;

/** Flags of an object record: its offset in a DC block, and what holds for it. */
const OFFSET_MASK = 0xffff;
export const SKIPPED = 1 << 16;
/** Allocated while the account was open. */
export const COUNTED = 1 << 17;
/** A large kmalloc whose pages were not tagged: its pointer matches all tags. */
const UNTAGGED = 1 << 18;

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

export const offsetOf = (flags: number): number => flags & OFFSET_MASK;

/** kmem_cache_alloc and kmalloc, as long as slab serves them. */
export function onSlabAlloc(state: ReplayState, kmalloc: boolean): void {
  const { event, kasan, ledger, objects, objectRecords } = state;
  const { hi, lo, shape, shapeId, context } = event;
  context.endUnknownFrees();
  context.unmapping = undefined;
  state.counts.unknownFlags += state.shapes.unknownGfp[shapeId];
  if (hi === 0 && lo === 0) return;
  const cacheId = state.caches.ofShape[shapeId];
  if (!kmalloc && shape.bytesReq >= MIN_THREAD_SIZE) context.freshStack = true;
  if (cacheId === NO_CACHE) {
    if (kmalloc) onLargeKmalloc(state);
    return;
  }
  const cache = state.caches.caches[cacheId];
  const given = state.attributor.object(shapeId, event.stack, event.origin);
  if (kmalloc && given.isPagesArray) onPagesArray(state);
  const offset = placeInBlock(state, cache);
  const flags = offset | (given.action === 'skip' ? SKIPPED : 0) | (ledger.isOpen ? COUNTED : 0);
  state.lifetimes?.objects.begin(identityHi(hi), lo, given.row);
  const old = objects.set(identityHi(hi), lo, objectRecords.add(given.row, cacheId, flags));
  if (old >= 0) {
    freeUnseenObject(state, old);
    objectRecords.remove(old);
  }
  ledger.chargeTo(given.row);
  ledger.countAllocation(given.row, shape.bytesAlloc);
  if (given.action === 'skip') return;
  __kasan_slab_alloc(kasan, cache, offset, COUNTED_TAG, gfpHasAll(state.shapes.gfp[shapeId], GFP_ZERO));
  if (kmalloc) __kasan_kmalloc(kasan, cache, offset, shape.bytesReq);
  if (allocWritesTags(kasan, cache)) noteOffset(state, cache);
}

/** A kmalloc that the page allocator serves. On some routes its event comes twice (mm/slub.c:__do_kmalloc_node). */
function onLargeKmalloc(state: ReplayState): void {
  const { event, kasan, ledger, objects, objectRecords } = state;
  const { hi, lo, shape, shapeId, context } = event;
  const isRepeated = context.largeHi === hi && context.largeLo === lo && objects.get(identityHi(hi), lo) >= 0;
  if (isRepeated) return;
  context.largeHi = hi;
  context.largeLo = lo;
  const given = state.attributor.object(shapeId, event.stack, event.origin, 'kmalloc-large');
  const flags = (given.action === 'skip' ? SKIPPED : 0) | (context.largeTagged ? 0 : UNTAGGED);
  const old = objects.set(identityHi(hi), lo, objectRecords.add(given.row, LARGE - largeOrder(state), flags));
  if (old >= 0) objectRecords.remove(old);
  ledger.chargeTo(given.row);
  // The kernel prints whole pages here; a damaged trace need not.
  const blockBytes = roundUp(shape.bytesAlloc, GRANULE_BYTES);
  if (given.action !== 'skip')
    __kasan_kmalloc_large(kasan, 0, shape.bytesReq, blockBytes, countedTag(context.largeTagged));
}

/** The order of the pages of a large kmalloc. A damaged trace may have any number of bytes. */
function largeOrder({ event, kasan }: ReplayState): number {
  const pages = event.shape.bytesAlloc / kasan.config.pageSize;
  return Math.min(MAX_LARGE_ORDER, Math.max(0, Math.ceil(Math.log2(Math.max(1, pages)))));
}

/** kmem_cache_free and kfree. */
export function onSlabFree(state: ReplayState, kfree: boolean): void {
  const { event, objects, objectRecords } = state;
  const { hi, lo, shapeId, context } = event;
  if (kfree) settleVfreePages(state);
  else context.endUnknownFrees();
  context.unmapping = undefined;
  // The event comes before the test for NULL and for what kmalloc(0) gives (mm/slub.c:kfree).
  if (hi === 0 && lo >>> 0 <= ZERO_SIZE_PTR) return;
  if (context.largeHi === hi && context.largeLo === lo) context.largeHi = context.largeLo = 0;
  const record = objects.delete(identityHi(hi), lo);
  state.lifetimes?.objects.end(identityHi(hi), lo);
  if (record < 0) {
    freeFromBeforeTrace(state, kfree);
    return;
  }
  const cacheId = objectRecords.value(record);
  freeObject(state, record);
  objectRecords.remove(record);
  if (cacheId < 0) return;
  state.caches.caches[cacheId].frees++;
  if (kfree) {
    const caches = state.kfreeCaches.get(shapeId) ?? new Map<number, number>();
    caches.set(cacheId, (caches.get(cacheId) ?? 0) + 1);
    state.kfreeCaches.set(shapeId, caches);
  }
}

/** The hook of a free, for an object that is known. */
export function freeObject(state: ReplayState, record: number): void {
  const { kasan, ledger, objectRecords } = state;
  const row = objectRecords.row(record);
  const cacheId = objectRecords.value(record);
  const flags = objectRecords.flags(record);
  ledger.chargeTo(row);
  if (cacheId <= LARGE) {
    const blockBytes = kasan.config.pageSize << (LARGE - cacheId);
    if ((flags & SKIPPED) === 0) __kasan_kfree_large(kasan, 0, countedTag((flags & UNTAGGED) === 0), blockBytes);
    return;
  }
  ledger.countFree(row);
  if ((flags & SKIPPED) !== 0) return;
  const cache = state.caches.caches[cacheId];
  __kasan_slab_free(kasan, cache, offsetOf(flags), COUNTED_TAG);
  if (freeWritesTags(kasan, cache)) noteOffset(state, cache);
}

/** An address that is given out again must have been freed, although no event says so. */
function freeUnseenObject(state: ReplayState, record: number): void {
  const cacheId = state.objectRecords.value(record);
  freeObject(state, record);
  if (cacheId >= 0) state.caches.caches[cacheId].reuses++;
}

/** Whether a block of pages that is too large for a slab is freed next in this context. */
function isLargeBlock(state: ReplayState): boolean {
  const { pageSize, kmallocMaxCacheSize } = state.kasan.config;
  return (
    nextInContext(
      state,
      ({ type, order }) => type === EVENT.mm_page_free && pageSize * (1 << order) > kmallocMaxCacheSize,
      () => true,
    ) !== undefined
  );
}

/** A cache of which no more is known, nor needed: freeing compares tags and poisons nothing. */
const STAYS_ACCESSIBLE: SlabCache = { objectSize: 0, size: 0, ctor: false, typesafeByRcu: true };

/** A free of an object that was allocated before the trace began. */
function freeFromBeforeTrace(state: ReplayState, kfree: boolean): void {
  const { event, kasan, ledger, attributor, caches, counts, estimates, options } = state;
  counts.unmatchedFrees++;
  if (!ledger.isOpen) return;
  if (kfree && isLargeBlock(state)) {
    freeLargeFromBeforeTrace(state);
    return;
  }
  const cacheId = kfree ? NO_CACHE : caches.ofShape[event.shapeId];
  const isKnown = cacheId !== NO_CACHE;
  const { cache: name } = event.shape;
  if (!isKnown && (name === '' || !cacheFacts(name, options.recordedBy).typesafeByRcu)) {
    noteUnknownFree(state);
    return;
  }
  if (isKnown) noteUnmatchedFree(state, caches.caches[cacheId]);
  const given = attributor.beforeTraceObject();
  ledger.chargeTo(given.row);
  ledger.countFree(given.row);
  if (given.action === 'skip' || !kasan.config.kasan) return;
  if (!isKnown) {
    __kasan_slab_free(kasan, STAYS_ACCESSIBLE, 0, COUNTED_TAG);
    return;
  }
  const cache = caches.caches[cacheId];
  __kasan_slab_free(kasan, cache, placeInBlock(state, cache), COUNTED_TAG);
  const piece = poisonPiece(state, cache);
  estimates.objectsFromBeforeTrace.add(piece, piece, piece);
}

/**
 * An object that is freed twice without an allocation in the trace was allocated in between, by what has no event
 * (mm/slub.c:kmem_cache_alloc_bulk).
 */
function noteUnmatchedFree({ event, freedUnmatched, table }: ReplayState, cache: TracedCache): void {
  cache.unmatchedFrees++;
  const wasFreed = freedUnmatched.set(identityHi(event.hi), event.lo, 1) >= 0;
  // Where events were dropped, the allocation may just be among them.
  if (wasFreed && table.losses.droppedEvents === 0) cache.unseenAllocations++;
}

/** A large kmalloc from before the trace. Its pages are freed next, and are poisoned then (mm/slub.c:free_large_kmalloc). */
function freeLargeFromBeforeTrace({ event, kasan, ledger, attributor }: ReplayState): void {
  event.context.freesLarge = true;
  const given = attributor.beforeTrace(KMALLOC_LARGE);
  ledger.chargeTo(given.row);
  // Where the hook poisons it has to know how much, which the event of the pages tells.
  if (given.action !== 'skip' && !tagsLargeKmalloc(kasan)) __kasan_kfree_large(kasan, 0, COUNTED_TAG, 0);
}

/** Keeps a free of an object of unknown size: what it poisons is estimated at the end of the trace. */
function noteUnknownFree({ event, facts, unknownKfrees }: ReplayState): void {
  const kfrees = unknownKfrees.get(event.shapeId) ?? { frees: 0, pointers: [] };
  unknownKfrees.set(event.shapeId, kfrees);
  kfrees.frees++;
  if (facts.pointers === 'plain' && kfrees.pointers.length < MAX_KFREE_POINTERS) {
    kfrees.pointers.push((event.hi & ADDRESS_HI_MASK) * 2 ** 32 + (event.lo >>> 0));
  }
}

/** The work of poisoning an object, if it began a DC block. */
export const poisonPiece = (state: ReplayState, cache: SlabCache): Piece =>
  freeWritesTags(state.kasan, cache) ? objectPiece(state, cache) : { ...NOTHING, calls: 1 };

/** The work of tagging an object, if it began a DC block. */
export function objectPiece({ options }: ReplayState, cache: SlabCache): Piece {
  const size = roundUp(cache.objectSize, GRANULE_BYTES);
  return { calls: 1, bytes: size, instructions: rangeInstructions(options.cpu, 0, size) };
}

/**
 * Where in a DC block an object begins: from its pointer if that is printed, or else as if objects filled a slab one
 * after the other.
 */
export function placeInBlock(state: ReplayState, cache: TracedCache): number {
  const { event, facts, options } = state;
  if (!cache.offsetMatters) return 0;
  // Objects of other kernels are not always aligned to granules, and then stand elsewhere than they would.
  if (facts.pointers === 'plain' && (event.lo & (GRANULE_BYTES - 1)) === 0) return event.lo & 0xfff;
  const offset = (cache.position * cache.size) % options.cpu.dcBlock;
  cache.position = (cache.position + 1) % options.cpu.dcBlock;
  return offset;
}

/** Keeps account of how far off a count can be whose offset was not known. */
function noteOffset(state: ReplayState, cache: TracedCache): void {
  const isKnown = !cache.offsetMatters || state.facts.pointers === 'plain';
  if (isKnown || !state.ledger.isOpen || !state.kasan.config.kasan) return;
  const spread = cache.instructionsMax - cache.instructionsMin;
  state.estimates.objectOffsets.add({ ...NOTHING, instructions: -spread }, NOTHING, {
    ...NOTHING,
    instructions: spread,
  });
}

/**
 * A pointer without its tag: on a HW_TAGS kernel an address comes back with another one. Hashed pointers are left as they
 * are.
 */
const identityHi = (hi: number): number => (isKernelAddress(hi) ? hi | 0xff000000 : hi);
