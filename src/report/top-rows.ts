import { count, percent } from './number-format.ts';
import { wrap } from './prose.ts';
import { proseWidth, type TextOptions } from './text-options.ts';
import { tagInstructions, type WorkRow } from './work-table.ts';

/** The first rows of a table, and what to say of those that are left out. */
export interface TopRows {
  readonly shown: readonly WorkRow[];
  /** Empty if all are shown: what is left out is never left out quietly. */
  readonly note: string;
}

/**
 * Takes the first `top` rows; all of them for 0.
 *
 * @param total what shares are of: all tag-setting instructions
 * @param noun what the rows are, in the plural
 * @param hint how to see the others
 */
export function topRows(
  rows: readonly WorkRow[],
  top: number,
  total: number,
  noun: string,
  hint = '--top 0 shows all',
): TopRows {
  const shown = top === 0 ? rows : rows.slice(0, top);
  const rest = rows.slice(shown.length);
  if (rest.length === 0) return { shown, note: '' };
  const left = rest.reduce((sum, row) => sum + tagInstructions(row.work), 0);
  return {
    shown,
    note: `${count(rest.length)} more ${noun} with ${percent(left, total)} of the tag-setting instructions; ${hint}.`,
  };
}

/** The note as lines below its table; none for an empty one. */
export const noteLines = (note: string, options: TextOptions): string[] =>
  wrap(note, proseWidth(options) - 2).map((line) => `  ${options.style.faint(line)}`);
