import { closeSync, readSync } from 'node:fs';
import { InputError } from '../base/errors.ts';
import type { ByteSource } from '../formats/byte-source.ts';

/** A file that was opened, as a source. Closing it is up to the owner. */
export class FileSource implements ByteSource {
  readonly size: number;
  readonly #descriptor: number;
  readonly #name: string;

  constructor(descriptor: number, size: number, name: string) {
    this.size = size;
    this.#descriptor = descriptor;
    this.#name = name;
  }

  read(offset: number, length: number): Uint8Array {
    // All of it is written before anybody sees it.
    const data = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
    let at = 0;
    while (at < length) {
      const got = readSync(this.#descriptor, data, at, length - at, offset + at);
      if (got === 0) {
        throw new InputError({
          where: `${this.#name}, byte ${offset + at}`,
          found: 'the end of the file',
          expected: `${length - at} more bytes: the file had ${this.size} when it was opened`,
          advice: 'Something made it shorter while it was read. Copy it, and read the copy.',
        });
      }
      at += got;
    }
    return data;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
