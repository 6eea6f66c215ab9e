import { markup, type Content, type Markup } from '../markup.ts';

/** A column of a table on a page. */
export interface HtmlColumn<Row> {
  /** Empty for bars. */
  readonly title: string;
  /** `name`: code, wrapped where it must be. `text`: a word. `prose`: a sentence, wrapped. `figure`: on the right. `bar`: a drawing, left out on phones. */
  readonly kind: 'name' | 'text' | 'prose' | 'figure' | 'bar';
  readonly cell: (row: Row) => Content;
  /** What a figure is sorted by. */
  readonly sort?: (row: Row) => number;
}

interface TableOptions<Row> {
  /** What the table shows and what its shares are of. */
  readonly caption: string;
  readonly sortable?: true;
  /** As wide as it must be, and no wider. */
  readonly narrow?: true;
  /** A last row that is not sorted with the others. */
  readonly total?: Row;
}

/** A table; the first column names its rows. On a narrow page it is scrolled, also by keyboard. */
export function htmlTable<Row>(
  columns: readonly HtmlColumn<Row>[],
  rows: readonly Row[],
  { caption, sortable, narrow, total }: TableOptions<Row>,
): Markup {
  const cellsOf = (row: Row): Markup[] =>
    columns.map(({ kind, cell, sort }, index) => {
      const key = sort === undefined ? '' : markup` data-sort="${sort(row)}"`;
      return index === 0
        ? markup`<th scope="row" class="${kind}"${key}>${cell(row)}</th>`
        : markup`<td class="${kind}"${key}>${cell(row)}</td>`;
    });
  const foot = total === undefined ? '' : markup`<tfoot><tr>${cellsOf(total)}</tr></tfoot>\n`;
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table${sortable === true ? markup` class="sortable"` : narrow === true ? markup` class="narrow"` : ''}>
<caption>${caption}</caption>
<thead><tr>${columns.map(headOf)}</tr></thead>
<tbody>
${rows.map((row) => markup`<tr>${cellsOf(row)}</tr>\n`)}</tbody>
${foot}</table></div>
`;
}

/** A heading; a column of bars says the same as the figures beside it and has none. */
const headOf = ({ title, kind }: Pick<HtmlColumn<never>, 'title' | 'kind'>): Markup =>
  kind === 'bar' ? markup`<td class="bar"></td>` : markup`<th scope="col" class="${kind}">${title}</th>`;

/** A bar in a cell: a share of the longest one, 0 … 1. */
export const bar = (share: number, style: string): Markup =>
  markup`<svg aria-hidden="true"><rect class="${style}" width="${Number((100 * share).toFixed(2))}%" height="100%"/></svg>`;
