import { getBorderCharacters, table } from 'table';
import { cellText, shortenApart } from './printable.ts';
import { fitLayout } from './table-layout.ts';
import { layoutWidth, type TextOptions } from './text-options.ts';

export interface Column<Row> {
  /** One or two lines. */
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
  /** A column of names: it is shortened, down to this width, before columns are left out. */
  readonly shrinkTo?: number;
}

/** The columns of a table, for one width. */
export type Layout<Row> = readonly Column<Row>[];

const GAP = 2;
const INDENT = 2;

/**
 * Lays out rows as aligned columns. No line is wider than the options allow.
 *
 * @param layouts the columns, from the most telling choice to the narrowest one: the first that fits is used
 * @returns lines; those of the head in the style for what surrounds figures
 */
export function textTable<Row>(
  rows: readonly Row[],
  layouts: readonly [Layout<Row>, ...Layout<Row>[]],
  options: TextOptions,
): string[] {
  const { columns: layout, widths } = fitLayout(
    layouts,
    (column) => naturalWidth(column, rows, options.unicode),
    layoutWidth(options) - INDENT,
    GAP,
  );
  const heads = layout.map((column) => column.title);
  const columns = layout.map((column, index) =>
    shortenApart(
      rows.map((row) => cellText(column.cell(row), options.unicode)),
      widths[index],
      options.unicode,
    ),
  );
  const cells = rows.map((_, row) => columns.map((column) => column[row]));
  const text = table([heads, ...cells], {
    border: getBorderCharacters('void'),
    drawHorizontalLine: () => false,
    columnDefault: { paddingLeft: 0, paddingRight: GAP, verticalAlignment: 'bottom' },
    columns: layout.map((column, index) => ({ alignment: column.align, width: widths[index] })),
  });
  const lines = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  // A row is one line; what comes before the rows is the head.
  const headLines = lines.length - rows.length;
  return lines.map((line, index) => ' '.repeat(INDENT) + (index < headLines ? options.style.faint(line) : line));
}

const titleWidth = <Row>(column: Column<Row>): number =>
  Math.max(...column.title.split('\n').map((line) => line.length));

const naturalWidth = <Row>(column: Column<Row>, rows: readonly Row[], unicode: boolean): number =>
  rows.reduce((width, row) => Math.max(width, cellText(column.cell(row), unicode).length), titleWidth(column));
