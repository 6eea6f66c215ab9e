/** A field: figures are written as numbers, names as text; an empty text where there is nothing. */
export type Field = string | number;

/** A column of a table: its heading, and the field of a row. */
export interface CsvColumn<Row> {
  readonly title: string;
  readonly field: (row: Row) => Field;
}

/**
 * A table as CSV (RFC 4180): one line of headings, then the rows, lines ended by CRLF. Nothing else is in it, since
 * readers take any further line for a row.
 */
export const csvTable = <Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string =>
  [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ field }) => field(row)))]
    .map((fields) => `${fields.map(fieldText).join(',')}\r\n`)
    .join('');

/** What spreadsheets take for the beginning of a formula, also behind blanks, as OWASP lists them. */
const FORMULA = /^\s*[=+\-@\t\r\n＝＋－＠]/;

/**
 * A field as it stands in the file. Names come from strangers: one that a spreadsheet would calculate gets an apostrophe,
 * which keeps it text. Figures are never names.
 */
function fieldText(field: Field): string {
  if (typeof field === 'number') return String(field);
  const text = FORMULA.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
