import { UsageError } from '../base/errors.ts';
import type { ReportBy } from '../report/text-options.ts';
import { BY, DEFAULT_ROWS, type TABLE_OPTIONS } from './groups/table.ts';
import type { Given } from './option.ts';

/** The table that stands below the classes. */
export interface TableSettings {
  readonly by: ReportBy;
  /** Its rows; 0 for all. */
  readonly top: number;
}

/** Reads and checks the options. @throws UsageError for one that makes no sense */
export const parseTableOptions = (given: Given<typeof TABLE_OPTIONS>): TableSettings => ({
  by: given.by ?? BY.default,
  top: parseTop(given),
});

/** Reads `--top`. @throws UsageError for what is no number */
export function parseTop({ top }: { readonly top?: string }): number {
  if (top === undefined) return DEFAULT_ROWS;
  if (/^\d{1,9}$/.test(top)) return Number(top);
  throw new UsageError(`--top ${top}: not a number of rows`, 'Give a whole number, or 0 for all rows.');
}
