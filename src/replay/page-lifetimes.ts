import type { ClassId } from '../base/allocation-class.ts';
import { U64Map } from '../base/u64-map.ts';
import { Records } from './records.ts';

/** A block of pages that was found to be free. */
export interface FreedBlock {
  /** Ledger row that pays. */
  readonly row: number;
  readonly class: ClassId;
  /** The order that it had been noted with. */
  readonly order: number;
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

  /**
   * Notes an allocation. If a block is still noted at this place, its free was not seen: it is forgotten, and returned.
   */
  add(
    hi: number,
    lo: number,
    order: number,
    row: number,
    classId: ClassId,
    tagged: boolean,
    part: boolean,
  ): FreedBlock | undefined {
    const record = this.#records.add(row, order, (tagged ? TAGGED : 0) | (part ? PART : 0) | (classId << CLASS_SHIFT));
    const old = this.#heads.set(hi, lo, record);
    this.#liveOfOrder[order]++;
    if (order > this.#maxOrder) this.#maxOrder = order;
    if (old < 0) return undefined;
    const held = this.#records.value(old);
    const block = this.#describe(old);
    this.#drop(old);
    // What lies behind the new block is allocated still, as far as anyone knows.
    for (let half = held - 1; half >= order; half--) this.#put(hi, lo + (1 << half), half, block);
    return block;
  }

  /** Notes that the block of 2^order pages from this pfn on is free; undefined if its first page was not known. */
  take(hi: number, lo: number, order: number): FreedBlock | undefined {
    const record = this.#heads.delete(hi, lo);
    if (record < 0) return this.#maxOrder > order ? this.#takeInside(hi, lo, order) : undefined;
    const held = this.#records.value(record);
    const block = this.#describe(record);
    this.#drop(record);
    if (held > order) this.#split(hi, lo, held, lo, order, block);
    return block;
  }

  /** A page that is no head: finds the block that it lies in. */
  #takeInside(hi: number, lo: number, order: number): FreedBlock | undefined {
    for (let held = order + 1; held <= this.#maxOrder; held++) {
      if (this.#liveOfOrder[held] === 0) continue;
      const head = lo & -(1 << held);
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
      const middle = (base + (1 << half)) | 0;
      if ((lo - base) >>> 0 >= 1 << half) {
        this.#put(hi, base, half, block);
        base = middle;
      } else {
        this.#put(hi, middle, half, block);
      }
    }
  }

  #put(hi: number, lo: number, order: number, { row, class: classId, tagged, part }: FreedBlock): void {
    this.add(hi, lo | 0, order, row, classId, tagged, part);
  }

  #describe(record: number): FreedBlock {
    const flags = this.#records.flags(record);
    return {
      row: this.#records.row(record),
      class: flags >> CLASS_SHIFT,
      order: this.#records.value(record),
      tagged: (flags & TAGGED) !== 0,
      part: (flags & PART) !== 0,
    };
  }

  #drop(record: number): void {
    this.#liveOfOrder[this.#records.value(record)]--;
    this.#records.remove(record);
  }
}
