import { readFileSync } from 'node:fs';
import { InputError } from '../../src/base/errors.ts';
import { ArrowReader } from '../../src/formats/arrow/reader.ts';
import { writeEvents } from '../../src/formats/arrow/writer.ts';
import { MemorySource } from '../../src/formats/byte-source.ts';
import { FtraceTextReader } from '../../src/formats/ftrace-text/reader.ts';
import { readAtOnce } from '../../src/formats/reader.ts';
import type { EventTable } from '../../src/trace/event-table.ts';
import { checkTable } from './check-table.ts';
import type { FuzzTarget } from './target.ts';

function converted(table: EventTable): Uint8Array {
  const pieces: Uint8Array[] = [];
  const source = { files: ['a.trace'], format: 'ftrace text', bytes: 1 };
  writeEvents(table, source, { write: (bytes) => pieces.push(bytes.slice()) });
  return new Uint8Array(Buffer.concat(pieces));
}

/** Real events in the columnar file: with stacks, without, and none. */
function corpus(): Uint8Array[] {
  return [
    ['arm64-stacks.trace', 9000],
    ['x86-no-stacks.trace', 4000],
    ['x86-no-stacks.trace', 0],
  ].map(([name, bytes]) => {
    const reader = new FtraceTextReader({ name: String(name) });
    const data = readFileSync(new URL(`../../cases/ftrace-text/${name}`, import.meta.url));
    reader.push(new Uint8Array(data).subarray(0, Number(bytes)));
    return converted(reader.finish());
  });
}

/** The reader of tagscope's own columnar file. */
export const arrowTarget = (): FuzzTarget => ({
  name: 'arrow',
  corpus: corpus(),
  hasOffsets: true,
  run(_chunks, whole) {
    const reader = new ArrowReader({ name: 'fuzz' });
    try {
      checkTable(readAtOnce(reader, new MemorySource(whole)));
    } catch (error) {
      if (error instanceof InputError && !/byte \d+|pfn/.test(error.message))
        throw new Error('no place', { cause: error });
      throw error;
    }
  },
});
