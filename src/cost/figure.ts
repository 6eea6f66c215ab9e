import type { Interval } from '../base/interval.ts';

/**
 * Where a figure of a cost profile is from.
 *
 * - `llvm-sched`: LLVM's model of a core, which transcribes Arm's optimisation guide of that core
 * - `published`: stated by somebody who measured it
 * - `fitted`: chosen so that the model gives a published result
 * - `measured`: by `tagscope calibrate`, on the machine that the profile is of
 * - `assumed`: nobody says; the source tells why it was chosen
 */
export type FigureProvenance = 'llvm-sched' | 'published' | 'fitted' | 'measured' | 'assumed';

export type FigureUnit = 'cycles/instruction' | 'ns/instruction' | 'ns/line' | 'ns/tag byte' | 'GHz' | 's';

/** One number that a cost profile rests on. */
export interface Figure extends Interval {
  readonly name: string;
  readonly unit: FigureUnit;
  readonly provenance: FigureProvenance;
  readonly source: string;
}
