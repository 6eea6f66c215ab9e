import { allGranules } from '../result/granules.ts';
import type { DiffRow } from '../result/result.ts';
import { count, percent } from './number-format.ts';
import type { TextOptions } from './text-options.ts';
import { textTable, type Column } from './text-table.ts';

/** A row of a table of differences. */
export interface DifferenceRow extends Pick<DiffRow, 'from' | 'to'> {
  readonly name: string;
  readonly class: DiffRow['class'] | '';
}

type Side = DiffRow['from'];
const instructionsOf = (side: Side): number => side.tagInstructions;

/** What `to` does less than `from`. */
export const savedGranules = (row: Pick<DiffRow, 'from' | 'to'>): number => allGranules(row.from) - allGranules(row.to);
export const savedInstructions = (row: Pick<DiffRow, 'from' | 'to'>): number =>
  row.from.tagInstructions - row.to.tagInstructions;

const right = (title: string, cell: (row: DifferenceRow) => string): Column<DifferenceRow> => ({
  title,
  align: 'right',
  cell,
});

/** Columns of one measure: before, after, saved. */
function columnsOf(
  label: string,
  value: (side: Side) => number,
  unit = '',
): { readonly [Key in 'from' | 'to' | 'saved' | 'share']: Column<DifferenceRow> } {
  const saved = (row: DifferenceRow): number => value(row.from) - value(row.to);
  return {
    from: right(`${label}\n${unit}from`, (row) => count(value(row.from))),
    to: right(`${label}\n${unit}to`, (row) => count(value(row.to))),
    saved: right(`${label}\n${unit}saved`, (row) => count(saved(row))),
    share: right('share\nsaved', (row) => percent(saved(row), value(row.from))),
  };
}

/**
 * A table of what two results differ in; `saved` is what the second one does less, and its share of the first one.
 *
 * @param title heads the column of names
 * @param withClass whether a row's class has a column of its own
 */
export function differenceTable(
  title: string,
  withClass: boolean,
  rows: readonly DifferenceRow[],
  options: TextOptions,
): string[] {
  const granules = columnsOf('granules', allGranules);
  const instructions = columnsOf('tag-setting', instructionsOf, 'instr. ');
  const name = (shrinkTo: number): Column<DifferenceRow> => ({
    title: `\n${title}`,
    align: 'left',
    cell: (row) => row.name,
    shrinkTo,
  });
  const classes: readonly Column<DifferenceRow>[] = withClass
    ? [{ title: '\nclass', align: 'left', cell: (row) => row.class }]
    : [];
  return textTable(
    rows,
    [
      [name(24), ...classes, ...Object.values(granules), ...Object.values(instructions)],
      [
        name(20),
        ...classes,
        granules.from,
        granules.to,
        granules.share,
        instructions.from,
        instructions.to,
        instructions.share,
      ],
      [name(20), ...classes, granules.saved, granules.share, instructions.saved, instructions.share],
      ...(withClass ? [[name(16), ...classes, granules.saved, instructions.saved]] : []),
      [name(16), granules.from, granules.to, granules.share, instructions.from, instructions.to, instructions.share],
      [name(16), granules.saved, granules.share, instructions.saved, instructions.share],
      [name(12), granules.saved, instructions.saved],
    ],
    options,
  );
}
