import { errorOf, isAllowed, isInInterval, type CategoryComparison, type RunComparison } from './compare.ts';
import type { ExecutedRun } from './executed.ts';
import { modelFailures, type ModelComparison, type SkippedRun } from './model.ts';

/** How far off the prediction of another kernel from this kernel's trace may be, beside what the two runs differ in. */
export const DIFF_LIMIT = 0.01;

/** Categories of what the series skips; the pages of vfree are those of stacks in these workloads. */
const SKIPPED_BY_SERIES = /^(?:pgtable_|stack_|vfree_pages$)/;

/** Tag-setting instructions that a run executed for anything but what the series skips. */
export const executedBesideSeries = ({ tag_setting_instructions, categories }: ExecutedRun): number =>
  Object.entries(categories).reduce(
    (left, [name, { tag_instructions }]) => (SKIPPED_BY_SERIES.test(name) ? left - tag_instructions : left),
    tag_setting_instructions,
  );

/** The baseline kernel's trace replayed under the series' policy, beside what the patched kernel executed. */
export interface DiffComparison {
  readonly run: string;
  readonly predicted: number;
  readonly executed: number;
  /**
   * What the kernel of the trace executed in the very run that was recorded, for anything but stacks and page tables: what
   * the patched kernel would have executed in it. The runs of the two kernels differ by chance.
   */
  readonly sameRun: number;
  /** Predicted for stacks and page tables: nothing must be left. */
  readonly skipped: number;
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
 * What is not as it must be, in words; empty if all is well.
 */
export function failures(result: AccuracyResult): readonly string[] {
  return [
    ...result.runs.flatMap((run) => {
      const off = errorOf(run.tagInstructions.best, run.executedTagInstructions);
      return [
        ...(run.limit === undefined || Math.abs(off) <= run.limit
          ? []
          : [`${run.run}: the total is ${(100 * off).toFixed(2)} % off`]),
        ...(isInInterval(run) ? [] : [`${run.run}: the executed total is outside the interval`]),
        ...run.categories.filter((item) => !isAllowed(item)).map((item) => `${run.run}: ${unlike(item)}`),
      ];
    }),
    ...result.diffs.flatMap(diffFailures),
    ...result.model.flatMap(modelFailures),
  ];
}

function unlike({ name, unit, predicted, low, high, executed }: CategoryComparison): string {
  const allowed = low === high ? `${predicted}` : `${predicted} (${low} to ${high})`;
  return `${name}: ${allowed} ${unit}, executed ${executed}`;
}

function diffFailures({ run, predicted, executed, sameRun, skipped }: DiffComparison): readonly string[] {
  const chance = Math.abs(errorOf(sameRun, executed));
  return [
    ...(Math.abs(errorOf(predicted, sameRun)) <= DIFF_LIMIT
      ? []
      : [`${run}: predicted ${predicted} of the patched kernel, ${sameRun} without what it skips were executed`]),
    ...(Math.abs(errorOf(predicted, executed)) <= DIFF_LIMIT + chance
      ? []
      : [`${run}: predicted ${predicted} of the patched kernel, which executed ${executed}`]),
    ...(skipped === 0
      ? []
      : [`${run}: ${skipped} instructions predicted for stacks and page tables, which are skipped`]),
  ];
}
