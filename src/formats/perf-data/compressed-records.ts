import { InputError } from '../../base/errors.ts';
import type { StreamDecompressor } from '../decompressors.ts';

/** Records have at most 64 KiB less a byte, so that there is always room for one and for more. */
const BUFFER_BYTES = 1 << 18;
/** What one compressed record, which is at most 64 KiB, may grow to: a thousandfold. Real ones grow 30-fold. */
const MAX_GROWN_BYTES = 1 << 26;

/** Takes what can be read of records `[start, end)`, and gives where it stopped. */
export type Consume = (data: Uint8Array, view: DataView, start: number, end: number, offset: number) => number;

/**
 * Records that were compressed as one zstd stream, which is cut into records of its own (perf record -z). They may be
 * cut anywhere.
 */
export class CompressedRecords {
  readonly #decompressor: StreamDecompressor;
  readonly #consume: Consume;
  readonly #data = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#data.buffer);
  #used = 0;
  /** Bytes of records before the buffer. */
  #consumed = 0;

  constructor(decompressor: StreamDecompressor, consume: Consume) {
    this.#decompressor = decompressor;
    this.#consume = consume;
  }

  /** Bytes of a record that is not complete. */
  get left(): number {
    return this.#used;
  }

  /** @param where the piece is, for messages. @throws InputError for data that are damaged or grow beyond measure */
  push(piece: Uint8Array, where: string): void {
    let grown = 0;
    try {
      this.#decompressor.push(piece, (part) => {
        grown += part.length;
        if (grown > MAX_GROWN_BYTES) throw tooLarge(where);
        this.#take(part);
      });
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw damaged(where);
    }
  }

  #take(part: Uint8Array): void {
    for (let from = 0; from < part.length;) {
      const room = Math.min(BUFFER_BYTES - this.#used, part.length - from);
      this.#data.set(part.subarray(from, from + room), this.#used);
      from += room;
      this.#used += room;
      const end = Math.min(this.#used, this.#consume(this.#data, this.#view, 0, this.#used, this.#consumed));
      this.#data.copyWithin(0, end, this.#used);
      this.#used -= end;
      this.#consumed += end;
    }
  }
}

const damaged = (where: string): InputError =>
  new InputError({
    where,
    found: 'zstd data that are damaged',
    expected: 'compressed records of perf',
    advice: 'Copy the file again from where it was recorded, or record without -z.',
  });

const tooLarge = (where: string): InputError =>
  new InputError({
    where,
    found: `a compressed record that grows beyond ${MAX_GROWN_BYTES / 2 ** 20} MiB`,
    expected: 'records of perf, which grow 30-fold',
    advice: 'The file was made to fill memory, or damaged. Record again.',
  });
