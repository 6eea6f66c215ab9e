import { NO_PAGE } from './page-map.ts';

/** MAX_PAGE_ORDER (arch/arm64/Kconfig: ARCH_FORCE_MAX_ORDER): one huge page at least is a block. */
const MAX_PAGE_ORDERS: ReadonlyMap<number, number> = new Map([
  [4096, 10],
  [16384, 11],
  [65536, 13],
]);

/** MAX_PAGE_ORDER of a page size in bytes. */
export const maxPageOrder = (pageSize: number): number => MAX_PAGE_ORDERS.get(pageSize) ?? 10;

const NOT_FREE = -1;

/**
 * The free blocks of a zone by order (mm/page_alloc.c: __rmqueue_smallest, expand, __free_one_page). Lists are linked
 * through columns, so that a block that merges leaves its list at once.
 */
export class Buddy {
  readonly #pages: number;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Of the head of a free block: its order. */
  readonly #order: Int8Array;
  readonly #heads: Int32Array;
  readonly #maxOrder: number;
  #free = 0;

  /** @param maxOrder of the blocks: MAX_PAGE_ORDER */
  constructor(pages: number, maxOrder: number) {
    this.#pages = pages;
    this.#maxOrder = maxOrder;
    this.#heads = new Int32Array(maxOrder + 1).fill(NO_PAGE);
    this.#next = new Int32Array(pages);
    this.#previous = new Int32Array(pages);
    this.#order = new Int8Array(pages).fill(NOT_FREE);
  }

  /** Pages that are free here. */
  get free(): number {
    return this.#free;
  }

  /** Whether a page is the first one of a free block (PageBuddy). */
  isHead(pfn: number): boolean {
    return this.#order[pfn] !== NOT_FREE;
  }

  /** Takes the smallest block that is large enough, and gives back what is left of it. */
  take(order: number): number {
    for (let found = order; found <= this.#maxOrder; found++) {
      const pfn = this.#heads[found];
      if (pfn === NO_PAGE) continue;
      this.#unlink(pfn, found);
      for (let half = found - 1; half >= order; half--) this.#link(pfn + (1 << half), half);
      this.#free -= 1 << order;
      return pfn;
    }
    return NO_PAGE;
  }

  /** Gives back a block, merging it with its buddy as long as that is free too. */
  give(pfn: number, order: number): void {
    this.#free += 1 << order;
    let head = pfn;
    let merged = order;
    while (merged < this.#maxOrder) {
      const buddy = head ^ (1 << merged);
      if (buddy >= this.#pages || this.#order[buddy] !== merged) break;
      this.#unlink(buddy, merged);
      head &= buddy;
      merged++;
    }
    this.#link(head, merged);
  }

  #link(pfn: number, order: number): void {
    const head = this.#heads[order];
    this.#order[pfn] = order;
    this.#next[pfn] = head;
    this.#previous[pfn] = NO_PAGE;
    if (head !== NO_PAGE) this.#previous[head] = pfn;
    this.#heads[order] = pfn;
  }

  #unlink(pfn: number, order: number): void {
    const next = this.#next[pfn];
    const previous = this.#previous[pfn];
    if (next !== NO_PAGE) this.#previous[next] = previous;
    if (previous === NO_PAGE) this.#heads[order] = next;
    else this.#next[previous] = next;
    this.#order[pfn] = NOT_FREE;
  }
}
