import type { Interval } from '../base/interval.ts';
import { GRANULE_BYTES } from '../base/units.ts';
import { CACHE_LINE_BYTES, type CpuProfile } from '../mte/cpu.ts';
import { INSTRUCTION_NAMES } from '../mte/instruction.ts';
import type { Figure } from './figure.ts';
import { ISSUE_RATES, type IssueRates, type Rate, type ScheduledKind } from './issue-rates.ts';
import type { CostProfile, InstructionCosts, Reading } from './profile.ts';
import type { Residency } from './residency.ts';

/** No line is missed: what a profile of issue alone says of memory. */
export const ALL_CACHED: { readonly [Where in Residency]: number } = {
  'page-alloc': 0,
  'page-free': 0,
  object: 0,
  'reused-stack': 0,
  again: 0,
};

const SCHEDULED: readonly ScheduledKind[] = ['irg', 'ldg', 'ldgm', 'stg', 'stzg', 'st2g', 'stz2g', 'stgm', 'stzgm'];

const CLOCK: Interval = { low: 2, best: 3, high: 3.6 };
/** In-order cores run at less. */
const LITTLE_CLOCK: Interval = { low: 1.2, best: 2, high: 2.6 };
const LITTLE: ReadonlySet<string> = new Set(['c1-nano']);

/** How many granule stores one DC GVA is as good as: 1 where it is one store, or one for each granule of the block. */
type BlockStores = 'one' | 'as many as granules';

/**
 * Nanoseconds of each instruction.
 *
 * @param cycles of one instruction, by its rate
 * @param clock in GHz
 */
function costs(
  { rates }: IssueRates,
  cpu: CpuProfile,
  cycles: (rate: Rate) => number,
  stores: BlockStores,
  clock: number,
): Pick<Reading, 'instruction' | 'zeroing'> {
  const ns = (kind: ScheduledKind): number => cycles(rates[kind]) / clock;
  const perBlock = ns('stg') * (stores === 'one' ? 1 : cpu.dcBlock / GRANULE_BYTES);
  const zeroBlock = ns('stg');
  const instruction: InstructionCosts = {
    irg: ns('irg'),
    ldg: ns('ldg'),
    ldgm: ns('ldgm'),
    stg: ns('stg'),
    stzg: ns('stzg'),
    st2g: ns('st2g'),
    stz2g: ns('stz2g'),
    stgm: ns('stgm'),
    stzgm: ns('stzgm'),
    dcGva: perBlock,
    dcGzva: perBlock,
    dcZva: zeroBlock,
  };
  return { instruction, zeroing: (zeroBlock * CACHE_LINE_BYTES) / cpu.dcBlock };
}

/** The readings that rates of issue allow, the usual one first. */
export function issueReadings(rates: IssueRates, cpu: CpuProfile): readonly [Reading, Reading, Reading] {
  const clock = LITTLE.has(rates.core) ? LITTLE_CLOCK : CLOCK;
  const cached = { line: ALL_CACHED, zeroedLine: 0, tagByte: 0 };
  return [
    {
      name: 'pipelined',
      assumes: `instructions follow each other as fast as the core issues them, DC GVA is one store; ${clock.best} GHz`,
      ...costs(rates, cpu, ({ throughput }) => throughput, 'one', clock.best),
      ...cached,
    },
    {
      name: 'pipelined, fast clock',
      assumes: `the same at ${clock.high} GHz`,
      ...costs(rates, cpu, ({ throughput }) => throughput, 'one', clock.high),
      ...cached,
    },
    {
      name: 'one by one',
      assumes: `each instruction waits for the one before, DC GVA takes a store for each granule; ${clock.low} GHz`,
      ...costs(
        rates,
        cpu,
        ({ latency, throughput }) => Math.max(latency, throughput),
        'as many as granules',
        clock.low,
      ),
      ...cached,
    },
  ];
}

/** The numbers of a core's rates, each with where it is from. */
export function issueFigures(rates: IssueRates): readonly Figure[] {
  const clock = LITTLE.has(rates.core) ? LITTLE_CLOCK : CLOCK;
  const scheduled = SCHEDULED.map((kind): Figure => {
    const { latency, throughput } = rates.rates[kind];
    return {
      name: INSTRUCTION_NAMES[kind],
      unit: 'cycles/instruction',
      low: throughput,
      best: throughput,
      high: Math.max(latency, throughput),
      provenance: 'llvm-sched',
      source: `reciprocal throughput to latency; ${rates.source}`,
    };
  });
  const { latency, throughput } = rates.rates.stg;
  return [
    ...scheduled,
    {
      name: 'DC GVA, DC GZVA',
      unit: 'cycles/instruction',
      low: throughput,
      best: throughput,
      high: (CACHE_LINE_BYTES / GRANULE_BYTES) * Math.max(latency, throughput),
      provenance: 'assumed',
      source: 'no scheduling model has system instructions: as good as one STG, or as one for each granule of 64 bytes',
    },
    {
      name: 'DC ZVA, taken off',
      unit: 'cycles/instruction',
      low: throughput,
      best: throughput,
      high: Math.max(latency, throughput),
      provenance: 'assumed',
      source: 'zeroing that tag stores replace: as good as one store for 64 bytes',
    },
    { name: 'clock', unit: 'GHz', ...clock, provenance: 'assumed', source: 'the range in which such cores are sold' },
  ];
}

/** The profile of a core whose issue rates are known: what tags take where every line is cached. */
export const issueProfile = (rates: IssueRates): CostProfile => ({
  name: `issue-${rates.core}`,
  basis: 'no waits for memory',
  description: `Issue alone, on ${rates.core}: every line is in the first cache, and nothing waits for memory or tag memory. What waits takes more: a page of 4 KiB is 11 ns here at best, and some 700 ns by the published result of the series.`,
  source: rates.source,
  provenance: 'llvm-sched',
  figures: issueFigures(rates),
  readings: (cpu) => issueReadings(rates, cpu),
});

/** The rates of a core, by its own name or by that of a CPU that is taken for one of its kind. */
export const ratesFor = (cpu: string): IssueRates | undefined =>
  ISSUE_RATES.find(({ core, alike }) => core === cpu || alike.includes(cpu));
