import { GRANULE_BYTES } from '../base/units.ts';

/** Bytes of memory whose tags are kept together. */
const PART_BYTES = 1 << 18;
const PART_GRANULES = PART_BYTES / GRANULE_BYTES;
/** Below some ten granules a loop is faster than the call. */
const SHORT = 12;

/**
 * Tag RAM: the 4-bit tag of every granule of a machine's memory. Memory that was never tagged has tag 0.
 *
 * One byte for each tag is twice the memory of packed tags, but a short range costs no reading back. A part of the memory has
 * tags kept once it is tagged: most of a machine never is, and arrays of all of it would make many small machines slow.
 */
export class TagMemory {
  /** Bytes of memory that have tags. */
  readonly size: number;
  readonly #parts: (Uint8Array | undefined)[];

  /** @param size bytes of memory, a multiple of 16 */
  constructor(size: number) {
    this.size = size;
    this.#parts = Array<Uint8Array | undefined>(Math.ceil(size / PART_BYTES));
  }

  /** The tag, 0 … 15, of the granule at a physical address. */
  get(address: number): number {
    const index = Math.floor(address / PART_BYTES);
    const part = this.#parts[index];
    return part === undefined ? 0 : part[Math.floor((address - index * PART_BYTES) / GRANULE_BYTES)];
  }

  /** Gives the granules of a range a tag. Address and size are multiples of 16. */
  fill(address: number, size: number, tag: number): void {
    const end = address + size;
    for (let from = address; from < end;) {
      const index = Math.floor(from / PART_BYTES);
      const base = index * PART_BYTES;
      const part = (this.#parts[index] ??= new Uint8Array(PART_GRANULES));
      const first = (from - base) / GRANULE_BYTES;
      const last = Math.min(PART_GRANULES, (end - base) / GRANULE_BYTES);
      if (last - first > SHORT) part.fill(tag, first, last);
      else for (let granule = first; granule < last; granule++) part[granule] = tag;
      from = base + PART_BYTES;
    }
  }
}
