import type { Interval } from '../base/interval.ts';
import { GRANULE_BYTES } from '../base/units.ts';
import { CACHE_LINE_BYTES, type CpuProfile } from '../mte/cpu.ts';
import { INSTRUCTION_NAMES } from '../mte/instruction.ts';
import { figureOf, type CalibratedKind, type Calibration } from './calibration.ts';
import type { Figure } from './figure.ts';
import type { CostProfile, InstructionCosts, Reading, Readings } from './profile.ts';

type Bound = keyof Interval;

const OTHER_BOUND: { readonly [Which in Bound]: Bound } = { low: 'high', best: 'best', high: 'low' };

/** What is not known of a machine that was measured: how much of the memory is in its caches. */
interface Shape {
  readonly name: string;
  readonly assumes: string;
  readonly bound: Bound;
  /** Share of the lines that wait for memory. */
  readonly far: { readonly pages: number; readonly objects: number };
}

const SHAPES: readonly [Shape, ...Shape[]] = [
  {
    name: 'half of the pages are far',
    assumes:
      'half of the lines of pages and reused stacks wait for memory, objects are in the cache (assumed); medians of the measurement',
    bound: 'best',
    far: { pages: 0.5, objects: 0 },
  },
  {
    name: 'everything is cached',
    assumes: 'nothing waits for memory; the tenth percentiles of the measurement',
    bound: 'low',
    far: { pages: 0, objects: 0 },
  },
  {
    name: 'nothing is cached',
    assumes: 'every line waits for memory; the ninetieth percentiles of the measurement',
    bound: 'high',
    far: { pages: 1, objects: 1 },
  },
];

/** Nanoseconds that a figure has for each cache line, where one instruction covers some bytes. */
const perLine = (ns: number, covers: number): number => (ns * CACHE_LINE_BYTES) / covers;

/** What is measured on a machine, as costs. Nanoseconds. */
function reading(calibration: Calibration, cpu: CpuProfile, { name, assumes, bound, far }: Shape): Reading {
  const { dcBlock, dzp } = calibration.machine;
  const at = (kind: CalibratedKind, state: 'hot' | 'cold', which: Bound): number =>
    figureOf(calibration, kind, state)?.[which] ?? 0;
  const ns = (kind: CalibratedKind, state: 'hot' | 'cold'): number => at(kind, state, bound);
  // What is taken off is taken at its other bound: a bound of a difference.
  const other = OTHER_BOUND[bound];
  // Where DC GVA is prohibited granule stores do everything; zeroing alone is then as good as a store.
  const [tag, zeroTag, covers] = dzp
    ? (['stg', 'stzg', GRANULE_BYTES] as const)
    : (['dcGva', 'dcGzva', dcBlock] as const);
  const extraAt = (kind: CalibratedKind, cold: Bound, hot: Bound): number =>
    perLine(Math.max(0, at(kind, 'cold', cold) - at(kind, 'hot', hot)), covers);
  const extra = (kind: CalibratedKind): number => extraAt(kind, bound, other);
  const tagExtra = extra(tag);
  const zeroedExtra = Math.max(0, extra(zeroTag) - (dzp ? tagExtra : extraAt('dcZva', other, bound)));
  const ofBlock = (kind: CalibratedKind, store: CalibratedKind): number =>
    dzp ? ns(store, 'hot') * (cpu.dcBlock / GRANULE_BYTES) : ns(kind, 'hot') * (cpu.dcBlock / dcBlock);
  const instruction: InstructionCosts = {
    irg: ns('irg', 'hot'),
    ldg: ns('ldg', 'hot'),
    ldgm: ns('ldg', 'hot'),
    stg: ns('stg', 'hot'),
    stzg: ns('stzg', 'hot'),
    st2g: ns('st2g', 'hot'),
    stz2g: ns('stz2g', 'hot'),
    stgm: perLine(ofBlock('dcGva', 'stg'), cpu.dcBlock) * (cpu.gmBlock / CACHE_LINE_BYTES),
    stzgm: perLine(ofBlock('dcGzva', 'stzg'), cpu.dcBlock) * (cpu.gmBlock / CACHE_LINE_BYTES),
    dcGva: ofBlock('dcGva', 'stg'),
    dcGzva: ofBlock('dcGzva', 'stzg'),
    dcZva: ofBlock('dcZva', 'stzg'),
  };
  return {
    name,
    assumes,
    instruction,
    line: {
      'page-alloc': tagExtra * far.pages,
      'page-free': tagExtra * far.pages,
      'reused-stack': tagExtra * far.pages,
      object: tagExtra * far.objects,
      again: 0,
    },
    zeroedLine: zeroedExtra * far.pages,
    zeroing: dzp ? perLine(at('stzg', 'hot', other), GRANULE_BYTES) : perLine(at('dcZva', 'hot', other), dcBlock),
    // What was measured cold had its tag memory written as well.
    tagByte: 0,
  };
}

/** The profile of a machine that was measured. */
export function measuredProfile(calibration: Calibration, file: string): CostProfile {
  const { machine } = calibration;
  const source = `measured on MIDR ${machine.midr}, core ${machine.core}, Linux ${machine.kernel}`;
  const figures = calibration.figures.map(({ instruction, state, low, best, high }): Figure => ({
    name: `${INSTRUCTION_NAMES[instruction]}, ${state}`,
    unit: 'ns/instruction',
    low,
    best,
    high,
    provenance: 'measured',
    source,
  }));
  return {
    // As it is named on a command line.
    name: file,
    basis: 'measured in user space',
    description: `Measured in user space on one core: hot over ${machine.hotBytes / 1024} KiB, cold over ${Math.round(machine.coldBytes / 2 ** 20)} MiB in random pages. How much of a kernel's memory is in the caches when its tags are written is not measured; from nothing to everything is the interval. STGM, STZGM and LDGM, which user space may not execute, are taken to be as fast as DC GVA, DC GZVA and LDG.`,
    source,
    provenance: 'measured',
    figures,
    ...(machine.dzp ? {} : { dcBlock: machine.dcBlock }),
    readings: (cpu): Readings => [
      reading(calibration, cpu, SHAPES[0]),
      ...SHAPES.slice(1).map((shape) => reading(calibration, cpu, shape)),
    ],
  };
}
