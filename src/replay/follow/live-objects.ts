import { U64Map } from '../../base/u64-map.ts';
import { Records } from './records.ts';

/** An object that was allocated. */
interface LiveObject {
  /** The group of the work that allocated it; of a large kmalloc, which has no cache, the handle. */
  readonly work: number;
  /** `NO_CACHE` for a large kmalloc. */
  readonly cacheId: number;
  /** Allocated while the window was open. */
  readonly isCounted: boolean;
  /** Row in the table of lifetimes, or `NONE`. */
  readonly life: number;
}

/** Slab objects and large kmallocs that live, by pointer, as records. */
export class LiveObjects {
  readonly #byPointer = new U64Map();
  readonly #records = new Records();

  /** @returns the record of an object that is noted at this pointer still, or a negative number */
  add(hi: number, lo: number, { work, cacheId, isCounted, life }: LiveObject): number {
    return this.#byPointer.set(hi, lo, this.#records.add(work, (cacheId << 1) | (isCounted ? 1 : 0), life));
  }

  has(hi: number, lo: number): boolean {
    return this.#byPointer.get(hi, lo) >= 0;
  }

  /** Takes an object out. @returns its record, which is valid until it is forgotten; a negative number if there is none */
  take(hi: number, lo: number): number {
    return this.#byPointer.delete(hi, lo);
  }

  forget(record: number): void {
    this.#records.remove(record);
  }

  work = (record: number): number => this.#records.work(record);
  life = (record: number): number => this.#records.life(record);
  cacheId = (record: number): number => this.#records.value(record) >> 1;
  isCounted = (record: number): boolean => (this.#records.value(record) & 1) === 1;

  forEach(visit: (record: number) => void): void {
    this.#byPointer.forEach(visit);
  }
}
