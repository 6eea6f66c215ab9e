import { GRANULE_BYTES, roundUp } from '../../base/units.ts';
import { GFP_ZERO, gfpHasAll } from '../../gfp/flags.ts';
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
} from '../../kasan/slab.ts';
import { COUNTED_TAG, countedTag } from '../../mte/counting-machine.ts';
import { EVENT } from '../../trace/event-type.ts';
import type { AllocationKind } from '../follow/allocation-kinds.ts';
import type { Followed } from '../follow/follow.ts';
import { NO_CACHE, type TracedCache } from '../follow/slab-caches.ts';
import { cacheOf, NONE, placeOf } from '../follow/tag-work.ts';
import type { Applying, Task } from './applying.ts';
import { NOTHING } from './estimate-builder.ts';
import { poisonPiece } from './estimates.ts';
import { objectPlaces, type ObjectPlaces } from './object-places.ts';

const MAX_LARGE_ORDER = 15;

/** A cache of which no more is known, nor needed: freeing compares tags and poisons nothing. */
const STAYS_ACCESSIBLE: SlabCache = { objectSize: 0, size: 0, ctor: false, typesafeByRcu: true };

/** The work of slab and of kmalloc. */
export class SlabWork {
  readonly #applying: Applying;
  readonly #followed: Followed;
  /** By cache. */
  readonly #places: readonly ObjectPlaces[];

  constructor(applying: Applying, followed: Followed) {
    this.#applying = applying;
    this.#followed = followed;
    const { cpu } = applying.ledger.machine;
    this.#places = followed.caches.caches.map((cache) => objectPlaces(cpu, cache));
  }

  allocObject({ kind, detail, count }: Task): void {
    const { kasan, decisions } = this.#applying;
    if (decisions.action(kind) === 'skip') return;
    const cacheId = this.#cacheOf(kind);
    const cache = this.#cache(cacheId);
    const { type, bytesReq } = this.#followed.table.shapes[kind.shape];
    const address = this.#address(cacheId, detail);
    __kasan_slab_alloc(kasan, cache, address, COUNTED_TAG, gfpHasAll(kind.recorded, GFP_ZERO));
    if (type === EVENT.kmalloc) __kasan_kmalloc(kasan, cache, address, bytesReq);
    if (allocWritesTags(kasan, cache)) this.#noteOffset(cacheId, count);
  }

  freeObject({ kind, of, count }: Task): void {
    const { kasan, decisions } = this.#applying;
    if (decisions.action(kind) === 'skip') return;
    const cacheId = this.#cacheOf(kind);
    const cache = this.#cache(cacheId);
    __kasan_slab_free(kasan, cache, this.addressOf(of), COUNTED_TAG);
    if (freeWritesTags(kasan, cache)) this.#noteOffset(cacheId, count);
  }

  /** Where the objects are that work of a group allocated, as far as it matters. */
  addressOf(group: number): number {
    const { kinds, work } = this.#followed;
    return this.#address(this.#cacheOf(kinds[work.kind(group)]), work.detail(group));
  }

  freeObjectFromBefore({ kind, detail, count }: Task): void {
    const { kasan, decisions, estimates, ledger } = this.#applying;
    if (decisions.action(kind) === 'skip' || !kasan.config.kasan) return;
    const cacheId = cacheOf(detail);
    if (cacheId === NO_CACHE) {
      __kasan_slab_free(kasan, STAYS_ACCESSIBLE, 0, COUNTED_TAG);
      return;
    }
    const cache = this.#cache(cacheId);
    __kasan_slab_free(kasan, cache, this.#address(cacheId, placeOf(detail)), COUNTED_TAG);
    const piece = poisonPiece(kasan, ledger.machine.cpu, cache);
    estimates.objectsFromBeforeTrace.add(piece, piece, piece, count);
  }

  allocLarge({ kind, of, slot }: Task): void {
    const { kasan, decisions, outcomes } = this.#applying;
    const tagged = of === NONE || outcomes.isTagged(of) || tagsLargeKmalloc(kasan);
    outcomes.set(slot, tagged);
    if (decisions.action(kind) === 'skip') return;
    const { bytesReq, bytesAlloc } = this.#followed.table.shapes[kind.shape];
    // The kernel prints whole pages here; a damaged trace need not.
    __kasan_kmalloc_large(kasan, 0, bytesReq, roundUp(bytesAlloc, GRANULE_BYTES), countedTag(tagged));
  }

  freeLarge({ kind, of }: Task): void {
    const { kasan, decisions, outcomes } = this.#applying;
    if (decisions.action(kind) === 'skip') return;
    const blockBytes = kasan.config.pageSize << this.#largeOrder(kind);
    __kasan_kfree_large(kasan, 0, countedTag(outcomes.isTagged(of)), blockBytes);
  }

  freeLargeFromBefore({ kind }: Task): void {
    const { kasan, decisions } = this.#applying;
    // Where the hook poisons it has to know how much, which the event of the pages tells.
    if (decisions.action(kind) !== 'skip' && !tagsLargeKmalloc(kasan)) __kasan_kfree_large(kasan, 0, COUNTED_TAG, 0);
  }

  /** The order of the pages of a large kmalloc. A damaged trace may have any number of bytes. */
  #largeOrder({ shape }: AllocationKind): number {
    const pages = this.#followed.table.shapes[shape].bytesAlloc / this.#applying.kasan.config.pageSize;
    return Math.min(MAX_LARGE_ORDER, Math.max(0, Math.ceil(Math.log2(Math.max(1, pages)))));
  }

  #cacheOf({ shape }: AllocationKind): number {
    return this.#followed.caches.ofShape[shape];
  }

  #cache(cacheId: number): TracedCache {
    return this.#followed.caches.caches[cacheId];
  }

  #address(cacheId: number, place: number): number {
    return this.#places[cacheId].matter ? place : 0;
  }

  /** Says how far off a count can be whose place was not known. */
  #noteOffset(cacheId: number, count: number): void {
    const { kasan, estimates } = this.#applying;
    const { matter, spread } = this.#places[cacheId];
    if (!matter || this.#followed.facts.pointers === 'plain' || !kasan.config.kasan) return;
    const off = { ...NOTHING, instructions: spread };
    estimates.objectOffsets.add({ ...NOTHING, instructions: -spread }, NOTHING, off, count);
  }
}
