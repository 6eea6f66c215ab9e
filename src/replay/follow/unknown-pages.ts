import { Int32Column } from '../../base/int32-column.ts';
import { U64Map } from '../../base/u64-map.ts';
import { ALLOCATION_CLASSES, type ClassId } from '../../base/allocation-class.ts';

/** No event told the class of a page. */
const UNRESOLVED = 0;
/** The page went through a folio batch: it is user memory or page cache. */
const FOLIO = 1;
/** The page is of a vmalloc area. */
const AREA = 2;
/** The page is accounted for otherwise. */
const SETTLED = 3;

const CLASSES = ALLOCATION_CLASSES.length;
/** Orders that readers let pass, in softirq or not. */
const PLACES = 16 * 2;

/** A page that is freed. */
export interface FreedPage {
  readonly hi: number;
  readonly lo: number;
  readonly order: number;
  readonly softirq: boolean;
  /** The first page of the row of unknown frees that it goes on with, with nothing in between. */
  readonly run: number | undefined;
  /** It is known to be of a vmalloc area. */
  readonly area: boolean;
}

/** What is known of pages of unknown class. */
export type PageHint = 'none' | 'folio' | 'area';

/** Pages freed in one kind of place: with one order, in or out of softirq. */
export interface UnknownGroup {
  readonly order: number;
  readonly softirq: boolean;
  readonly hint: PageHint;
  readonly pages: number;
  /** Rows of at least two that they were freed in, with nothing in between, and how many of the pages these are. */
  readonly runs: number;
  readonly pagesInRuns: number;
}

const HINTS: readonly PageHint[] = ['none', 'folio', 'area'];

/**
 * Freed pages whose allocation is not in the trace. What they were is settled where a neighbouring event tells, and at
 * the end for the others.
 */
export class UnknownPages {
  readonly #byPfn = new U64Map();
  /** Lower halves of the pfns. */
  readonly #lo = new Int32Column();
  /** See `placeOf`. */
  readonly #place = new Int32Column();
  /** What is known of each: `UNRESOLVED` and the like. */
  readonly #state = new Int32Column();
  /** The first page of the row that each was freed in. */
  readonly #run = new Int32Column();
  /** Known frees by place (order, softirq) and class: what unknown ones are compared with. */
  readonly #knownFrees = new Float64Array(PLACES * CLASSES);

  add({ hi, lo, order, softirq, run, area }: FreedPage): number {
    const id = this.#place.push(placeOf(order, softirq));
    this.#lo.push(lo);
    this.#state.push(area ? AREA : UNRESOLVED);
    this.#run.push(run ?? id);
    this.#byPfn.set(hi, lo, id);
    return id;
  }

  /**
   * mm/page_alloc.c:free_unref_folios says that a page went through a folio batch (mm_page_free_batched): it was no
   * page table, no slab and no vmalloc page.
   */
  wentThroughFolioBatch(hi: number, lo: number): void {
    if (this.#place.length === 0) return;
    const id = this.#byPfn.delete(hi, lo);
    if (id >= 0 && this.#state.get(id) === UNRESOLVED) this.#state.set(id, FOLIO);
  }

  /** Whether the pages `ids` are one after the other, and the first of them is one that a block of them begins with. */
  areBlock(ids: readonly number[]): boolean {
    const first = this.#lo.get(ids[0]);
    return first % ids.length === 0 && ids.every((id, index) => this.#lo.get(id) === first + index);
  }

  /** The page is accounted for by the caller. */
  settle(id: number): void {
    this.#state.set(id, SETTLED);
  }

  knownFree(order: number, softirq: boolean, classId: ClassId): void {
    this.#knownFrees[placeOf(order, softirq) * CLASSES + classId]++;
  }

  /** The pages that no event told of, by where they were freed. */
  unresolved(): readonly UnknownGroup[] {
    const pages = new Float64Array(PLACES * HINTS.length);
    const runs = Array.from(pages, () => new Map<number, number>());
    for (let id = 0; id < this.#state.length; id++) {
      const state = this.#state.get(id);
      if (state === SETTLED) continue;
      const group = this.#place.get(id) * HINTS.length + state;
      pages[group]++;
      const run = this.#run.get(id);
      runs[group].set(run, (runs[group].get(run) ?? 0) + 1);
    }
    return Array.from(pages, (count, index): UnknownGroup => {
      const place = Math.floor(index / HINTS.length);
      const long = [...runs[index].values()].filter((length) => length > 1);
      return {
        order: place >> 1,
        softirq: (place & 1) !== 0,
        hint: HINTS[index % HINTS.length],
        pages: count,
        runs: long.length,
        pagesInRuns: long.reduce((sum, length) => sum + length, 0),
      };
    }).filter((group) => group.pages > 0);
  }

  /**
   * How `group` divides by class, if it divides as the known frees in the same place do: of that order, in softirq or not.
   * Empty if there are none.
   *
   * @param eligible classes that pages of the group can have
   */
  apportion(group: UnknownGroup, eligible: (classId: ClassId) => boolean): ReadonlyMap<ClassId, number> {
    const place = placeOf(group.order, group.softirq);
    const counts = this.#knownFrees.subarray(place * CLASSES, (place + 1) * CLASSES);
    const here = Array.from(counts, (frees, classId): [ClassId, number] => [classId, frees]);
    return largestRemainder(
      here.filter(([classId, frees]) => frees > 0 && eligible(classId)),
      group.pages,
    );
  }
}

const placeOf = (order: number, softirq: boolean): number => order * 2 + (softirq ? 1 : 0);

/** Divides a whole number in given proportions into whole numbers (Hamilton's method). */
export function largestRemainder<Key>(
  weights: readonly (readonly [key: Key, weight: number])[],
  total: number,
): ReadonlyMap<Key, number> {
  const sum = weights.reduce((all, [, weight]) => all + weight, 0);
  const shares = new Map<Key, number>();
  if (sum === 0) return shares;
  const quotas = weights.map(([key, weight]) => ({ key, quota: (total * weight) / sum }));
  let left = total;
  for (const { key, quota } of quotas) {
    shares.set(key, (shares.get(key) ?? 0) + Math.floor(quota));
    left -= Math.floor(quota);
  }
  const byRemainder = quotas.toSorted((a, b) => (b.quota % 1) - (a.quota % 1));
  for (let index = 0; index < left; index++) {
    const { key } = byRemainder[index % byRemainder.length];
    shares.set(key, (shares.get(key) ?? 0) + 1);
  }
  return shares;
}
