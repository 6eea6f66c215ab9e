import { GRANULE_BYTES, roundUp } from '../../base/units.ts';
import { U64Map } from '../../base/u64-map.ts';
import { cacheFacts } from '../../classify/caches.ts';
import type { KernelVersion } from '../../base/kernel-version.ts';
import type { SlabCache } from '../../kasan/slab.ts';
import { EVENT } from '../../trace/event-type.ts';
import { BATCH_MASK, BATCH_SHIFT, type EventTable } from '../../trace/event-table.ts';

/** No cache: the event is none of slab, or of an object whose cache the trace does not tell. */
export const NO_CACHE = -1;

/** A slab cache as the trace shows it, and what happened to its objects. */
export interface TracedCache extends SlabCache {
  /** `name=`, or `kmalloc-N` for the general caches. */
  readonly name: string;
  readonly kmalloc: boolean;
  /** Its objects are known to be freed by kfree_rcu, which has no event. */
  readonly kfreeRcu: boolean;
  /** Some are known to be allocated by kmem_cache_alloc_bulk, which has no event. */
  readonly bulk: boolean;
  /** On some CPU it makes a difference where in a DC block an object begins, and they do not all begin at one place. */
  readonly placeMatters: boolean;
  frees: number;
  /** Frees without an event, proved because the address was given out again. */
  reuses: number;
  /** Frees whose allocation is not in the trace, and those of them that were not before it, as the address was freed before. */
  unmatchedFrees: number;
  unseenAllocations: number;
}

/** The caches of a trace, by shape. */
export interface TracedCaches {
  readonly caches: readonly TracedCache[];
  /** Cache of the objects that a shape allocates or frees, or `NO_CACHE`. */
  readonly ofShape: Int32Array;
}

/**
 * Finds the slab caches of a trace. Allocation events say how large objects are; free events only name the cache. Up to
 * 6.12 allocation events had no name: it is learnt from the free of the same pointer.
 *
 * Alignments of other kernels are smaller, and are raised to what a HW_TAGS kernel has (arch_slab_minalign, 16 bytes).
 */
export function tracedCaches(table: EventTable, kernel: KernelVersion, kmallocMaxCacheSize: number): TracedCaches {
  const caches: TracedCache[] = [];
  const ids = new Map<string, number>();
  const ofShape = new Int32Array(table.shapes.length).fill(NO_CACHE);
  const learnt = namesFromFrees(table);

  const make = (name: string, kmalloc: boolean, objectSize: number, size: number): number => {
    const facts = cacheFacts(name, kernel);
    const distance = roundUp(Math.max(size, objectSize), GRANULE_BYTES);
    caches.push({
      name,
      kmalloc,
      objectSize,
      size: distance,
      ctor: facts.ctor,
      typesafeByRcu: facts.typesafeByRcu,
      kfreeRcu: facts.kfreeRcu,
      bulk: facts.bulk,
      placeMatters: roundUp(objectSize, GRANULE_BYTES) >= 2 * smallestDividedBlock(distance),
      frees: 0,
      reuses: 0,
      unmatchedFrees: 0,
      unseenAllocations: 0,
    });
    return caches.length - 1;
  };

  table.shapes.forEach((shape, index) => {
    if (shape.type !== EVENT.kmem_cache_alloc && shape.type !== EVENT.kmalloc) return;
    const kmalloc = shape.type === EVENT.kmalloc;
    if (kmalloc && shape.bytesAlloc > kmallocMaxCacheSize) return;
    const size = Math.max(shape.bytesAlloc, GRANULE_BYTES);
    const name = kmalloc ? `kmalloc-${size}` : shape.cache || learnt.get(index) || '';
    // Without any name, objects of one size are taken to be one cache.
    const key = kmalloc ? name : name === '' ? `\0${shape.bytesReq} ${size}` : name;
    let id = ids.get(key);
    if (id === undefined) {
      id = make(
        name === '' ? `(unnamed, ${shape.bytesReq} bytes)` : name,
        kmalloc,
        kmalloc ? size : shape.bytesReq,
        size,
      );
      ids.set(key, id);
    }
    ofShape[index] = id;
  });
  table.shapes.forEach((shape, index) => {
    if (shape.type === EVENT.kmem_cache_free) ofShape[index] = ids.get(shape.cache) ?? NO_CACHE;
  });
  return { caches, ofShape };
}

/** The smallest DC block that objects so far apart do not all begin at the same place of. */
const smallestDividedBlock = (distance: number): number => 2 * (distance & -distance);

/** Shape of an allocation without a name → name of the cache that its objects were freed to. */
function namesFromFrees(table: EventTable): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const nameless = table.shapes.some((shape) => shape.type === EVENT.kmem_cache_alloc && shape.cache === '');
  const named = table.shapes.some((shape) => shape.type === EVENT.kmem_cache_free && shape.cache !== '');
  if (!nameless || !named) return names;
  const live = new U64Map();
  for (let index = 0; index < table.length; index++) {
    const batch = table.batches[index >> BATCH_SHIFT];
    const row = index & BATCH_MASK;
    const shapeId = batch.shape[row];
    const { type, cache } = table.shapes[shapeId];
    if (type === EVENT.kmem_cache_alloc && cache === '') live.set(batch.keyHi[row], batch.keyLo[row], shapeId);
    else if (type === EVENT.kmem_cache_free && cache !== '') {
      const allocated = live.delete(batch.keyHi[row], batch.keyLo[row]);
      if (allocated >= 0) names.set(allocated, cache);
    }
  }
  return names;
}
