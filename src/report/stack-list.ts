import { allGranules } from '../result/granules.ts';
import { count, counted, percent } from './number-format.ts';
import { printable } from './printable.ts';
import { wrap } from './prose.ts';
import { proseWidth, type TextOptions } from './text-options.ts';
import { tagInstructions, type WorkRow } from './work-table.ts';

/** Stacks with their figures: too long for a table, so each has a line of figures and its functions below it. */
export function stackList(rows: readonly WorkRow[], total: number, options: TextOptions): string[] {
  const arrow = options.unicode ? ' ← ' : ' <- ';
  return rows.flatMap((row) => {
    const instructions = tagInstructions(row.work);
    const figures = `${row.class}: ${count(instructions)} tag-setting instructions (${percent(instructions, total)}), ${count(allGranules(row.work))} granules, ${counted(row.work.allocations, 'allocation')}`;
    const functions = row.name.split(';').join(arrow);
    return [
      ...wrap(figures, proseWidth(options) - 2, '  ').map((line) => `  ${line}`),
      ...wrap(printable(functions, options.unicode), proseWidth(options) - 6).map(
        (line) => `      ${options.style.faint(line)}`,
      ),
    ];
  });
}
