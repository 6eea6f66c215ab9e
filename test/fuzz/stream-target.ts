import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../../src/base/errors.ts';
import type { StreamReader } from '../../src/formats/reader.ts';
import { lineStarts, readPartsWith } from '../../src/formats/text/parts.testdata.ts';
import type { TextReader, TextReaderOptions } from '../../src/formats/text/text-part.ts';
import { dumpTable } from '../../src/trace/dump.testdata.ts';
import type { EventTable } from '../../src/trace/event-table.ts';
import { checkTable } from './check-table.ts';
import type { FuzzTarget } from './target.ts';

interface Outcome {
  readonly table?: EventTable;
  readonly refusal?: string;
}

function read(reader: StreamReader, chunks: Iterable<Uint8Array>): Outcome {
  try {
    for (const chunk of chunks) reader.push(chunk);
    return { table: reader.finish() };
  } catch (error) {
    if (error instanceof InputError) return { refusal: error.message };
    throw error;
  }
}

const dump = ({ table, refusal }: Outcome): unknown => refusal ?? (table === undefined ? undefined : dumpTable(table));

/** A reader that is fed chunk by chunk: also, what it reads does not depend on how the input is cut. */
export const streamTarget = (name: string, corpus: readonly Uint8Array[], make: () => StreamReader): FuzzTarget => ({
  name,
  corpus,
  run(chunks, whole) {
    const outcome = read(make(), chunks);
    if (outcome.table !== undefined) checkTable(outcome.table);
    if (!isDeepStrictEqual(dump(outcome), dump(read(make(), [whole])))) {
      throw new Error('read in chunks, the result is another than read whole');
    }
    if (outcome.refusal !== undefined) {
      throw new InputError({ where: 'fuzz', found: outcome.refusal, expected: 'a trace', advice: '' });
    }
  },
});

/** A reader of text: also, what it reads does not depend on whether it was read in parts, and on where these were cut. */
export function textTarget(
  name: string,
  corpus: readonly Uint8Array[],
  make: (options: TextReaderOptions) => TextReader,
): FuzzTarget {
  const readParts = readPartsWith(make);
  const target = streamTarget(name, corpus, () => make({ name: 'fuzz' }));
  return {
    ...target,
    run(chunks, whole) {
      void target.run(chunks, whole);
      const expected = dumpTable(read(make({ name: 'fuzz' }), [whole]).table ?? noTable());
      const starts = lineStarts(whole);
      for (const [first, second] of [
        [1 / 3, 2 / 3],
        [1 / 5, 1 / 4],
      ]) {
        const cuts = [first, second].map((share) => starts[Math.floor(starts.length * share)]);
        if (cuts[0] === undefined || cuts[0] === cuts[1]) continue;
        if (!isDeepStrictEqual(dumpTable(readParts(whole, cuts).table), expected)) {
          throw new Error(`read in parts cut at ${cuts.join(' and ')}, the result is another than read whole`);
        }
      }
    },
  };
}

const noTable = (): never => {
  throw new Error('an input that was taken in chunks is refused whole');
};
