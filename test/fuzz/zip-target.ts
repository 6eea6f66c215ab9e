import { readFileSync } from 'node:fs';
import { MemorySource } from '../../src/formats/byte-source.ts';
import { mayBeTrace } from '../../src/open/trace-format.ts';
import { zipMember } from '../../src/cli/zip.ts';
import { zip } from '../../src/cli/zip.testdata.ts';
import type { FuzzTarget } from './target.ts';

const HEAD_BYTES = 4096;

function corpus(): Uint8Array[] {
  const trace = readFileSync(new URL('../../cases/perfetto/x86-kmem.pftrace', import.meta.url)).subarray(0, 3000);
  const note = { name: 'notes/a.txt', data: Buffer.from('nothing') };
  return [
    zip([note, { name: 'b.pftrace', data: trace }]),
    zip([
      { name: 'b.pftrace', data: trace, stored: true },
      { name: 'c.pftrace', data: trace },
    ]),
    zip([]),
  ].map((data) => new Uint8Array(data));
}

/** Archives: finding the trace in one, and unpacking it. */
export const zipTarget = (): FuzzTarget => ({
  name: 'zip',
  corpus: corpus(),
  hasOffsets: true,
  async run(_chunks, whole) {
    const { chunks } = await zipMember(new MemorySource(whole), 'fuzz.zip', {
      name: undefined,
      isTrace: mayBeTrace,
      headBytes: HEAD_BYTES,
    });
    let bytes = 0;
    for await (const chunk of chunks) bytes += chunk.length;
    if (bytes > whole.length * 1100) throw new Error(`${bytes} bytes of ${whole.length}`);
  },
});
