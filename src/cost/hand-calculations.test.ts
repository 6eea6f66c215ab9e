import { describe, expect, test } from 'vitest';
import { cpuProfile, withDcBlock } from '../mte/cpu.ts';
import { CostModel } from './cost-model.ts';
import { ISSUE_RATES } from './issue-rates.ts';
import { issueProfile } from './issue-only.ts';
import { series2026 } from './series-2026.ts';
import { ledgerOf, TAG_WORK, type TagWork } from './tag-work.testdata.ts';
import type { CostProfile } from './profile.ts';

/**
 * What is executed, by hand from spec/mte.md section 5 for DC blocks of 64 bytes: a range of at least two blocks is 4
 * STG and a DC GVA for each block after the first, a shorter one a STG for each granule; with zeroing STZG and DC GZVA. An
 * allocation draws a tag (IRG), an object that is freed is looked at (LDG).
 */
const EXECUTED: {
  readonly [Work in TagWork]: { irg?: number; ldg?: number; stg?: number; gva?: number; stzg?: number; gzva?: number };
} = {
  'object of 16 bytes, freed': { ldg: 1, stg: 1 },
  'object of 64 bytes, freed': { ldg: 1, stg: 4 },
  'object of 128 bytes, freed': { ldg: 1, stg: 4, gva: 1 },
  'object of 96 bytes, allocated': { irg: 1, stg: 6 },
  'object of 1 KiB, allocated': { irg: 1, stg: 4, gva: 15 },
  'object of 192 bytes, allocated and zeroed': { irg: 1, stzg: 4, gzva: 2 },
  'page, allocated': { irg: 1, stg: 4, gva: 63 },
  'page, allocated and zeroed': { irg: 1, stzg: 4, gzva: 63 },
  'page, freed': { stg: 4, gva: 63 },
  'block of 32 KiB, freed': { stg: 4, gva: 511 },
  'slab of one page, made': { irg: 1, stg: 8, gva: 126 },
  'stack of 16 KiB, used again': { stg: 4, gva: 255 },
  'stack of 16 KiB, new': { irg: 1, stzg: 4, gzva: 255 },
};

/**
 * Cycles of IRG, LDG and STG on each core, as the tests of LLVM's scheduling models print them: reciprocal throughput, and
 * latency. GHz: the slowest, the usual and the fastest clock that is assumed.
 */
const CORES: readonly {
  readonly core: string;
  readonly throughput: { irg: number; ldg: number; stg: number };
  readonly latency: { irg: number; ldg: number; stg: number };
  readonly ghz: readonly [slow: number, usual: number, fast: number];
}[] = [
  {
    core: 'neoverse-n2',
    throughput: { irg: 0.5, ldg: 0.33, stg: 0.5 },
    latency: { irg: 2, ldg: 4, stg: 1 },
    ghz: [2, 3, 3.6],
  },
  {
    core: 'neoverse-v2',
    throughput: { irg: 0.5, ldg: 0.33, stg: 0.5 },
    latency: { irg: 2, ldg: 4, stg: 1 },
    ghz: [2, 3, 3.6],
  },
  {
    core: 'neoverse-n3',
    throughput: { irg: 1, ldg: 0.33, stg: 0.5 },
    latency: { irg: 2, ldg: 5, stg: 1 },
    ghz: [2, 3, 3.6],
  },
  {
    core: 'neoverse-v3',
    throughput: { irg: 0.5, ldg: 0.33, stg: 0.5 },
    latency: { irg: 2, ldg: 4, stg: 1 },
    ghz: [2, 3, 3.6],
  },
  {
    core: 'c1-ultra',
    throughput: { irg: 0.5, ldg: 0.25, stg: 0.5 },
    latency: { irg: 2, ldg: 4, stg: 1 },
    ghz: [2, 3, 3.6],
  },
  {
    core: 'c1-premium',
    throughput: { irg: 0.5, ldg: 0.25, stg: 0.5 },
    latency: { irg: 2, ldg: 4, stg: 1 },
    ghz: [2, 3, 3.6],
  },
  {
    core: 'c1-nano',
    throughput: { irg: 3, ldg: 0.5, stg: 1 },
    latency: { irg: 4, ldg: 2, stg: 1 },
    ghz: [1.2, 2, 2.6],
  },
  {
    core: 'ampere1b',
    throughput: { irg: 1, ldg: 0.5, stg: 0.5 },
    latency: { irg: 1, ldg: 4, stg: 1 },
    ghz: [2, 3, 3.6],
  },
];

const A710 = cpuProfile('cortex-a710');
const WORKS = Object.keys(TAG_WORK).filter((name): name is TagWork => name in TAG_WORK);

const timeOf = (profile: CostProfile, work: readonly TagWork[], cpu = A710) =>
  new CostModel(profile.readings(cpu), cpu).time(ledgerOf(work, cpu), [0]);

describe.each(CORES)('issue-$core, by hand', ({ core, throughput, latency, ghz: [slow, usual, fast] }) => {
  const rates = ISSUE_RATES.find((row) => row.core === core);
  if (rates === undefined) throw new Error(core);
  const profile = issueProfile(rates);

  test.each(WORKS)('%s', (work) => {
    const { irg = 0, ldg = 0, stg = 0, gva = 0, stzg = 0, gzva = 0 } = EXECUTED[work];
    // DC GVA is as good as a store; the quarter of a line that STZG zeroes would have taken a quarter of a DC ZVA, which is
    // as good as a store; DC GZVA replaces a whole one, and costs nothing.
    const pipelined =
      irg * throughput.irg + ldg * throughput.ldg + (stg + gva) * throughput.stg + stzg * 0.75 * throughput.stg;
    // DC GVA takes a store for each of the four granules of its block, and DC GZVA three more than DC ZVA.
    const oneByOne =
      irg * Math.max(latency.irg, throughput.irg) +
      ldg * Math.max(latency.ldg, throughput.ldg) +
      (stg + 4 * gva) * latency.stg +
      stzg * 0.75 * latency.stg +
      gzva * 3 * latency.stg;
    const { low, best, high } = timeOf(profile, [work]);
    expect(best).toBeCloseTo(pipelined / usual, 9);
    expect(low).toBeCloseTo(pipelined / fast, 9);
    expect(high).toBeCloseTo(oneByOne / slow, 9);
  });
});

test('issue-neoverse-n2: 67 instructions of half a cycle for a page are 11.2 ns at 3 GHz', () => {
  expect(timeOf(issueProfile(ISSUE_RATES[0]), ['page, freed']).best).toBeCloseTo((67 * 0.5) / 3, 9);
});

describe('series-2026, by hand', () => {
  const profile = series2026();
  /** At 3 GHz, half a cycle a store. */
  const STORE = 0.5 / 3;
  /**
   * One fork of the published run: 1,028 tables of the mapping and 7 (at most 14) of the program, for each an IRG and four STZG beyond the
   * zeroing that is due anyway, then 67 instructions when it is freed; and a stack of 259.
   */
  const issue = (tables: number): number => tables * (STORE + 4 * 0.75 * STORE + 67 * STORE) + 259 * STORE;
  /** Half a byte of tags for a granule at 10 GB/s, where lines wait. A page of 4 KiB has 256 granules, a stack 1,024. */
  const TAG = 0.5 * 0.1;
  /** 1.46 s, and what rounding of its two terms allows, over 2,000 forks. */
  const [SAVED, LEAST, MOST] = [1.46, 1.45, 1.47].map((seconds) => (seconds / 2000) * 1e9);
  /** A line, where pages wait that are tagged without zeroing; tags of those that are zeroed go to memory as well. */
  const L = (SAVED - issue(1035) - 1035 * 512 * TAG) / (1035 * 64);
  const FREED_ALONE = (SAVED - issue(1035) - 1035 * 256 * TAG) / (1035 * 64);
  const WITH_ZEROING = (LEAST - issue(1042) - 1042 * 512 * TAG) / (2 * 1042 * 64);
  const EVERYTHING = (MOST - issue(1028) - (1028 * 512 + 1024) * TAG) / (1028 * 64 + 256);

  test('a line is 10.4 ns, or 5.1 ns where lines that are zeroed count as well', () => {
    expect(L).toBeCloseTo(10.435, 3);
    expect(WITH_ZEROING).toBeCloseTo(5.143, 3);
    const figure = profile.figures.find(({ unit }) => unit === 'ns/line');
    expect(figure?.best).toBeCloseTo(L, 9);
    expect(figure?.low).toBeCloseTo(WITH_ZEROING, 9);
    expect(figure?.high).toBeCloseTo(FREED_ALONE, 9);
  });

  /**
   * Lines of 64 bytes that are written: of pages that are freed, given out, zeroed as they are given out; of objects, and
   * those that are zeroed; of stacks. And the granules of objects: those of whole lines are four each.
   */
  const TOUCHED: {
    readonly [Work in TagWork]: {
      freed?: number;
      given?: number;
      zeroed?: number;
      object?: number;
      zeroedObject?: number;
      stack?: number;
      objectGranules?: number;
    };
  } = {
    'object of 16 bytes, freed': { object: 1, objectGranules: 1 },
    'object of 64 bytes, freed': { object: 1, objectGranules: 4 },
    'object of 128 bytes, freed': { object: 2, objectGranules: 8 },
    'object of 96 bytes, allocated': { object: 2, objectGranules: 6 },
    'object of 1 KiB, allocated': { object: 16, objectGranules: 64 },
    'object of 192 bytes, allocated and zeroed': { zeroedObject: 3, objectGranules: 12 },
    'page, allocated': { given: 64 },
    'page, allocated and zeroed': { zeroed: 64 },
    'page, freed': { freed: 64 },
    'block of 32 KiB, freed': { freed: 512 },
    // Poisoned again at once: the lines are there.
    'slab of one page, made': { given: 64 },
    'stack of 16 KiB, used again': { stack: 256 },
    'stack of 16 KiB, new': { zeroed: 256 },
  };

  test.each(WORKS)('%s', (work) => {
    const { irg = 0, ldg = 0, stg = 0, gva = 0, stzg = 0 } = EXECUTED[work];
    const issued = (irg + stg + gva) * STORE + ldg * (0.33 / 3) + stzg * 0.75 * STORE;
    const {
      freed = 0,
      given = 0,
      zeroed = 0,
      object = 0,
      zeroedObject = 0,
      stack = 0,
      objectGranules = 0,
    } = TOUCHED[work];
    const { readings } = timeOf(profile, [work]);
    expect(readings).toHaveLength(4);
    const expected = [
      L * (freed + given) + TAG * 4 * (freed + given + zeroed),
      FREED_ALONE * freed + TAG * 4 * freed,
      WITH_ZEROING * (freed + given + zeroed + zeroedObject) + TAG * 4 * (freed + given + zeroed),
      EVERYTHING * (freed + given + object + stack) + TAG * (4 * (freed + given + zeroed + stack) + objectGranules),
    ];
    expected.forEach((lines, index) => expect(readings[index]).toBeCloseTo(issued + lines, 6));
  });
});

test('DC blocks of another size: a page of 4 KiB with blocks of 512 bytes is 32 STG and 7 DC GVA, by the same lines', () => {
  const cpu = withDcBlock(A710, '512');
  const issue = (39 * 0.5) / 3;
  expect(timeOf(issueProfile(ISSUE_RATES[0]), ['page, freed'], cpu).best).toBeCloseTo(issue, 9);
  const series = series2026();
  const line = series.figures.find(({ unit }) => unit === 'ns/line')?.best ?? 0;
  // 256 granules have 128 bytes of tags, at 0.1 ns.
  expect(timeOf(series, ['page, freed'], cpu).best).toBeCloseTo(issue + 64 * line + 12.8, 6);
});

test('times add up: what is done twice takes twice as long', () => {
  for (const profile of [series2026(), ...ISSUE_RATES.map(issueProfile)]) {
    const once = timeOf(profile, WORKS);
    const twice = timeOf(profile, [...WORKS, ...WORKS]);
    once.readings.forEach((reading, index) => expect(twice.readings[index]).toBeCloseTo(2 * reading, 6));
  }
});
