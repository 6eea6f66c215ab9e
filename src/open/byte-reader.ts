import { concat, type ByteChunks } from './byte-stream.ts';

/** Takes a stream of chunks in pieces of the size that is asked for. */
export class ByteReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #cutShort: (offset: number) => Error;
  #chunk: Uint8Array = new Uint8Array(0);
  #offset = 0;

  /** @param cutShort makes the error that is thrown when the stream ends within a piece */
  constructor(chunks: ByteChunks, cutShort: (offset: number) => Error) {
    this.#iterator = chunks[Symbol.asyncIterator]();
    this.#cutShort = cutShort;
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#offset;
  }

  async hasMore(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#iterator.next();
      if (next.done === true) return false;
      this.#chunk = next.value;
    }
    return true;
  }

  /** Gives exactly `size` bytes. */
  async take(size: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.stream(size)) pieces.push(piece);
    return concat(pieces, size);
  }

  /** Gives `size` bytes in pieces as they come. */
  async *stream(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0;) {
      if (!(await this.hasMore())) throw this.#cutShort(this.#offset);
      const piece = this.#chunk.subarray(0, left);
      this.#chunk = this.#chunk.subarray(piece.length);
      this.#offset += piece.length;
      left -= piece.length;
      yield piece;
    }
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}
