/** An input that can be read at any place, without waiting. */
export interface ByteSource {
  /** Bytes that there are. */
  readonly size: number;
  /**
   * Gives the bytes [offset, offset + length), which must lie within the size. The array is not used again for
   * something else.
   *
   * @throws InputError if the input has become shorter
   */
  read(offset: number, length: number): Uint8Array;
}

/** Bytes that are in memory. */
export class MemorySource implements ByteSource {
  readonly #data: Uint8Array;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  get size(): number {
    return this.#data.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#data.subarray(offset, offset + length);
  }
}
