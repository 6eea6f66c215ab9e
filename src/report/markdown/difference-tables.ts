import { allGranules } from '../../result/granules.ts';
import type { DifferenceRow } from '../diff-table.ts';
import { count, percent } from '../number-format.ts';
import { pipeTable, type PipeColumn } from './pipe-table.ts';

/** What is set side by side. */
export interface DifferenceMeasure {
  /** In prose, with its unit. */
  readonly name: string;
  readonly of: (side: DifferenceRow['from']) => number;
}

export const INSTRUCTIONS: DifferenceMeasure = { name: 'Tag-setting instructions', of: (side) => side.tagInstructions };
export const GRANULES: DifferenceMeasure = { name: 'Granules of 16 bytes tagged', of: allGranules };

/** Before, after and what is saved, by class or by call site, as cover letters have it. */
export function differenceTable(
  rows: readonly DifferenceRow[],
  by: 'class' | 'site',
  { of }: DifferenceMeasure,
): readonly string[] {
  const figure = (title: string, cell: (row: DifferenceRow) => string): PipeColumn<DifferenceRow> => ({
    title,
    kind: 'figure',
    cell,
  });
  const saved = (row: DifferenceRow): number => of(row.from) - of(row.to);
  const before = figure('before', (row) => count(of(row.from)));
  const after = figure('after', (row) => count(of(row.to)));
  const less = figure('saved', (row) => count(saved(row)));
  const share = figure('of before', (row) => percent(saved(row), of(row.from)));
  const class_: PipeColumn<DifferenceRow> = { title: 'class', kind: 'class', cell: (row) => row.class };
  const name: PipeColumn<DifferenceRow> =
    by === 'class'
      ? { title: 'class', kind: 'class', cell: (row) => row.name }
      : { title: 'call site', kind: 'name', cell: (row) => row.name, shrinkTo: 18 };
  const classes = by === 'class' ? [] : [class_];
  return pipeTable(rows, [
    [name, ...classes, before, after, less, share],
    [name, ...classes, before, after, share],
    [name, before, after, share],
    [name, less, share],
    [{ ...name, ...(by === 'class' ? {} : { shrinkTo: 12 }) }, less],
  ]);
}
