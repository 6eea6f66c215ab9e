import type { ClassId } from '../../base/allocation-class.ts';

/** Areas of one size whose class no event told. */
export interface UnknownAreas {
  readonly pages: number;
  readonly areas: number;
  /** What areas of that size are that the trace has the allocation of, with counts. */
  readonly known: ReadonlyMap<ClassId, number>;
}

/**
 * How many pages vmalloc areas of each class have. An area from before the trace is most likely what others of its size are:
 * a kernel stack is one page where pages are large, and so is a shadow call stack anywhere.
 */
export class AreaSizes {
  readonly #known = new Map<number, Map<ClassId, number>>();
  readonly #unknown = new Map<number, number>();

  /** An area of so many pages was allocated. */
  allocated(pages: number, classId: ClassId): void {
    const classes = this.#known.get(pages) ?? new Map<ClassId, number>();
    this.#known.set(pages, classes);
    classes.set(classId, (classes.get(classId) ?? 0) + 1);
  }

  /** An area from before the trace was freed. */
  freedFromBeforeTrace(pages: number): void {
    this.#unknown.set(pages, (this.#unknown.get(pages) ?? 0) + 1);
  }

  unresolved(): readonly UnknownAreas[] {
    return [...this.#unknown].map(([pages, areas]) => ({ pages, areas, known: this.#known.get(pages) ?? new Map() }));
  }

  /** Pages of areas that were allocated, by class: what single pages of areas are compared with. */
  pagesByClass(): ReadonlyMap<ClassId, number> {
    const sums = new Map<ClassId, number>();
    for (const [pages, classes] of this.#known)
      for (const [classId, areas] of classes) sums.set(classId, (sums.get(classId) ?? 0) + pages * areas);
    return sums;
  }
}
