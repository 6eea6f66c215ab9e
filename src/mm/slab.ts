import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import type { KmemCache } from './kmem-cache.ts';

/** A slab that the node does not list as partial: all of its objects are out. */
export const NOT_LISTED = -1;
/** Owner of an object that no place has allocated. */
export const NO_OWNER = -1;

/** The pages of a slab and their objects (mm/slab.h: struct slab). */
export class Slab {
  readonly cache: KmemCache;
  readonly base: number;
  readonly pfn: number;
  /** Of each object: the tag of the pointer that leads to it, which the freelist keeps. */
  readonly tags: Uint8Array;
  /** Of each object that is in use: the ledger row that pays for it. */
  readonly rows: Int32Array;
  /** Of each object: the policy leaves it alone. */
  readonly skipped: Uint8Array;
  readonly #freelist: Uint16Array;
  /** Objects on the freelist; those in sheaves are not. */
  free = 0;
  /** Its place in the list of partial slabs, or `NOT_LISTED`. */
  place = NOT_LISTED;

  constructor(cache: KmemCache, base: number, pfn: number) {
    this.cache = cache;
    this.base = base;
    this.pfn = pfn;
    this.tags = new Uint8Array(cache.objects).fill(KASAN_TAG_KERNEL);
    this.rows = new Int32Array(cache.objects).fill(NO_OWNER);
    this.skipped = new Uint8Array(cache.objects);
    this.#freelist = new Uint16Array(cache.objects);
    // The first object is the first to be given out.
    for (let object = cache.objects - 1; object >= 0; object--) this.#freelist[this.free++] = object;
  }

  /** Takes the object that was freed last. @returns its address */
  take(): number {
    return this.base + this.#freelist[--this.free] * this.cache.size;
  }

  give(object: number): void {
    this.#freelist[this.free++] = object;
  }

  /** mm/slab.h:nearest_obj, as the number of the object in its slab. */
  objectAt(address: number): number {
    return Math.min(Math.floor((address - this.base) / this.cache.size), this.cache.objects - 1);
  }
}
