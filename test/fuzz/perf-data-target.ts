import { readFileSync } from 'node:fs';
import { decompress } from 'fzstd';
import { ZstdStream } from '../../src/open/zstd-stream.ts';
import { MemorySource } from '../../src/formats/byte-source.ts';
import { RECORD, SAMPLE } from '../../src/formats/perf-data/abi.ts';
import {
  bytes,
  comm,
  diskFile,
  fork,
  KERNEL,
  pipeFile,
  record,
  round,
  sample,
  tracingData,
  USER,
} from '../../src/formats/perf-data/building.testdata.ts';
import { PerfDataReader } from '../../src/formats/perf-data/reader.ts';
import { readAtOnce } from '../../src/formats/reader.ts';
import { oddTraces } from './odd-traces.ts';
import { checkTable } from './check-table.ts';
import type { FuzzTarget } from './target.ts';

const folder = new URL('../../cases/perf-data/', import.meta.url);
const whole = (name: string): Uint8Array => decompress(new Uint8Array(readFileSync(new URL(name, folder))));

/** A beginning of a pipe's file, which has all that is needed before its samples. */
const PIPE_BYTES = 60_000;

/** Small files with records of kinds that the recorded ones lack. */
function madeFiles(): Uint8Array[] {
  const callchain = [KERNEL, 0xffffffff81000110n, USER, 0x7f00n];
  const mixed = SAMPLE.IDENTIFIER | SAMPLE.TID | SAMPLE.TIME | SAMPLE.CPU | SAMPLE.READ | SAMPLE.RAW;
  const records = [
    comm(7, 'sh', 0),
    fork(8, 7, 3),
    ...[1, 2, 3, 4, 5, 6].map((time) => sample({ time, tid: 7 + (time & 1), cpu: time & 1, callchain, ptr: time })),
    round(),
    record(RECORD.LOST, bytes([8, 1], [8, 12])),
    record(RECORD.LOST_SAMPLES, bytes([8, 12])),
    record(RECORD.MMAP, bytes([4, -1], [4, 0], [8, 0], [8, 9], [8, 0xffffffff81000000n], '[kernel.kallsyms]_text\0')),
    record(
      RECORD.MMAP2,
      bytes([4, -1], [4, 0], [8, 0], [8, 9], [8, 0xffffffff81000000n], new Uint8Array(32), '[kernel.kallsyms]_text\0'),
    ),
    bytes([4, RECORD.AUXTRACE], [2, 0], [2, 16], [8, 24], new Uint8Array(24)),
    ...[7, 5, 6].map((time) => sample({ time, period: time })),
    round(),
  ];
  const symbols = 'ffffffff81000000 T _text\nffffffff81000100 T a\n';
  const zstd = bytes(
    [4, 0xfd2fb528],
    [1, 0],
    [1, 80],
    [1, (records[0].length << 3) & 0xff],
    [2, records[0].length >> 5],
  );
  return [
    pipeFile({ tracing: tracingData(symbols), records }),
    diskFile({ tracing: tracingData(symbols), records }),
    pipeFile({ records: [record(RECORD.COMPRESSED, bytes(zstd, records[0])), sample({ time: 1 })] }),
    diskFile({
      attributes: [
        { type: 0, sampleType: SAMPLE.IDENTIFIER | SAMPLE.TIME, ids: [1, 2] },
        { sampleType: mixed, readFormat: 0x1f, ids: [3, 4, 5] },
      ],
      records: [
        sample({ time: 1, id: 3 }, mixed, bytes([8, 1], new Uint8Array(40))),
        sample({ time: 2, id: 1 }, mixed),
      ],
    }),
  ];
}

/** The reader of perf.data, which keeps its callchains. */
export function perfDataTarget(): FuzzTarget {
  return {
    name: 'perf-data',
    hasOffsets: true,
    corpus: [
      ...madeFiles(),
      ...madeFiles(),
      ...oddTraces(/\.data$/),
      whole('freq.data.zst'),
      whole('compressed-pipe.data.zst'),
      whole('pipe.data.zst').subarray(0, PIPE_BYTES),
    ],
    run(_chunks, data) {
      const reader = new PerfDataReader({ name: 'fuzz', keepAddresses: true, zstdStream: () => new ZstdStream() });
      checkTable(readAtOnce(reader, new MemorySource(data)));
    },
  };
}
