import { InputError } from '../../base/errors.ts';
import type { EventTable } from '../../trace/event-table.ts';
import { bytesOf } from './reading.testdata.ts';
import type { TextPart, TextReader, TextReaderOptions } from './text-part.ts';

/** A text that was read in parts, and whether the parts fitted or had to be read by the reader of the first. */
export interface ReadInParts {
  readonly table: EventTable;
  readonly joined: boolean;
}

/** Reads a text in parts, each by a reader of its own, as threads do. */
export const readPartsWith =
  (make: (options: TextReaderOptions) => TextReader) =>
  (data: Uint8Array, cuts: readonly number[], options: Partial<TextReaderOptions> = {}): ReadInParts => {
    const reader = make({ name: 'test.trace', ...options });
    reader.push(data.subarray(0, cuts[0]));
    const { baseSeconds } = reader;
    const parts = baseSeconds === undefined ? undefined : partsOf(baseSeconds);
    const joined = parts !== undefined && reader.join(parts);
    if (!joined) reader.push(data.subarray(cuts[0]));
    return { table: reader.finish(), joined };

    function partsOf(second: number): TextPart[] | undefined {
      try {
        return cuts.map((start, index) => {
          const other = make({ name: 'test.trace', ...options, baseSeconds: second });
          other.push(data.subarray(start, cuts[index + 1]));
          // What goes from thread to thread is copied so.
          return structuredClone(other.part());
        });
      } catch (error) {
        if (error instanceof InputError) return undefined;
        throw error;
      }
    }
  };

/** Lines as a text. */
export const textOf = (lines: readonly string[]): Uint8Array => bytesOf(lines.map((one) => `${one}\n`).join(''));

/** Reads lines in two parts, the second of which begins with line `cut`. */
export const readCutWith =
  (readParts: ReturnType<typeof readPartsWith>) =>
  (lines: readonly string[], cut: number): ReadInParts =>
    readParts(textOf(lines), [textOf(lines.slice(0, cut)).length]);

/** Where lines begin, but for the first. */
export function lineStarts(data: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = data.indexOf(0x0a); at >= 0 && at + 1 < data.length; at = data.indexOf(0x0a, at + 1))
    starts.push(at + 1);
  return starts;
}
