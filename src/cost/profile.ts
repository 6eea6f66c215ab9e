import type { CpuProfile } from '../mte/cpu.ts';
import type { InstructionKind } from '../mte/instruction.ts';
import type { Figure, FigureProvenance } from './figure.ts';
import type { Residency } from './residency.ts';

/** Nanoseconds that one executed instruction of each kind takes, its line being in the first cache. */
export type InstructionCosts = { readonly [Kind in InstructionKind]: number };

/**
 * One consistent way to read the sources of a profile. Several of them span the interval of a figure: they differ in what
 * the sources leave open, and each is applied to a whole ledger.
 */
export interface Reading {
  readonly name: string;
  /** What it takes for true, in a sentence. */
  readonly assumes: string;
  readonly instruction: InstructionCosts;
  /**
   * Nanoseconds for each cache line that a tag store touches, beside its instructions: by where the memory is, for stores
   * that write tags alone; and for lines that are zeroed with the same stores, what the tags add to zeroing them.
   */
  readonly line: { readonly [Where in Residency]: number };
  readonly zeroedLine: number;
  /** Nanoseconds that it takes to zero a cache line without tags; see `coefficients`. */
  readonly zeroing: number;
  /** Nanoseconds for each byte of tag memory behind lines that wait for memory: half a byte for a granule. */
  readonly tagByte: number;
}

/** The readings of a profile, the best one first. */
export type Readings = readonly [Reading, ...Reading[]];

/** What tag work costs on a machine. */
export interface CostProfile {
  readonly name: string;
  /** One paragraph: what it is of, and what it leaves out. */
  readonly description: string;
  readonly source: string;
  /** What its times rest on, in a few words, to stand beside one. */
  readonly basis: string;
  /** The weakest of its figures' that decides. */
  readonly provenance: FigureProvenance;
  /** The numbers that it rests on. */
  readonly figures: readonly Figure[];
  /** The DC block of the machine that it was measured on; undefined for profiles that hold for any. */
  readonly dcBlock?: number | undefined;
  readonly readings: (cpu: CpuProfile) => Readings;
}
