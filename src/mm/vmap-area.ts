import { VMALLOC_START } from '../mte/address-space.ts';
import { NULL_POINTER, type Pointer } from '../mte/pointer.ts';

/** A range of addresses that nobody has, and the vmap_area that describes it. */
interface FreeRange {
  start: number;
  end: number;
  descriptor: Pointer;
}

/** A range that is given back, and the vmap_area that describes it. */
export interface ReleasedArea {
  readonly address: number;
  readonly size: number;
  readonly descriptor: Pointer;
}

/** What an allocation of addresses did (mm/vmalloc.c:va_clip). */
export interface VmapFit {
  readonly address: number;
  /** A range was cut in two: the upper part is described by the vmap_area that was at hand for it. */
  readonly usedSpare: boolean;
  /** The vmap_area of a range that was used up, or NULL. */
  readonly released: Pointer;
}

/**
 * The free addresses of the vmalloc range (mm/vmalloc.c: free_vmap_area_root): the lowest range that fits is used. The
 * ranges are a sorted list; where a search for as much has ended, it goes on the next time.
 */
export class VmapRanges {
  #free: FreeRange[];
  #hint = 0;
  #hintSize = 0;

  constructor(size: number) {
    this.#free = [{ start: VMALLOC_START, end: VMALLOC_START + size, descriptor: NULL_POINTER }];
  }

  /**
   * mm/vmalloc.c:__alloc_vmap_area.
   *
   * @param spare a vmap_area for the case that a range is cut in two
   * @returns undefined if no range is large enough
   */
  allocate(size: number, align: number, spare: Pointer): VmapFit | undefined {
    for (let at = size >= this.#hintSize ? this.#hint : 0; at < this.#free.length; at++) {
      const range = this.#free[at];
      const address = Math.ceil(range.start / align) * align;
      if (address + size > range.end) continue;
      this.#hint = at;
      this.#hintSize = size;
      const below = address > range.start;
      const above = address + size < range.end;
      if (below && above) {
        this.#free.splice(at + 1, 0, { start: address + size, end: range.end, descriptor: spare });
        range.end = address;
        return { address, usedSpare: true, released: NULL_POINTER };
      }
      if (below) range.end = address;
      else if (above) range.start = address + size;
      else this.#free.splice(at, 1);
      return { address, usedSpare: false, released: below || above ? NULL_POINTER : range.descriptor };
    }
    return undefined;
  }

  /**
   * mm/vmalloc.c:merge_or_add_vmap_area, for all areas of a purge: their ranges are free again, and merge with those around.
   *
   * @returns the vmap_areas that merging made superfluous; NULL stands for one that came with the range from boot
   */
  release(areas: readonly ReleasedArea[]): readonly Pointer[] {
    const superfluous: Pointer[] = [];
    const merged: FreeRange[] = [];
    let at = 0;
    const add = (range: FreeRange): void => {
      const below = merged.at(-1);
      if (below === undefined || below.end !== range.start) {
        merged.push(range);
        return;
      }
      below.end = range.end;
      superfluous.push(range.descriptor);
    };
    for (const { address, size, descriptor } of areas.toSorted((a, b) => a.address - b.address)) {
      while (at < this.#free.length && this.#free[at].start < address) add(this.#free[at++]);
      add({ start: address, end: address + size, descriptor });
    }
    while (at < this.#free.length) add(this.#free[at++]);
    this.#free = merged;
    this.#hint = 0;
    return superfluous;
  }
}
