import { InputError, quoted } from '../base/errors.ts';
import type { ByteSource } from './byte-source.ts';

/** Where in an input a reader is, for messages. */
export interface Place {
  /** Name of the input. */
  readonly name: string;
  /** A part of it whose offsets count from its own beginning, such as a section that was compressed. */
  readonly part?: string;
}

/** What to do about a file that is not whole. */
export const COPY_AGAIN =
  'The file is cut short or damaged: copy it again from where it was recorded, or record it again.';

/**
 * Reads numbers (little-endian) and strings of a binary format one after the other, and never more than there is.
 *
 * Each method is told what it reads, and throws an `InputError` that names the field and its offset.
 */
export class FieldReader {
  readonly #source: ByteSource;
  readonly #place: Place;
  /** Where the next field begins. */
  offset: number;

  constructor(source: ByteSource, place: Place, offset = 0) {
    this.#source = source;
    this.#place = place;
    this.offset = offset;
  }

  get left(): number {
    return this.#source.size - this.offset;
  }

  u8(field: string): number {
    return this.#view(1, field).getUint8(0);
  }

  u16(field: string): number {
    return this.#view(2, field).getUint16(0, true);
  }

  u32(field: string): number {
    return this.#view(4, field).getUint32(0, true);
  }

  /** A number of 64 bits that is a size or an offset: none passes 2^53. */
  size64(field: string): number {
    const start = this.offset;
    const value = Number(this.#view(8, field).getBigUint64(0, true));
    if (Number.isSafeInteger(value)) return value;
    throw this.wrong(start, `${field} = ${value}`, 'a number below 2^53');
  }

  u64(field: string): bigint {
    return this.#view(8, field).getBigUint64(0, true);
  }

  /** @param limit the most bytes that make sense */
  bytes(length: number, limit: number, field: string): Uint8Array {
    if (length > limit) throw this.wrong(this.offset, `${field} of ${length} bytes`, `at most ${limit}`);
    if (length > this.left) {
      throw this.wrong(this.offset, `${Math.max(0, this.left)} bytes and the end`, `${field}: ${length} bytes`);
    }
    const data = this.#source.read(this.offset, length);
    this.offset += length;
    return data;
  }

  /** A string that ends with a zero byte. */
  string(limit: number, field: string): string {
    const data = this.#source.read(this.offset, Math.max(0, Math.min(limit, this.left)));
    const end = data.indexOf(0);
    if (end < 0) throw this.wrong(this.offset, `${field} without an end`, `a zero byte within ${limit} bytes`);
    this.offset += end + 1;
    return new TextDecoder().decode(data.subarray(0, end));
  }

  /** Goes past a text that must stand here. */
  expect(text: string, field: string): void {
    const start = this.offset;
    const found = String.fromCharCode(...this.bytes(text.length, text.length, field));
    if (found !== text) throw this.wrong(start, `${field} ${quoted(found)}`, quoted(text));
  }

  /** The error for a field at `offset`. */
  wrong(offset: number, found: string, expected: string, advice = COPY_AGAIN): InputError {
    const part = this.#place.part === undefined ? '' : `, ${this.#place.part}`;
    return new InputError({ where: `${this.#place.name}${part}, byte ${offset}`, found, expected, advice });
  }

  #view(length: number, field: string): DataView {
    const data = this.bytes(length, length, field);
    return new DataView(data.buffer, data.byteOffset, data.byteLength);
  }
}
