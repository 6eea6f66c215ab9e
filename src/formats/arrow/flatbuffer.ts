/** A flatbuffer that is not one: an offset, a length or a type that leads out of it. */
export class MalformedFlatbuffer extends Error {
  override readonly name = 'MalformedFlatbuffer';
}

/** A vector: where its elements are, and how many. */
export interface Vector {
  readonly start: number;
  readonly length: number;
}

/**
 * A table of a flatbuffer (flatbuffers.dev, "Internals"), read with every offset and length checked: libraries trust
 * them, and would take whatever memory a damaged file asks for.
 */
export class FlatTable {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  readonly #at: number;
  readonly #vtable: number;
  readonly #slots: number;

  private constructor(data: Uint8Array, view: DataView, at: number) {
    this.#data = data;
    this.#view = view;
    this.#at = at;
    this.#need(at, 4);
    this.#vtable = at - view.getInt32(at, true);
    this.#need(this.#vtable, 4);
    this.#slots = (view.getUint16(this.#vtable, true) - 4) >> 1;
  }

  /** The table that a flatbuffer begins with. */
  static root(data: Uint8Array): FlatTable {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (data.length < 4) throw new MalformedFlatbuffer();
    return new FlatTable(data, view, view.getUint32(0, true));
  }

  byte(slot: number): number {
    const at = this.#field(slot, 1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  short(slot: number): number {
    const at = this.#field(slot, 2);
    return at < 0 ? 0 : this.#view.getInt16(at, true);
  }

  int(slot: number): number {
    const at = this.#field(slot, 4);
    return at < 0 ? 0 : this.#view.getInt32(at, true);
  }

  /** A 64-bit number that is a length or an id: negative ones, and those beyond 2^53, are malformed. */
  long(slot: number): number {
    const at = this.#field(slot, 8);
    return at < 0 ? 0 : this.#longAt(at);
  }

  table(slot: number): FlatTable | undefined {
    const at = this.#reference(slot);
    return at < 0 ? undefined : new FlatTable(this.#data, this.#view, at);
  }

  text(slot: number): string {
    const { start, length } = this.#vector(slot, 1);
    return new TextDecoder().decode(this.#data.subarray(start, start + length));
  }

  /** The tables of a vector of tables, of which there may be at most `limit`. */
  tables(slot: number, limit: number): FlatTable[] {
    const { start, length } = this.#vector(slot, 4);
    if (length > limit) throw new MalformedFlatbuffer();
    return Array.from({ length }, (_, index) => {
      const at = start + index * 4;
      return new FlatTable(this.#data, this.#view, at + this.#view.getUint32(at, true));
    });
  }

  /** The pairs of 64-bit numbers of a vector of such structs, of which there may be at most `limit`. */
  pairs(slot: number, limit: number): (readonly [number, number])[] {
    const { start, length } = this.#vector(slot, 16);
    if (length > limit) throw new MalformedFlatbuffer();
    return Array.from({ length }, (_, index) => {
      const at = start + index * 16;
      return [this.#longAt(at), this.#longAt(at + 8)] as const;
    });
  }

  #vector(slot: number, elementBytes: number): Vector {
    const at = this.#reference(slot);
    if (at < 0) return { start: 0, length: 0 };
    this.#need(at, 4);
    const length = this.#view.getUint32(at, true);
    this.#need(at + 4, length * elementBytes);
    return { start: at + 4, length };
  }

  #longAt(at: number): number {
    const value = Number(this.#view.getBigInt64(at, true));
    if (value < 0 || !Number.isSafeInteger(value)) throw new MalformedFlatbuffer();
    return value;
  }

  /** Where the value of a slot is, or −1 if it has none. */
  #field(slot: number, bytes: number): number {
    if (slot >= this.#slots) return -1;
    const entry = this.#vtable + 4 + slot * 2;
    this.#need(entry, 2);
    const offset = this.#view.getUint16(entry, true);
    if (offset === 0) return -1;
    this.#need(this.#at + offset, bytes);
    return this.#at + offset;
  }

  #reference(slot: number): number {
    const at = this.#field(slot, 4);
    return at < 0 ? -1 : at + this.#view.getUint32(at, true);
  }

  #need(at: number, bytes: number): void {
    if (at < 0 || at + bytes > this.#data.length) throw new MalformedFlatbuffer();
  }
}
