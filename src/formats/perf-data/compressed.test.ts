import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decompress } from 'fzstd';
import { dumpTable } from '../../trace/dump.testdata.ts';
import type { StreamDecompressor } from '../decompressors.ts';
import { RECORD } from './abi.ts';
import { bytes, comm, pipeFile, readFile, record, round, sample } from './building.testdata.ts';

class Zstd implements StreamDecompressor {
  #give: (part: Uint8Array) => void = () => undefined;
  readonly #decoder = new Decompress((part) => this.#give(part));

  push(piece: Uint8Array, give: (part: Uint8Array) => void): void {
    this.#give = give;
    this.#decoder.push(piece);
  }
}

const zstd = { zstdStream: () => new Zstd() };

/** RFC 8878: a frame with a window of 1 MiB, and no end: perf never ends it. */
const FRAME = bytes([4, 0xfd2fb528], [1, 0], [1, 10 << 3]);
const rawBlock = (data: Uint8Array): Uint8Array => {
  const header = data.length << 3;
  return bytes([1, header & 0xff], [1, (header >> 8) & 0xff], [1, header >> 16], data);
};
/** One byte, repeated. */
const rleBlock = (byte: number, times: number): Uint8Array => {
  const header = (times << 3) | 2;
  return bytes([1, header & 0xff], [1, (header >> 8) & 0xff], [1, header >> 16], [1, byte]);
};
const compressed = (data: Uint8Array): Uint8Array => record(RECORD.COMPRESSED, data);
/** From 6.16 on: the size, the data, and what fills them up to a multiple of eight. */
const compressed2 = (data: Uint8Array): Uint8Array =>
  record(RECORD.COMPRESSED2, bytes([8, data.length], data, new Uint8Array((8 - (data.length % 8)) % 8)));

const RECORDS = [
  comm(7, 'sh', 0),
  ...Array.from({ length: 40 }, (_, index) => sample({ time: index, ptr: index, cpu: index % 3 })),
  round(),
  comm(7, 'true', 20),
  sample({ time: 50 }),
];

describe('compressed records are read as if they were not', () => {
  const plain = dumpTable(readFile(pipeFile({ records: RECORDS })));

  it.each([
    ['COMPRESSED', compressed],
    ['COMPRESSED2', compressed2],
  ])('%s, cut anywhere', (_name, pack) => {
    const all = bytes(...RECORDS);
    fc.assert(
      fc.property(
        fc.array(fc.nat(all.length), { maxLength: 12 }),
        fc.array(fc.nat(30), { maxLength: 5 }),
        (cuts, more) => {
          // Blocks begin at some places, and records at others.
          const places = [0, ...cuts.toSorted((a, b) => a - b), all.length];
          const blocks = places.slice(1).map((to, index) => rawBlock(all.subarray(places[index], to)));
          const stream = bytes(FRAME, ...blocks);
          const pieces: Uint8Array[] = [];
          let at = 0;
          for (const size of more) {
            pieces.push(stream.subarray(at, at + size));
            at += size;
          }
          pieces.push(stream.subarray(at));
          const records = pieces.filter(({ length }) => length > 0).map(pack);
          expect(dumpTable(readFile(pipeFile({ records }), zstd))).toEqual(plain);
        },
      ),
    );
  });
});

it('a record that is cut short at the end is told of', () => {
  const stream = bytes(FRAME, rawBlock(bytes(sample({ time: 1 }), sample({ time: 2 }).subarray(0, 20))));
  const table = readFile(pipeFile({ records: [compressed(stream)] }), zstd);
  expect(table.length).toBe(1);
  expect(table.losses.samples[0].found).toBe('20 bytes of one');
});

it('compressed records within compressed records are none of perf', () => {
  const stream = bytes(FRAME, rawBlock(bytes(compressed(bytes(FRAME)), sample({ time: 1 }))));
  const table = readFile(pipeFile({ records: [compressed(stream)] }), zstd);
  expect(table.length).toBe(1);
  expect(table.losses.truncatedLines).toBe(1);
});

it('a record that grows without measure is refused', () => {
  const rounds = bytes(FRAME, ...Array.from({ length: 600 }, () => rleBlock(0x09, 1 << 17)));
  const file = pipeFile({ records: [compressed(rounds)] });
  expect(() => readFile(file, zstd)).toThrow('grows beyond 64 MiB');
});
