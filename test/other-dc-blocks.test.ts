import { describe, expect, test } from 'vitest';
import { analyzed, caseBytes } from './analyzed.testdata.ts';

/**
 * What the kernel of these traces would have executed on CPUs with other DC blocks: STG and STZG, DC GVA and DC GZVA.
 * Derived from the logged calls of the measured kernel (address and size of every tag-range store in the run of the
 * trace) by the arithmetic of mte_set_mem_tag_range; for blocks of 64 bytes that gives the measured counters exactly.
 */
const DERIVED: readonly (readonly [trace: string, policy: string, limit: number, counts: Counts])[] = [
  [
    'baseline-pgtable-nohash',
    'before-series',
    0,
    {
      '16': [2955, 494_786],
      '32': [6029, 245_856],
      '64': [12_141, 121_400],
      '128': [22_213, 59_441],
      '256': [37_421, 28_770],
      '512': [70_093, 13_364],
      '1024': [131_917, 5716],
      dzp: [497_741, 0],
    },
  ],
  // Here some frees are estimated (docs/accuracy.md), whatever the size of the blocks.
  [
    'baseline-thread-nohash',
    'before-series',
    0.005,
    {
      '16': [12_343, 1_288_258],
      '32': [25_175, 637_713],
      '64': [50_629, 312_493],
      '128': [89_321, 151_410],
      '256': [148_681, 71_995],
      '512': [219_353, 33_789],
      '1024': [345_273, 14_927],
      dzp: [1_300_601, 0],
    },
  ],
  [
    'patched-thread-nohash',
    'series',
    0.005,
    {
      '16': [9782, 389_550],
      '32': [20_056, 189_638],
      '64': [40_388, 89_736],
      '128': [69_012, 41_290],
      '256': [108_292, 18_190],
      '512': [139_364, 8124],
      '1024': [185_636, 3339],
      dzp: [399_332, 0],
    },
  ],
];

type Counts = Readonly<Record<string, readonly [stores: number, blocks: number]>>;

describe.each(DERIVED)(
  '%s under %s on CPUs with other DC blocks, off by at most %d',
  (trace, policy, limit, counts) => {
    const data = caseBytes(`oracle/traces/${trace}.trace.zst`);

    test.each(Object.entries(counts))('--dc-block %s', (dcBlock, [stores, blocks]) => {
      const { instructions, tagInstructions } = analyzed(data, { policy, dcBlock }).totals;
      const { stg, stzg, dcGva, dcGzva } = instructions;
      expect(Math.abs(stg + stzg - stores)).toBeLessThanOrEqual(limit * stores);
      expect(Math.abs(dcGva + dcGzva - blocks)).toBeLessThanOrEqual(limit * blocks);
      expect(tagInstructions.low).toBeLessThanOrEqual(stores + blocks);
      expect(tagInstructions.high).toBeGreaterThanOrEqual(stores + blocks);
    });
  },
);
