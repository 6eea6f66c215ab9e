import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../../src/base/errors.ts';
import type { StreamReader } from '../../src/formats/reader.ts';
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
