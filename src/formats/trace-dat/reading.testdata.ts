import type { EventTable } from '../../trace/event-table.ts';
import { MemorySource } from '../byte-source.ts';
import type { Decompressors } from '../decompressors.ts';
import { readAtOnce, type BinaryReaderOptions } from '../reader.ts';
import { TraceDatReader } from './reader.ts';

const none = (): never => {
  throw new Error('no decompressor in this test');
};

export const NO_DECOMPRESSORS: Decompressors = { zlib: none, zstd: none };

export const readDat = (data: Uint8Array, options: Partial<BinaryReaderOptions> = {}): EventTable =>
  readAtOnce(
    new TraceDatReader({ name: 'test.dat', decompressors: NO_DECOMPRESSORS, ...options }),
    new MemorySource(data),
  );
