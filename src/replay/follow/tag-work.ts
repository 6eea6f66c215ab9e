import { Int32Column } from '../../base/int32-column.ts';
import { U64Map } from '../../base/u64-map.ts';

/**
 * What the kernel does that may write tags. The index of a type in this list is its number in typed columns; what `of` and
 * `detail` of a group are for each:
 *
 * | type                 | of                        | detail                                                           |
 * | -------------------- | ------------------------- | ---------------------------------------------------------------- |
 * | allocPages           |                           | slab cache that the pages are for, or `NO_CACHE`                 |
 * | freePages            | what allocated the pages  | order of what is freed                                           |
 * | areaByPages          |                           | mask that its pages are allocated with, as the trace shows it    |
 * | areaByArray          |                           | the same, as the class tells: no event of its pages              |
 * | unpoisonArea         | area                      | index of its bytes in `areaBytes`                                |
 * | allocAreaPages       | area                      | order                                                            |
 * | reuseStack           | area of the last stack    |                                                                  |
 * | allocObject          |                           | bytes from the beginning of a page, where that matters           |
 * | freeObject           | what allocated it         |                                                                  |
 * | allocLarge           | what allocated its pages  |                                                                  |
 * | freeLarge            | what allocated it         |                                                                  |
 * | freePagesFromBefore  |                           | order × 2, and 1 where the recording kernel tags the class       |
 * | freeObjectFromBefore |                           | `placed` cache and place                                         |
 * | freeLargeFromBefore  |                           |                                                                  |
 */
export const WORK_TYPES = [
  'allocPages',
  'freePages',
  'areaByPages',
  'areaByArray',
  'unpoisonArea',
  'allocAreaPages',
  'reuseStack',
  'allocObject',
  'freeObject',
  'allocLarge',
  'freeLarge',
  'freePagesFromBefore',
  'freeObjectFromBefore',
  'freeLargeFromBefore',
] as const;

export type WorkType = (typeof WORK_TYPES)[number];

/** The numbers of the types, by name. */
export const WORK: { readonly [Name in WorkType]: number } = {
  allocPages: 0,
  freePages: 1,
  areaByPages: 2,
  areaByArray: 3,
  unpoisonArea: 4,
  allocAreaPages: 5,
  reuseStack: 6,
  allocObject: 7,
  freeObject: 8,
  allocLarge: 9,
  freeLarge: 10,
  freePagesFromBefore: 11,
  freeObjectFromBefore: 12,
  freeLargeFromBefore: 13,
};

/** Bits of a type's number. */
const TYPE_BITS = 4;

/** No group. */
export const NONE = -1;

/** The bytes of a page that tell objects apart by where they begin in a DC block: no block is larger. */
const PLACE_BITS = 12;

/** A cache and a place in one number: `NO_CACHE` is −1. */
export const placed = (cacheId: number, place: number): number => ((cacheId + 1) << PLACE_BITS) | place;
export const cacheOf = (detail: number): number => (detail >> PLACE_BITS) - 1;
export const placeOf = (detail: number): number => detail & ((1 << PLACE_BITS) - 1);

/** Work on pages in the order of events. */
export interface OrderedWork {
  readonly length: number;
  readonly group: Int32Column;
  /** The step that did what this one follows upon, or `NONE`. */
  readonly of: Int32Column;
  readonly cpu: Int32Column;
  /** How often it was done one after the other; negative where it does not count. */
  readonly times: Int32Column;
}

/**
 * The tag work of a trace, in groups of what is the same under any policy: of one kind of allocation, of one type and, for what
 * follows upon other work (a free), of one such. How often each was done is counted while the window is open.
 *
 * Work on pages is known by a handle: its group or, if the order is kept, its step, for sampling decides otherwise each time.
 */
export class TagWork {
  readonly #ids = new U64Map();
  readonly #type = new Int32Column();
  readonly #kind = new Int32Column();
  readonly #of = new Int32Column();
  readonly #detail = new Int32Column();
  #counts = new Float64Array(256);
  readonly #areaBytes: number[] = [];
  readonly #areaBytesIds = new Map<number, number>();
  readonly order: OrderedWork | undefined;
  /** Whether what happens now counts. */
  isOpen = true;

  constructor(keepsOrder: boolean) {
    this.order = keepsOrder ? new Steps() : undefined;
  }

  /** Number of groups. A group comes after what it follows upon. */
  get length(): number {
    return this.#type.length;
  }

  type = (group: number): number => this.#type.get(group);
  /** Id of the kind of allocation. */
  kind = (group: number): number => this.#kind.get(group);
  of = (group: number): number => this.#of.get(group);
  detail = (group: number): number => this.#detail.get(group);
  count = (group: number): number => this.#counts[group];
  areaBytes = (detail: number): number => this.#areaBytes[detail];

  /** The group of work on a kind of allocation; made if new. */
  group(type: number, kind: number, detail = 0): number {
    return this.#known(type, kind, detail) ?? this.#add(type, kind, NONE, detail);
  }

  /** The group of work on a kind of allocation that also depends on another group. @param of that group, or `NONE` */
  groupBeside(type: number, kind: number, of: number): number {
    return this.#known(type, kind, of) ?? this.#add(type, kind, of, 0);
  }

  /** The group of work that follows upon that of another group, on the same kind of allocation. */
  groupAfter(type: number, of: number, detail = 0): number {
    return this.#known(type, of, detail) ?? this.#add(type, this.kind(of), of, detail);
  }

  /** The group with this key. If there is none, the next one gets it. */
  #known(type: number, upper: number, lower: number): number | undefined {
    const known = this.#ids.setIfNew((upper << TYPE_BITS) | type, lower, this.length);
    return known < 0 ? undefined : known;
  }

  #add(type: number, kind: number, of: number, detail: number): number {
    this.#type.push(type);
    this.#kind.push(kind);
    this.#of.push(of);
    const group = this.#detail.push(detail);
    if (group === this.#counts.length) {
      const grown = new Float64Array(group * 2);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    return group;
  }

  /** The detail that stands for the bytes of an area. */
  areaBytesId(bytes: number): number {
    const known = this.#areaBytesIds.get(bytes);
    if (known !== undefined) return known;
    const id = this.#areaBytes.push(bytes) - 1;
    this.#areaBytesIds.set(bytes, id);
    return id;
  }

  /** Work whose outcome nothing later depends on. */
  add(group: number): void {
    if (this.isOpen) this.#counts[group]++;
  }

  /**
   * Work on pages.
   *
   * @param of handle of what it follows upon, or `NONE`
   * @returns its own handle
   */
  addOrdered(group: number, of: number, cpu: number, times = 1): number {
    if (this.isOpen) this.#counts[group] += times;
    const { order } = this;
    if (order === undefined) return group;
    order.of.push(of);
    order.cpu.push(cpu);
    order.times.push(this.isOpen ? times : -times);
    return order.group.push(group);
  }

  groupOf(handle: number): number {
    return this.order === undefined || handle === NONE ? handle : this.order.group.get(handle);
  }

  /** The kind of allocation of a handle. */
  kindOf(handle: number): number {
    return this.kind(this.groupOf(handle));
  }
}

class Steps implements OrderedWork {
  readonly group = new Int32Column();
  readonly of = new Int32Column();
  readonly cpu = new Int32Column();
  readonly times = new Int32Column();

  get length(): number {
    return this.group.length;
  }
}
