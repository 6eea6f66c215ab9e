import type { Interval } from '../base/interval.ts';

/**
 * Where a figure of a cost profile is from.
 *
 * - `scheduling-model`: LLVM's model of a core, which transcribes Arm's optimisation guide of that core
 * - `published`: stated by somebody who measured it
 * - `fitted`: chosen so that the model gives a published result
 * - `measured`: by `tagscope calibrate`, on the machine that the profile is of
 * - `assumed`: nobody says; the source tells why it was chosen
 */
export type FigureProvenance = 'scheduling-model' | 'published' | 'fitted' | 'measured' | 'assumed';

export type FigureUnit =
  | 'cycles for each instruction'
  | 'ns for each instruction'
  | 'ns for each cache line'
  | 'ns for each byte of tags'
  | 'GHz'
  | 's';

/** One number that a cost profile rests on. */
export interface Figure extends Interval {
  readonly name: string;
  readonly unit: FigureUnit;
  readonly provenance: FigureProvenance;
  readonly source: string;
}
