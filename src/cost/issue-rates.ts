import type { InstructionKind } from '../mte/instruction.ts';

/** Latency and reciprocal throughput of an instruction, in cycles. */
export interface Rate {
  readonly latency: number;
  readonly throughput: number;
}

/** The kinds that scheduling models know. They have no figure for the DC instructions, which are system instructions. */
export type ScheduledKind = Exclude<InstructionKind, 'dcGva' | 'dcGzva' | 'dcZva'>;

/** How fast a core issues tag instructions. */
export interface IssueRates {
  readonly core: string;
  /** Cores of `--cpu` that are taken for one of its kind; that they are is our reading, not LLVM's statement. */
  readonly alike: readonly string[];
  readonly rates: { readonly [Kind in ScheduledKind]: Rate };
  /** Where in LLVM the figures stand. */
  readonly source: string;
}

/** Stores of one granule, of two, of a block of tags (STGM); loads of one tag and of a block; IRG. */
interface Row {
  readonly one: Rate;
  readonly two: Rate;
  readonly many: Rate;
  readonly ldg: Rate;
  readonly ldgm: Rate;
  readonly irg: Rate;
}

const rate = (latency: number, throughput: number): Rate => ({ latency, throughput });

/** Stores with and without zeroing have one rate on every core that is listed. */
const ratesOf = ({ one, two, many, ldg, ldgm, irg }: Row): IssueRates['rates'] => ({
  irg,
  ldg,
  ldgm,
  stg: one,
  stzg: one,
  st2g: two,
  stz2g: two,
  stgm: many,
  stzgm: many,
});

/** Two stores a cycle, three loads: what Arm's large cores have in common. */
const LARGE: Row = {
  one: rate(1, 0.5),
  two: rate(1, 0.5),
  many: rate(1, 0.5),
  ldg: rate(4, 0.33),
  ldgm: rate(4, 0.33),
  irg: rate(2, 0.5),
};
/** And four loads. */
const LARGE_C1: Row = { ...LARGE, ldg: rate(4, 0.25), ldgm: rate(4, 0.25) };

const row = (core: string, alike: readonly string[], file: string, figures: Row): IssueRates => ({
  core,
  alike,
  rates: ratesOf(figures),
  source: `LLVM, llvm/test/tools/llvm-mca/AArch64/${file}mte-instructions.s`,
});

export const NEOVERSE_N2 = row('neoverse-n2', ['cortex-a710'], 'Neoverse/N2-', LARGE);

/** Cores whose scheduling model in LLVM covers MTE, read in November 2026. Pre- and post-index forms have equal rates. */
export const ISSUE_RATES: readonly IssueRates[] = [
  NEOVERSE_N2,
  row('neoverse-v2', ['cortex-x3'], 'Neoverse/V2-', LARGE),
  row('neoverse-n3', [], 'Neoverse/N3-', { ...LARGE, ldg: rate(5, 0.33), irg: rate(2, 1) }),
  row('neoverse-v3', [], 'Neoverse/V3-', LARGE),
  row('c1-ultra', [], 'Cortex/C1Ultra-', LARGE_C1),
  row('c1-premium', [], 'Cortex/C1Premium-', LARGE_C1),
  row('c1-nano', ['cortex-a510'], 'Cortex/C1Nano-', {
    one: rate(1, 1),
    two: rate(1, 2),
    many: rate(1, 1),
    ldg: rate(2, 0.5),
    ldgm: rate(2, 4),
    irg: rate(4, 3),
  }),
  row('ampere1b', [], 'Ampere/Ampere1B/', {
    ...LARGE,
    two: rate(1, 1),
    ldg: rate(4, 0.5),
    ldgm: rate(4, 0.5),
    irg: rate(1, 1),
  }),
];
