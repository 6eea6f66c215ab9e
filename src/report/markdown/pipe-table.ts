import { printable, shortenMiddle } from '../printable.ts';
import { fitLayout, type LaidOutColumn } from '../table-layout.ts';
import { code, MARKDOWN_WIDTH } from './markdown.ts';

/** A column of a table in Markdown. */
export interface PipeColumn<Row> extends LaidOutColumn {
  readonly title: string;
  /** Names stand on the left and are code, since they come from strangers; figures stand on the right. */
  readonly kind: 'name' | 'class' | 'figure';
  readonly cell: (row: Row) => string;
}

/** Between two cells stands ` | `. */
const GAP = 3;
const EDGES = '|  |'.length;

/**
 * A table as GitHub and GitLab know it, with its columns aligned: it is read as it stands in a mail. No line is wider than
 * `MARKDOWN_WIDTH`.
 *
 * @param layouts the columns, from the most telling choice to the narrowest one: the first that fits is used
 */
export function pipeTable<Row>(
  rows: readonly Row[],
  layouts: readonly [readonly PipeColumn<Row>[], ...(readonly PipeColumn<Row>[])[]],
): readonly string[] {
  const widthOf = (column: PipeColumn<Row>): number =>
    rows.reduce((width, row) => Math.max(width, cellText(column, row, MARKDOWN_WIDTH).length), column.title.length);
  const { columns, widths } = fitLayout(layouts, widthOf, MARKDOWN_WIDTH - EDGES, GAP);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const aligned = (text: string, index: number): string =>
    columns[index].kind === 'figure' ? text.padStart(widths[index]) : text.padEnd(widths[index]);
  return [
    line(columns.map(({ title }, index) => aligned(title, index))),
    `|${columns.map(({ kind }, index) => (kind === 'figure' ? `${'-'.repeat(widths[index] + 1)}:` : `:${'-'.repeat(widths[index] + 1)}`)).join('|')}|`,
    ...rows.map((row) => line(columns.map((column, index) => aligned(cellText(column, row, widths[index]), index)))),
  ];
}

function cellText<Row>({ kind, cell }: PipeColumn<Row>, row: Row, width: number): string {
  const text = cell(row);
  if (kind === 'name') return code(text, width);
  return shortenMiddle(printable(text, false), width, false);
}
