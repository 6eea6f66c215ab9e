import { VMALLOC_START } from '../mte/address-space.ts';
import { NULL_POINTER, type Pointer } from '../mte/pointer.ts';

/** A range of addresses that nobody has, and the vmap_area that describes it. */
interface FreeRange {
  start: number;
  end: number;
  descriptor: Pointer;
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
  readonly #free: FreeRange[];
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
   * mm/vmalloc.c:merge_or_add_vmap_area: a range is free again.
   *
   * @returns the vmap_areas that merging made superfluous; NULL stands for one that came with the range from boot
   */
  release(address: number, size: number, descriptor: Pointer): readonly Pointer[] {
    const end = address + size;
    const next = this.#firstFrom(address);
    this.#hint = Math.min(this.#hint, Math.max(next - 1, 0));
    const above = this.#free[next];
    const below = this.#free[next - 1];
    const joinsAbove = above !== undefined && above.start === end;
    const joinsBelow = below !== undefined && below.end === address;
    if (joinsAbove && joinsBelow) {
      below.end = above.end;
      this.#free.splice(next, 1);
      return [descriptor, above.descriptor];
    }
    if (joinsAbove) above.start = address;
    else if (joinsBelow) below.end = end;
    else {
      this.#free.splice(next, 0, { start: address, end, descriptor });
      return [];
    }
    return [descriptor];
  }

  /** Place of the first free range that begins at an address or above it. */
  #firstFrom(address: number): number {
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#free[middle].start < address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
