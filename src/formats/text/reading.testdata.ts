import type { EventTable } from '../../trace/event-table.ts';
import type { ReaderOptions, StreamReader } from '../reader.ts';

/** The bytes of text in which every character stands for one byte. */
export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Reads bytes in chunks of the given size, or whole, with a reader that `make` makes. */
export const readBytesWith =
  (make: (options: ReaderOptions) => StreamReader) =>
  (data: Uint8Array, chunk = data.length, options: Partial<ReaderOptions> = {}): EventTable => {
    const reader = make({ name: 'test.trace', ...options });
    for (let at = 0; at < data.length; at += chunk) reader.push(data.subarray(at, at + chunk));
    return reader.finish();
  };
