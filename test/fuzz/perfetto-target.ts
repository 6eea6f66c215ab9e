import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { inflateSync } from 'node:zlib';
import { decompress } from 'fzstd';
import { InputError } from '../../src/base/errors.ts';
import {
  bundle,
  compressedPackets,
  event,
  field,
  ftraceStats,
  internedData,
  kfree,
  kmalloc,
  MARKER,
  message,
  newTask,
  packet,
  pageAlloc,
  processTree,
  rename,
  systemInfo,
  varint,
  type Bytes,
} from '../../src/formats/perfetto/building.testdata.ts';
import { PerfettoReader } from '../../src/formats/perfetto/reader.ts';
import { dumpTable } from '../../src/trace/dump.testdata.ts';
import { checkTable } from './check-table.ts';
import { oddTraces } from './odd-traces.ts';
import type { FuzzTarget } from './target.ts';

const file = new URL('../../cases/perfetto/x86-kmem.pftrace', import.meta.url);

/** Messages that the recorded piece lacks. */
function oddPackets(): Uint8Array {
  const descriptor = message(
    field(1, 700),
    field(2, message(field(1, 'alloc_vmap_area'), field(2, message(field(1, 'addr'), field(3, 1))))),
  );
  const columns = field(
    4,
    message(field(5, 'a'), field(1, [...varint(100), 5]), field(3, [7, 8]), field(6, [0, 0]), field(7, [1])),
  );
  const packets: readonly Bytes[] = [
    packet(3, systemInfo(field(1, message(field(3, '6.1.0'), field(4, 'aarch64'))), field(6, 4096))),
    packet(1, bundle(0, kmalloc(1, 1, 0xffff_8881_0000_1000n, 2), field(11, descriptor)), field(13, 1)),
    packet(1, internedData(field(26, message(field(1, 2), field(2, 'copy_process')))), bundle(0, kfree(2, 1, 5n, 2))),
    packet(1, bundle(1, event(3, 1, 700, field(1, 0x1000), field(2, 4096)), rename(4, 2, 'a', 'b'), columns)),
    packet(1, bundle(1, newTask(5, 1, 9, 'child'), field(3, 1), field(5, 2), field(8, message(field(2, 5))))),
    packet(2, ftraceStats(field(1, 2), field(2, message(field(1, 0), field(3, 9), field(8, 3))), field(6, 'x/y'))),
    packet(2, processTree(field(1, message(field(1, 1), field(3, '/sbin/init'))), field(2, message(field(1, 2))))),
    packet(2, field(36, []), ...[MARKER]),
    packet(1, compressedPackets(packet(1, bundle(0, pageAlloc(6, 1, 7))))),
    packet(1, bundle(0, event(7, 1, 327, field(1, 'kfree'), field(2, message(field(1, 'ptr'), field(5, 3)))))),
  ];
  return Uint8Array.from(packets.flat());
}

/** Pieces of some thousand bytes: mutations of short inputs hit more often. */
function corpus(): Uint8Array[] {
  const data = new Uint8Array(readFileSync(file));
  const odd = oddPackets();
  return [
    data.slice(0, 1400),
    data.slice(0, 6000),
    data.slice(25_000, 31_000),
    data.slice(-4000),
    odd,
    odd,
    odd,
    ...oddTraces(/\.pftrace$/),
  ];
}

/** What zlib or zstd give, and what tests' builders have in their place. */
const decompressors = {
  zlib: (data: Uint8Array, maxBytes: number): Uint8Array =>
    data[0] === 0x53 ? data.subarray(2) : inflateSync(data, { maxOutputLength: maxBytes }),
  zstd: (data: Uint8Array): Uint8Array => decompress(data),
};

type Outcome = { readonly dump: unknown; readonly refusal?: string };

function read(chunks: Iterable<Uint8Array>): Outcome {
  const reader = new PerfettoReader({ name: 'fuzz', decompressors });
  try {
    for (const chunk of chunks) reader.push(chunk);
    const table = reader.finish();
    checkTable(table);
    return { dump: dumpTable(table) };
  } catch (error) {
    if (error instanceof InputError) return { dump: error.message, refusal: error.message };
    throw error;
  }
}

/** The reader of Perfetto traces: also, what it reads does not depend on how the input is cut. */
export const perfettoTarget = (): FuzzTarget => ({
  name: 'perfetto',
  corpus: corpus(),
  run(chunks, whole) {
    const { dump, refusal } = read(chunks);
    if (!isDeepStrictEqual(dump, read([whole]).dump)) {
      throw new Error('read in chunks, the result is another than read whole');
    }
    if (refusal !== undefined) throw new InputError({ where: 'fuzz', found: refusal, expected: 'a trace', advice: '' });
  },
});
