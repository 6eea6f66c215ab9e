import { tagSetting } from '../mte/instruction.ts';
import type { Work } from '../result/result.ts';
import type { Section, Table } from './layout.ts';
import { counted, percent } from './number-format.ts';
import { printable, shortenMiddle } from './printable.ts';
import { prose } from './prose.ts';
import type { TextOptions } from './text-options.ts';
import { noteLines, topRows } from './top-rows.ts';
import { classTable, nameTable, tagInstructions, type WorkRow } from './work-table.ts';

/** Columns of a name in a line of several. */
const BRIEF_NAME = 32;

/** What a table of names is of. */
export interface NamesTable {
  readonly title: string;
  /** Heads the column of names. */
  readonly column: string;
  /** What the rows are, in the plural. */
  readonly noun: string;
  /** How to see the others; --top if it is not given. */
  readonly hint?: string;
}

/** The first rows that were asked for, or fewer on a small screen, and what is left out; nothing without rows. */
export function namesTable(
  rows: readonly WorkRow[],
  total: number,
  { title, column, noun, hint }: NamesTable,
  options: TextOptions,
): Section {
  const asked = options.top === 0 ? rows.length : Math.min(options.top, rows.length);
  if (asked === 0) return [];
  return {
    name: noun,
    rows: asked,
    brief: `${title}: ${rows
      .slice(0, asked)
      .map(
        ({ name, work }) =>
          `${shortenMiddle(printable(name, options.unicode), BRIEF_NAME, options.unicode)} ${percent(tagInstructions(work), total)}`,
      )
      .join(', ')}`,
    render: (limit) => {
      const { shown, note } = topRows(rows, limit, total, noun, limit < asked ? '-v shows more' : hint);
      return [
        ...prose(title, options).map(options.style.strong),
        ...nameTable(column, shown, total, options),
        ...noteLines(note, options),
      ];
    },
  };
}

/** The table of classes with their sum; on a small screen the first ones. @param below stands below all of them */
export function classesTable(
  title: string,
  rows: readonly WorkRow[],
  totals: Work,
  options: TextOptions,
  below: readonly string[],
): Table {
  const all = tagSetting(totals.instructions);
  const total: WorkRow = { name: 'total', class: '', work: totals };
  return {
    name: 'all classes',
    // What stands below is as good as a row.
    rows: rows.length + (below.length > 0 ? 1 : 0),
    render: (limit) => [
      options.style.strong(title),
      ...classTable([...rows.slice(0, limit), total], all, options),
      ...(limit < rows.length
        ? noteLines(`${counted(rows.length - limit, 'more class', 'more classes')}; -v shows them.`, options)
        : limit > rows.length
          ? below
          : []),
    ],
  };
}
