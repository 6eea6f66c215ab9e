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
  readonly tags: number[];
  /** Of each object that is in use: the ledger row that pays for it. */
  readonly rows: number[];
  /** Of each object: the policy leaves it alone. */
  readonly skipped: number[];
  readonly #freelist: number[] = [];
  /** Its place in the list of partial slabs, or `NOT_LISTED`. */
  place = NOT_LISTED;

  constructor(cache: KmemCache, base: number, pfn: number) {
    this.cache = cache;
    this.base = base;
    this.pfn = pfn;
    // Plain lists: a slab is small, and arrays outside the heap are slow to make.
    this.tags = Array<number>(cache.objects).fill(KASAN_TAG_KERNEL);
    this.rows = Array<number>(cache.objects).fill(NO_OWNER);
    this.skipped = Array<number>(cache.objects).fill(0);
    // The first object is the first to be given out.
    for (let object = cache.objects - 1; object >= 0; object--) this.#freelist.push(object);
  }

  /** Objects on the freelist; those in sheaves are not. */
  get free(): number {
    return this.#freelist.length;
  }

  /** Takes the object that was freed last. @returns its address */
  take(): number {
    const object = this.#freelist.pop();
    if (object === undefined) throw new RangeError('a slab without free objects');
    return this.base + object * this.cache.size;
  }

  give(object: number): void {
    this.#freelist.push(object);
  }

  /** mm/slab.h:nearest_obj, as the number of the object in its slab. */
  objectAt(address: number): number {
    return Math.min(Math.floor((address - this.base) / this.cache.size), this.cache.objects - 1);
  }
}
