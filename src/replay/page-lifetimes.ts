import type { ClassId } from '../base/allocation-class.ts';
import { U64Map } from '../base/u64-map.ts';
import { Records } from './records.ts';

/** A block of pages that was found to be free. */
export interface FreedBlock {
  /** Ledger row that pays. */
  readonly row: number;
  readonly class: ClassId;
  /** The page tag is a random one: freeing poisons. */
  readonly tagged: boolean;
  /** The block is part of a larger allocation (a vmalloc area), whose free is counted elsewhere. */
  readonly part: boolean;
}

const TAGGED = 1;
const PART = 2;
const CLASS_SHIFT = 2;

/**
 * Which pages are allocated, by whom, and whether they are tagged. A block is one entry, keyed by its first pfn; freeing
 * a part of it splits it as the buddy allocator would (mm/page_alloc.c:split_page, ___free_pages).
 */
export class PageLifetimes {
  readonly #heads = new U64Map();
  readonly #records = new Records();
  /** How many live blocks there are of each order: only these can hold a page that is no head. */
  readonly #liveOfOrder = new Int32Array(64);
  #maxOrder = 0;

  get size(): number {
    return this.#heads.size;
  }

  /** Notes an allocation. Whatever was noted in its place must have been freed before, see `take`. */
  add(hi: number, lo: number, order: number, row: number, classId: ClassId, tagged: boolean, part: boolean): void {
    const record = this.#records.add(row, order, (tagged ? TAGGED : 0) | (part ? PART : 0) | (classId << CLASS_SHIFT));
    const old = this.#heads.set(hi, lo, record);
    if (old >= 0) this.#drop(old);
    this.#liveOfOrder[order]++;
    if (order > this.#maxOrder) this.#maxOrder = order;
  }

  /** Notes that the block of 2^order pages from this pfn on is free; undefined if its first page was not known. */
  take(hi: number, lo: number, order: number): FreedBlock | undefined {
    const record = this.#heads.get(hi, lo);
    if (record >= 0) {
      const held = this.#records.value(record);
      const block = this.#describe(record);
      this.#heads.delete(hi, lo);
      this.#drop(record);
      if (held > order) this.#split(hi, lo, held, lo, order, block);
      return block;
    }
    return this.#maxOrder > 0 ? this.#takeInside(hi, lo, order) : undefined;
  }

  /** Whether a block begins here. */
  has(hi: number, lo: number): boolean {
    return this.#heads.get(hi, lo) >= 0;
  }

  /** A page that is no head: finds the block that it lies in. */
  #takeInside(hi: number, lo: number, order: number): FreedBlock | undefined {
    for (let held = order + 1; held <= this.#maxOrder; held++) {
      if (this.#liveOfOrder[held] === 0) continue;
      const head = (lo & ~(2 ** held - 1)) >>> 0;
      const record = this.#heads.get(hi, head);
      if (record < 0 || this.#records.value(record) !== held) continue;
      const block = this.#describe(record);
      this.#heads.delete(hi, head);
      this.#drop(record);
      this.#split(hi, head, held, lo, order, block);
      return block;
    }
    return undefined;
  }

  /** Puts back what is left of a block after a smaller block inside it was freed. */
  #split(hi: number, head: number, held: number, lo: number, order: number, block: FreedBlock): void {
    let base = head;
    for (let half = held - 1; half >= order; half--) {
      const middle = base + 2 ** half;
      if (lo >= middle) {
        this.add(hi, base, half, block.row, block.class, block.tagged, block.part);
        base = middle;
      } else {
        this.add(hi, middle >>> 0, half, block.row, block.class, block.tagged, block.part);
      }
    }
  }

  #describe(record: number): FreedBlock {
    const flags = this.#records.flags(record);
    return {
      row: this.#records.row(record),
      class: flags >> CLASS_SHIFT,
      tagged: (flags & TAGGED) !== 0,
      part: (flags & PART) !== 0,
    };
  }

  #drop(record: number): void {
    this.#liveOfOrder[this.#records.value(record)]--;
    this.#records.remove(record);
  }
}
