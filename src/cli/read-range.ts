import { closeSync, openSync, readSync } from 'node:fs';
import type { StreamReader } from '../formats/reader.ts';

const CHUNK_BYTES = 1 << 20;

/**
 * Reads a range of a file into a reader, through one buffer; that a reader keeps no reference to it makes this faster than
 * a stream. Stops after each piece, and gives its size.
 *
 * @param end infinity for the end of the file, wherever that is by then
 */
export function* readRange(path: string, start: number, end: number, reader: StreamReader): Generator<number, void> {
  const descriptor = openSync(path, 'r');
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    for (let at = start; at < end;) {
      const read = readSync(descriptor, chunk, 0, Math.min(CHUNK_BYTES, end - at), at);
      if (read === 0) return;
      reader.push(chunk.subarray(0, read));
      at += read;
      yield read;
    }
  } finally {
    closeSync(descriptor);
  }
}
