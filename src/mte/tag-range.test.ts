import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GRANULE_BYTES } from '../base/units.ts';
import { cpuProfile, withDcBlock, type CpuProfile } from './cpu.ts';
import { rangeBlocks, rangeInstructions, rangeStores } from './tag-range.ts';

const A710 = cpuProfile('cortex-a710');
const KIB = 1024;

type Counts = readonly [stores: number, blocks: number];

const counted = (cpu: CpuProfile, address: number, size: number): Counts => [
  rangeStores(cpu, address, size),
  rangeBlocks(cpu, address, size),
];

describe('instructions of mte_set_mem_tag_range for a range that begins a block (spec mte.md section 5, the table)', () => {
  const B64 = withDcBlock(A710, '64');
  const B512 = withDcBlock(A710, '512');
  const B2048 = withDcBlock(A710, '2048');
  const DZP = withDcBlock(A710, 'dzp');

  // size, then single-granule stores and block operations for 64, 512 and 2048 bytes; with DZP stores only.
  test.each<readonly [size: number, b64: Counts, b512: Counts, b2048: Counts, dzp: number]>([
    [16, [1, 0], [1, 0], [1, 0], 1],
    [32, [2, 0], [2, 0], [2, 0], 2],
    [48, [3, 0], [3, 0], [3, 0], 3],
    [64, [4, 0], [4, 0], [4, 0], 4],
    [96, [6, 0], [6, 0], [6, 0], 6],
    [112, [7, 0], [7, 0], [7, 0], 7],
    [128, [4, 1], [8, 0], [8, 0], 8],
    [144, [5, 1], [9, 0], [9, 0], 9],
    [192, [4, 2], [12, 0], [12, 0], 12],
    [256, [4, 3], [16, 0], [16, 0], 16],
    [512, [4, 7], [32, 0], [32, 0], 32],
    [KIB, [4, 15], [32, 1], [64, 0], 64],
    [1040, [5, 15], [33, 1], [65, 0], 65],
    [2 * KIB, [4, 31], [32, 3], [128, 0], 128],
    [4 * KIB, [4, 63], [32, 7], [128, 1], 256],
    [8 * KIB, [4, 127], [32, 15], [128, 3], 512],
    [16 * KIB, [4, 255], [32, 31], [128, 7], 1024],
    [32 * KIB, [4, 511], [32, 63], [128, 15], 2048],
    [64 * KIB, [4, 1023], [32, 127], [128, 31], 4096],
    [2 * KIB * KIB, [4, 32767], [32, 4095], [128, 1023], 131072],
  ])('%i bytes', (size, b64, b512, b2048, dzp) => {
    expect(counted(B64, 0, size)).toEqual(b64);
    expect(counted(B512, 0, size)).toEqual(b512);
    expect(counted(B2048, 0, size)).toEqual(b2048);
    expect(counted(DZP, 0, size)).toEqual([dzp, 0]);
  });

  test('a page and a kernel stack on a Cortex-A710 (measured: 7.3.4 under QEMU, 67 and 259 instructions)', () => {
    expect(rangeInstructions(A710, 0, 4096)).toBe(67);
    expect(rangeInstructions(A710, 0, 16384)).toBe(259);
  });

  test('an empty range executes nothing', () => {
    for (const cpu of [B64, B512, B2048, DZP]) expect(counted(cpu, 48, 0)).toEqual([0, 0]);
  });
});

describe('a range that begins inside a block (spec mte.md section 5, "Misaligned starts")', () => {
  test.each([
    [64, 48, 144, 1, 2],
    [512, 16, 1024, 32, 1],
    [512, 496, 1040, 1, 2],
    // vmalloc.md section 3: the rest of a page behind vmalloc(100).
    [64, 112, 3984, 1, 62],
    [512, 112, 3984, 25, 7],
  ])('%i-byte blocks, offset %i, %i bytes: %i stores and %i blocks', (block, offset, size, stores, blocks) => {
    expect(counted(withDcBlock(A710, String(block)), offset, size)).toEqual([stores, blocks]);
  });

  test.each([128, 192, 256, 4096])('%i bytes cost 4 stores wherever they begin in a 64-byte block', (size) => {
    for (const offset of [0, 16, 32, 48]) expect(counted(A710, offset, size)).toEqual([4, size / 64 - 1]);
  });

  test('only the position in the block matters: a pointer and its low bits give the same', () => {
    expect(counted(A710, 0x7fff_0000_0030, 144)).toEqual(counted(A710, 0x30, 144));
  });
});

/**
 * The loops of mte_set_mem_tag_range as spec mte.md section 5 describes them, executed one instruction at a time: up to the end
 * of the first block by granules, whole blocks, the rest by granules; everything by granules below two blocks or with DZP.
 */
function executed(block: number, dzp: boolean, address: number, size: number): Counts {
  const end = address + size;
  let at = address;
  let stores = 0;
  let blocks = 0;
  const storeUpTo = (limit: number): void => {
    for (; at < limit; at += GRANULE_BYTES) stores++;
  };
  if (!dzp && size >= 2 * block) {
    do {
      stores++;
      at += GRANULE_BYTES;
    } while (at % block !== 0);
    for (; at + block <= end; at += block) blocks++;
  }
  storeUpTo(end);
  return [stores, blocks];
}

const cpus = fc
  .record({ block: fc.constantFrom(16, 32, 64, 128, 256, 512, 1024, 2048), dzp: fc.boolean() })
  .map(({ block, dzp }) => {
    const cpu = withDcBlock(A710, String(block));
    return dzp ? withDcBlock(cpu, 'dzp') : cpu;
  });
const granuleAddress = fc.nat(1 << 16).map((granule) => granule * GRANULE_BYTES);
const granuleSize = fc.oneof(fc.nat(64), fc.nat(2048)).map((granule) => granule * GRANULE_BYTES);

describe('any range, on any CPU', () => {
  test('the closed formulas are what the loops execute', () => {
    fc.assert(
      fc.property(cpus, granuleAddress, granuleSize, (cpu, address, size) => {
        expect(counted(cpu, address, size)).toEqual(executed(cpu.dcBlock, cpu.dzp, address, size));
      }),
      { numRuns: 5000 },
    );
  });

  test('every granule of the range is tagged exactly once', () => {
    fc.assert(
      fc.property(cpus, granuleAddress, granuleSize, (cpu, address, size) => {
        const [stores, blocks] = counted(cpu, address, size);
        expect(stores + blocks * (cpu.dcBlock / GRANULE_BYTES)).toBe(size / GRANULE_BYTES);
        expect(rangeInstructions(cpu, address, size)).toBe(stores + blocks);
      }),
      { numRuns: 5000 },
    );
  });
});
