import { tagSetting } from '../../mte/instruction.ts';
import type { DiffResult, DiffRow, ReportResult, Work } from '../../result/result.ts';
import type { DifferenceRow } from '../diff-table.ts';
import { byChange, differs, diffHeadline, hasWork } from '../diff-text.ts';
import { policySentence } from '../kernel-text.ts';
import { count } from '../number-format.ts';
import { diffTitle, isOneTrace, sideNames } from '../side-names.ts';
import type { TextOptions } from '../text-options.ts';
import { savedTimes } from '../time-text.ts';
import { topRows } from '../top-rows.ts';
import { siteRows } from '../work-table.ts';
import { differenceTable, GRANULES, INSTRUCTIONS } from './difference-tables.ts';
import { heading, joinBlocks, paragraph } from './markdown.ts';
import { remarks } from '../remarks.ts';
import { coverage, provenance } from './report-markdown.ts';
import { timesBlocks } from './times-table.ts';
import { nameTable } from './work-tables.ts';

/** Call sites of what remains, at most: the difference is the subject. */
const REMAINING_SITES = 5;

/** A difference as Markdown for a cover letter: 72 columns of ASCII. Ends with a newline. */
export function diffMarkdown(result: DiffResult, { top, by }: TextOptions): string {
  const names = sideNames(result);
  const oneTrace = isOneTrace(result);
  const classes = result.byClass
    .filter(hasWork)
    .toSorted(byChange)
    .map((row): DifferenceRow => ({ ...row, name: row.class }));
  const total: DifferenceRow = { name: 'total', class: '', ...result.totals };
  return joinBlocks([
    heading(1, `Tag work: ${diffTitle(result)}`),
    paragraph(diffHeadline(result, names)),
    ...remarks(result.from, result.to).map((warning) => paragraph(`Warning: ${warning}`)),
    ...(classes.length === 0 ? [] : differenceBlocks(names, [...classes, total])),
    ...(by === 'class' ? [] : siteBlocks(result.bySite, top)),
    // Of two traces the times are of two runs: what one takes less may be for less work.
    ...(oneTrace ? timesBlocks(savedTimes(result.byClass, result.totals, result.to.cost)) : []),
    ...(by === 'class' ? [] : remainingBlocks(result.to, names.to, top)),
    ...(oneTrace ? [result.to] : [result.from, result.to]).flatMap(coverage),
    ...provenance(
      oneTrace ? [result.to] : [result.from, result.to],
      oneTrace
        ? [`Before: ${policySentence(result.from)}`, `After: ${policySentence(result.to)}`]
        : [`Policy: ${policySentence(result.to)}`],
    ),
  ]);
}

/** The two tables by class. */
export const differenceBlocks = (
  names: { readonly from: string; readonly to: string },
  rows: readonly DifferenceRow[],
): (readonly string[])[] => [
  paragraph(`Before is ${names.from}, after is ${names.to}.`),
  ...[INSTRUCTIONS, GRANULES].flatMap((measure) => [
    heading(2, `${measure.name}, by allocation class`),
    differenceTable(rows, 'class', measure),
  ]),
];

/** Where two results differ, the greatest change first. */
export function siteBlocks(rows: readonly DiffRow[], top: number): (readonly string[])[] {
  const all = rows
    .filter(differs)
    .toSorted(byChange)
    .map((row): DifferenceRow => ({ ...row, name: row.site }));
  if (all.length === 0) return [];
  const shown = top === 0 ? all : all.slice(0, top);
  const left = all.length - shown.length;
  return [
    heading(2, `${INSTRUCTIONS.name}, by call site, where they differ`),
    differenceTable(shown, 'site', INSTRUCTIONS),
    left === 0 ? [] : paragraph(`${count(left)} more call sites that differ; --top 0 shows all.`),
  ];
}

/** What is left to save. */
export function remainingBlocks(
  { bySite, totals }: Pick<ReportResult, 'bySite'> & { readonly totals: Work },
  name: string,
  top: number,
): (readonly string[])[] {
  const rows = siteRows(bySite);
  if (rows.length === 0) return [];
  const total = tagSetting(totals.instructions);
  const limit = top === 0 ? REMAINING_SITES : Math.min(REMAINING_SITES, top);
  const { shown, note } = topRows(rows, limit, total, 'call sites', 'a report has them all');
  return [
    heading(2, `What remains with ${name}, by call site`),
    paragraph(`Instructions are those that set tags; shares are of all ${count(total)} that remain.`),
    nameTable('call site', shown, total),
    paragraph(note),
  ];
}
