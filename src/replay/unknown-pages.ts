import { Int32Column } from '../base/int32-column.ts';
import { U64Map } from '../base/u64-map.ts';
import { ALLOCATION_CLASSES, type ClassId } from '../base/allocation-class.ts';

/** No event told the class of a page. */
const UNRESOLVED = -1;
/** The page went through a folio batch: it is user memory or page cache. */
const FOLIO = -2;

const CLASSES = ALLOCATION_CLASSES.length;
/** Orders that readers let pass, in softirq or not. */
const PLACES = 16 * 2;

/** Pages freed in one kind of place: with one order, in or out of softirq, and of folios or not. */
export interface UnknownGroup {
  readonly order: number;
  readonly softirq: boolean;
  readonly folio: boolean;
  readonly pages: number;
}

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
  readonly #class = new Int32Column();
  /** Known frees by place (order, softirq) and class: what unknown ones are compared with. */
  readonly #knownFrees = new Float64Array(PLACES * CLASSES);

  add(hi: number, lo: number, order: number, softirq: boolean): number {
    const id = this.#place.push(placeOf(order, softirq));
    this.#lo.push(lo);
    this.#class.push(UNRESOLVED);
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
    if (id >= 0 && this.#class.get(id) === UNRESOLVED) this.#class.set(id, FOLIO);
  }

  /** Whether the pages `ids` are one after the other, and the first of them is one that a block of them begins with. */
  areBlock(ids: readonly number[]): boolean {
    const first = this.#lo.get(ids[0]);
    return first % ids.length === 0 && ids.every((id, index) => this.#lo.get(id) === first + index);
  }

  /** An event tells the class; the page is accounted for by the caller. */
  resolve(id: number, classId: ClassId): void {
    this.#class.set(id, classId);
  }

  knownFree(order: number, softirq: boolean, classId: ClassId): void {
    this.#knownFrees[placeOf(order, softirq) * CLASSES + classId]++;
  }

  /** The pages that no event told of, by where they were freed. */
  unresolved(): readonly UnknownGroup[] {
    const pages = new Float64Array(PLACES * 2);
    for (let id = 0; id < this.#class.length; id++) {
      const classId = this.#class.get(id);
      if (classId === UNRESOLVED) pages[this.#place.get(id) * 2]++;
      else if (classId === FOLIO) pages[this.#place.get(id) * 2 + 1]++;
    }
    return Array.from(pages, (count, index): UnknownGroup => ({
      order: index >> 2,
      softirq: (index & 2) !== 0,
      folio: (index & 1) !== 0,
      pages: count,
    })).filter((group) => group.pages > 0);
  }

  /**
   * How `group` divides by class, if it divides as the known frees in the same place do.
   *
   * @param eligible classes that pages of the group can have
   */
  apportion(group: UnknownGroup, eligible: (classId: ClassId) => boolean): ReadonlyMap<ClassId, number> {
    const here = this.#freesAt(placeOf(group.order, group.softirq)).filter(([classId]) => eligible(classId));
    const everywhere = Array.from({ length: PLACES }, (_, place) => this.#freesAt(place)).flat();
    return largestRemainder(here.length > 0 ? here : everywhere.filter(([classId]) => eligible(classId)), group.pages);
  }

  /** The classes of known frees in a place, with counts. */
  #freesAt(place: number): [classId: ClassId, frees: number][] {
    const counts = this.#knownFrees.subarray(place * CLASSES, (place + 1) * CLASSES);
    return Array.from(counts, (frees, classId): [ClassId, number] => [classId, frees]).filter(([, frees]) => frees > 0);
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
