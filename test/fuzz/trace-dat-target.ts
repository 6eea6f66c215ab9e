import { readdirSync, readFileSync } from 'node:fs';
import { createDecompressors } from '../../src/cli/decompressors.ts';
import { MemorySource } from '../../src/formats/byte-source.ts';
import { readAtOnce } from '../../src/formats/reader.ts';
import { TraceDatReader } from '../../src/formats/trace-dat/reader.ts';
import { oddTraces } from './odd-traces.ts';
import { checkTable } from './check-table.ts';
import type { FuzzTarget } from './target.ts';

const folder = new URL('../../cases/trace-dat/', import.meta.url);
const decompressors = await createDecompressors();

/** The reader of trace.dat, whole and cut files of both versions in every compression. */
export const traceDatTarget = (): FuzzTarget => ({
  name: 'trace-dat',
  corpus: [
    ...readdirSync(folder)
      .filter((name) => name.endsWith('.dat'))
      .toSorted()
      .map((name) => new Uint8Array(readFileSync(new URL(name, folder)))),
    ...oddTraces(/\.dat$/),
  ],
  hasOffsets: true,
  run(_chunks, whole) {
    const reader = new TraceDatReader({ name: 'fuzz', decompressors });
    checkTable(readAtOnce(reader, new MemorySource(whole)));
  },
});
