import { InputError } from '../../src/base/errors.ts';
import type { ByteSource } from '../../src/formats/byte-source.ts';

const CHUNK_BYTES = 1 << 20;

/** A file that was dropped on the page, read at any place. Workers can do that without waiting. */
export class BlobSource implements ByteSource {
  readonly #blob: Blob;
  readonly #name: string;
  readonly #reader = new FileReaderSync();

  /** @param name in messages */
  constructor(blob: Blob, name: string) {
    this.#blob = blob;
    this.#name = name;
  }

  get size(): number {
    return this.#blob.size;
  }

  read(offset: number, length: number): Uint8Array {
    try {
      return new Uint8Array(this.#reader.readAsArrayBuffer(this.#blob.slice(offset, offset + length)));
    } catch (error) {
      throw new InputError({
        where: `${this.#name}, byte ${offset}`,
        found: error instanceof Error ? error.message : 'something else than bytes',
        expected: `${length} bytes of a file that is as it was when it was opened`,
        advice: 'Something changed or removed it meanwhile. Open it again.',
      });
    }
  }
}

/** The bytes of a source in order. */
export async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.size; at += CHUNK_BYTES) {
    yield source.read(at, Math.min(CHUNK_BYTES, source.size - at));
  }
}
