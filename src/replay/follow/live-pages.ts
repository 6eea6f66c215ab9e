import { U64Map } from '../../base/u64-map.ts';
import { Records } from './records.ts';

/** Pages of one allocation, allocated or found to be free. */
export interface PageBlock {
  /** Handle of the work that allocated them. */
  readonly work: number;
  readonly order: number;
  /** The block is part of a larger allocation (a vmalloc area), whose free is counted elsewhere. */
  readonly part: boolean;
  /** Row in the table of lifetimes, or `NONE`. */
  readonly life: number;
}

const PART = 1;
const ORDER_SHIFT = 1;

/**
 * Which pages are allocated, and by what work. A block is one entry, keyed by its first pfn; freeing a part of it splits it
 * as the buddy allocator would (mm/page_alloc.c:split_page, ___free_pages).
 */
export class LivePages {
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
  add(hi: number, lo: number, block: PageBlock): PageBlock | undefined {
    const { order, part, work, life } = block;
    const record = this.#records.add(work, (order << ORDER_SHIFT) | (part ? PART : 0), life);
    const old = this.#heads.set(hi, lo, record);
    this.#liveOfOrder[order]++;
    if (order > this.#maxOrder) this.#maxOrder = order;
    if (old < 0) return undefined;
    const unseen = this.#drop(old);
    // What lies behind the new block is allocated still, as far as anyone knows.
    for (let half = unseen.order - 1; half >= order; half--) this.#put(hi, lo + (1 << half), half, unseen);
    return unseen;
  }

  /**
   * Notes that the block of 2^order pages from this pfn on is free.
   *
   * @returns the block that it was or was part of; undefined if its first page was not known
   */
  take(hi: number, lo: number, order: number): PageBlock | undefined {
    const record = this.#heads.delete(hi, lo);
    if (record < 0) return this.#maxOrder > order ? this.#takeInside(hi, lo, order) : undefined;
    const block = this.#drop(record);
    if (block.order > order) this.#split(hi, lo, lo, order, block);
    return block;
  }

  /** A page that is no head: finds the block that it lies in. */
  #takeInside(hi: number, lo: number, order: number): PageBlock | undefined {
    for (let held = order + 1; held <= this.#maxOrder; held++) {
      if (this.#liveOfOrder[held] === 0) continue;
      const head = lo & -(1 << held);
      const record = this.#heads.get(hi, head);
      if (record < 0 || this.#records.value(record) >> ORDER_SHIFT !== held) continue;
      this.#heads.delete(hi, head);
      const block = this.#drop(record);
      this.#split(hi, head, lo, order, block);
      return block;
    }
    return undefined;
  }

  /** Puts back what is left of a block after a smaller block inside it was freed. */
  #split(hi: number, head: number, lo: number, order: number, block: PageBlock): void {
    let base = head;
    for (let half = block.order - 1; half >= order; half--) {
      const middle = (base + (1 << half)) | 0;
      if ((lo - base) >>> 0 >= 1 << half) {
        this.#put(hi, base, half, block);
        base = middle;
      } else {
        this.#put(hi, middle, half, block);
      }
    }
  }

  #put(hi: number, lo: number, order: number, block: PageBlock): void {
    this.add(hi, lo | 0, { ...block, order });
  }

  #drop(record: number): PageBlock {
    const value = this.#records.value(record);
    const order = value >> ORDER_SHIFT;
    this.#liveOfOrder[order]--;
    this.#records.remove(record);
    return {
      work: this.#records.work(record),
      order,
      part: (value & PART) !== 0,
      life: this.#records.life(record),
    };
  }
}
