import type { TextReader } from './text-part.ts';

const NEWLINE = 0x0a;

/**
 * Finds where a text can be cut in two: at a line that is an event, where few events before it, if any, still wait for
 * their stacks. It is a good guess, no more: whether parts fit is found when they are joined.
 *
 * @param window a piece of the text. The cut is in its second half; the first is read to see what goes on
 * @param reader a new one, which is used up
 * @returns the place in the window; undefined if there is none
 * @throws InputError as the reader does
 */
export function findCut(window: Uint8Array, reader: TextReader): number | undefined {
  const middle = window.length >> 1;
  let best: number | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  // Whatever the window begins with is the end of a line.
  for (let start = window.indexOf(NEWLINE) + 1, end = start; start > 0; start = end) {
    end = window.indexOf(NEWLINE, start) + 1;
    if (end === 0) break;
    const before = reader.totalEvents;
    reader.push(window.subarray(start, end));
    const isEvent = reader.totalEvents > before;
    if (start < middle || !isEvent || reader.waiting >= fewest) continue;
    fewest = reader.waiting;
    best = start;
  }
  return best;
}
