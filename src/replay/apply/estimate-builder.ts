import type { Estimate, Interval } from '../../base/interval.ts';
import { GRANULE_BYTES } from '../../base/units.ts';

export type EstimateName = Estimate['name'];

const DESCRIPTIONS: { readonly [Name in EstimateName]: string } = {
  unseenObjectFrees:
    'Objects that left no event when they were freed (kfree_rcu through sheaves, bulk frees), in caches that are known for it or where reused addresses prove it. Best: all that are still live at the end, in caches of kfree_rcu if they fill a sheaf. High: all of them; as many again were on their way when the trace began, as were the sheaves of caches that are known to be freed by kfree_rcu; and all live objects of caches that show no free at all.',
  objectsFromBeforeTrace:
    'Frees of objects that were allocated before the trace began. Their size is that of their cache, if the trace has an allocation of it; otherwise that of other objects that the same function frees, or what their addresses allow.',
  pagesFromBeforeTrace:
    'Frees of pages that were allocated before the trace began. Whether they were tagged follows from the stack or the events beside them, or else is taken to be as for other pages freed in the same context. Low: none was tagged. High: all were, if the policy tags any that they may be.',
  unseenObjectAllocations:
    'Objects that were freed, and whose allocation left no event (kmem_cache_alloc_bulk), in caches where an address that is freed twice proves that this happens. Low: those that are proved. Best: what the cache freed more than it allocated, less what was on its way when the trace began.',
  compaction:
    'Pages that compaction allocated, which has no event (mm/compaction.c:compaction_alloc). Each page that it was seen to move has a new one, which is tagged although user memory is not, and each free block that it gave back was tagged and poisoned for nothing. Low: none. High: twice as many, since what it keeps is not seen.',
  objectOffsets:
    'Pointers are hashed, so where large objects begin within a DC block is not known for caches whose objects begin at different places. They are taken to fill a slab one after the other.',
};

/** Gathers one estimate. */
export class EstimateBuilder {
  readonly #name: EstimateName;
  readonly #calls = [0, 0, 0];
  readonly #granules = [0, 0, 0];
  readonly #instructions = [0, 0, 0];

  readonly #isCounted: () => boolean;

  /** @param isCounted whether results are of the row that is charged at that moment */
  constructor(name: EstimateName, isCounted: () => boolean) {
    this.#name = name;
    this.#isCounted = isCounted;
  }

  /**
   * Adds work of the row that is charged, which is between `low` and `high` bytes and instructions, `best` of which are in the
   * ledger; and so many times.
   */
  add(low: Piece, best: Piece, high: Piece, count = 1): void {
    if (!this.#isCounted()) return;
    [low, best, high].forEach((piece, index) => {
      this.#calls[index] += count * piece.calls;
      this.#granules[index] += count * (piece.bytes / GRANULE_BYTES);
      this.#instructions[index] += count * piece.instructions;
    });
  }

  finish(): Estimate {
    return {
      name: this.#name,
      description: DESCRIPTIONS[this.#name],
      calls: interval(this.#calls),
      granules: interval(this.#granules),
      tagInstructions: interval(this.#instructions),
    };
  }
}

/** Some tag work, as an estimate sees it. */
export interface Piece {
  readonly calls: number;
  readonly bytes: number;
  /** Instructions that set tags. */
  readonly instructions: number;
}

export const NOTHING: Piece = { calls: 0, bytes: 0, instructions: 0 };

export const times = (piece: Piece, factor: number): Piece => ({
  calls: factor * piece.calls,
  bytes: factor * piece.bytes,
  instructions: factor * piece.instructions,
});

const interval = ([low, best, high]: readonly number[]): Interval => ({ low, best, high });
