import { expect, test } from 'vitest';
import { LossLog } from '../../trace/loss-log.ts';
import { MemorySource } from '../byte-source.ts';
import { join, u32, zeroes } from './building.testdata.ts';
import { compressedBlocks } from './page-blocks.ts';

const PAGE = 4096;

/** What is given for chunks of ten bytes that claim to hold so many, and how often something was decompressed. */
function read(claims: readonly number[]): { blocks: number; decompressed: number; log: LossLog } {
  const data = join(u32(claims.length), ...claims.map((bytes) => join(u32(10), u32(bytes), zeroes(10))));
  const log = new LossLog('test.dat', false);
  const content = new Uint8Array(1 << 24);
  let decompressed = 0;
  const decompress = (_: Uint8Array, bytes: number): Uint8Array => {
    decompressed++;
    return content.subarray(0, bytes);
  };
  const where = { cpu: 0, offset: 0, size: data.length - 4 };
  const blocks = [...compressedBlocks(new MemorySource(data), where, PAGE, decompress, log)].length;
  return { blocks, decompressed, log };
}

test('data that grow beyond all measure are not taken to their end', () => {
  // 64 times 16 MiB are 1 GiB; what is stored is some hundred bytes.
  const { blocks, log } = read(Array.from({ length: 100 }, () => 1 << 24));
  expect(blocks).toBe(64);
  expect(log.losses.samples).toEqual([
    {
      line: 0,
      offset: 4 + 64 * 18,
      expected: 'data that grow at most 2000-fold',
      found: '10 bytes that become 16777216',
    },
  ]);
});

test('a chunk that is no whole number of pages, or greater than any, is lost alone and not decompressed', () => {
  const { blocks, decompressed, log } = read([PAGE, PAGE + 1, 0xffffffff, 2 ** 31, 10 * PAGE]);
  expect([blocks, decompressed]).toEqual([2, 2]);
  expect(log.losses.truncatedLines).toBe(3);
});

test('more chunks than there are', () => {
  const data = join(u32(0xffffffff), u32(10), u32(PAGE), zeroes(10));
  const log = new LossLog('test.dat', false);
  const where = { cpu: 3, offset: 0, size: data.length - 4 };
  const blocks = [...compressedBlocks(new MemorySource(data), where, PAGE, () => zeroes(PAGE), log)];
  expect(blocks).toHaveLength(1);
  expect(log.losses.samples[0].expected).toBe('4294967294 more chunks of CPU 3');
});

test('a file whose every chunk is damaged is given up before it costs much', () => {
  const data = join(u32(5000), ...Array.from({ length: 5000 }, () => join(u32(1), u32(PAGE), zeroes(1))));
  const log = new LossLog('test.dat', false);
  let tried = 0;
  const broken = (): never => {
    tried++;
    throw new Error('damaged');
  };
  const where = { cpu: 0, offset: 0, size: data.length - 4 };
  expect(() => [...compressedBlocks(new MemorySource(data), where, PAGE, broken, log)]).toThrow(
    'found a damaged chunk of compressed data, after 1000 other losses',
  );
  expect(tried).toBe(1001);
});
