import { GRANULE_BYTES } from '../base/units.ts';

/** Tag RAM: the 4-bit tag of every granule of a machine's memory. Memory that was never tagged has tag 0. */
export interface TagMemory {
  /** Bytes of memory that have tags. */
  readonly size: number;
  /** The tag, 0 … 15, of the granule at a physical address. */
  get(address: number): number;
  /** Gives the granules of a range a tag. Address and size are multiples of 16. */
  fill(address: number, size: number, tag: number): void;
}

/** Bytes of memory whose tags one array holds: JavaScript's arrays end at 2^32 elements, or a little more. */
const LARGEST = 2 ** 35;

/** Tag RAM for so many bytes of memory, a multiple of 16. */
export const tagMemory = (size: number): TagMemory =>
  size <= LARGEST ? new ByteTagMemory(size) : new LargeTagMemory(size, LARGEST);

/** Tag RAM of a large machine, in parts. */
export class LargeTagMemory implements TagMemory {
  readonly size: number;
  readonly #part: number;
  readonly #parts: readonly ByteTagMemory[];

  /** @param part bytes of memory whose tags each part holds, a multiple of 16 */
  constructor(size: number, part: number) {
    this.size = size;
    this.#part = part;
    this.#parts = Array.from(
      { length: Math.ceil(size / part) },
      (_, index) => new ByteTagMemory(Math.min(part, size - index * part)),
    );
  }

  get(address: number): number {
    return this.#parts[Math.floor(address / this.#part)].get(address % this.#part);
  }

  fill(address: number, size: number, tag: number): void {
    const part = this.#part;
    for (let from = address; from < address + size;) {
      const end = Math.min(address + size, (Math.floor(from / part) + 1) * part);
      this.#parts[Math.floor(from / part)].fill(from % part, end - from, tag);
      from = end;
    }
  }
}

/**
 * One byte for each tag. Twice the memory of packed tags, but the host gives out pages only when they are written to, and
 * a short range costs no reading back.
 */
export class ByteTagMemory implements TagMemory {
  readonly size: number;
  readonly #tags: Uint8Array;

  /** @param size bytes of memory, a multiple of 16 */
  constructor(size: number) {
    this.size = size;
    this.#tags = new Uint8Array(size / GRANULE_BYTES);
  }

  get(address: number): number {
    return this.#tags[Math.floor(address / GRANULE_BYTES)];
  }

  fill(address: number, size: number, tag: number): void {
    const first = address / GRANULE_BYTES;
    const last = (address + size) / GRANULE_BYTES;
    // Below some ten granules a loop is faster than the call.
    if (last - first > SHORT) this.#tags.fill(tag, first, last);
    else for (let granule = first; granule < last; granule++) this.#tags[granule] = tag;
  }
}

const SHORT = 12;
