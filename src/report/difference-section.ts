import type { DiffSide } from '../result/result.ts';
import { differenceTable, type DifferenceRow } from './diff-table.ts';
import type { Table } from './layout.ts';
import { counted } from './number-format.ts';
import { prose } from './prose.ts';
import type { SideNames } from './side-names.ts';
import type { TextOptions } from './text-options.ts';
import { noteLines } from './top-rows.ts';

/** What two sides differ in by class, with their sums; on a small screen the first ones. */
export const differencesTable = (
  rows: readonly DifferenceRow[],
  total: { readonly from: DiffSide; readonly to: DiffSide },
  names: SideNames,
  options: TextOptions,
): Table => ({
  name: 'all classes',
  rows: rows.length,
  render: (limit) => [
    ...prose(`By allocation class, from ${names.from} to ${names.to}`, options).map(options.style.strong),
    ...differenceTable('class', false, [...rows.slice(0, limit), { name: 'total', class: '', ...total }], options),
    ...(limit < rows.length
      ? noteLines(`${counted(rows.length - limit, 'more class', 'more classes')}; -v shows them.`, options)
      : []),
  ],
});
