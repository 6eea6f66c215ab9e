import { errorOf, isInInterval, type RunComparison } from './compare.ts';
import { modelFailures, type ModelComparison, type SkippedRun } from './model.ts';

/** How far off the total of tag-setting instructions may be: with plain pointers, and with hashed ones. */
export const TOTAL_LIMIT = { plain: 0.02, hashed: 0.05 } as const;
/** How far off the prediction of another kernel from this kernel's trace may be. */
export const DIFF_LIMIT = 0.03;

/** The baseline kernel's trace replayed under the series' policy, beside what the patched kernel executed. */
export interface DiffComparison {
  readonly run: string;
  readonly predicted: number;
  readonly executed: number;
}

export interface AccuracyResult {
  readonly schema: 'tagscope.accuracy';
  readonly version: 1;
  readonly runs: readonly (RunComparison & { readonly pointers: 'plain' | 'hashed' | 'none' })[];
  readonly diffs: readonly DiffComparison[];
  /** The executable model beside runs of a real kernel that were not traced. */
  readonly model: readonly ModelComparison[];
  /** Runs that could not be compared, and why. */
  readonly skipped: readonly SkippedRun[];
}

/**
 * What is not as it must be, in words; empty if all is well. Where pointers are hashed, the instructions of objects
 * that begin anywhere in a DC block cannot be known exactly; their number of calls can.
 */
export function failures(result: AccuracyResult): readonly string[] {
  return [
    ...result.runs.flatMap((run) => {
      const limit = run.pointers === 'plain' ? TOTAL_LIMIT.plain : TOTAL_LIMIT.hashed;
      const off = errorOf(run.tagInstructions.best, run.executedTagInstructions);
      return [
        ...(Math.abs(off) <= limit ? [] : [`${run.run}: the total is ${(100 * off).toFixed(2)} % off`]),
        ...(isInInterval(run) ? [] : [`${run.run}: the executed total is outside the interval`]),
        ...run.categories
          .filter(
            ({ expectation, predicted, executed, unit }) =>
              expectation === 'equal' && predicted !== executed && (unit === 'calls' || run.pointers === 'plain'),
          )
          .map(
            ({ name, unit, predicted, executed }) => `${run.run}: ${name}: ${predicted} ${unit}, executed ${executed}`,
          ),
      ];
    }),
    ...result.diffs
      .filter(({ predicted, executed }) => Math.abs(errorOf(predicted, executed)) > DIFF_LIMIT)
      .map(
        ({ run, predicted, executed }) => `${run}: predicted ${predicted} of the patched kernel, executed ${executed}`,
      ),
    ...result.model.flatMap(modelFailures),
  ];
}
