import { tagSetting } from '../mte/instruction.ts';
import type { ReportResult } from '../result/result.ts';
import { estimatesText } from './estimates-text.ts';
import { headline } from './headline.ts';
import { instructionsText } from './instructions-text.ts';
import { commandText, kernelText, policyText } from './kernel-text.ts';
import { lossesText } from './losses-text.ts';
import { partsText } from './parts-text.ts';
import { remarks } from './remarks.ts';
import { stackList } from './stack-list.ts';
import { type TextOptions } from './text-options.ts';
import { noteLines, topRows } from './top-rows.ts';
import { profileText, timeText } from './time-text.ts';
import { untaggedText } from './untagged-text.ts';
import { warningsText } from './warnings-text.ts';
import { classRows, classTable, nameTable, rowsWithTagWork, type WorkRow } from './work-table.ts';
import { prose } from './prose.ts';

/** A report as text: the answer first, then where it comes from, and what it does not cover. Ends with a newline. */
export function renderReport(result: ReportResult, options: TextOptions): string {
  const sections = [
    prose(headline(result), options).map(options.style.strong),
    warningsText(remarks(result), options),
    classSection(result, options),
    detailSection(result, options),
    instructionsText(result, options),
    timeText(result, options),
    estimatesText(result, options),
    lossesText(result.losses, options),
    partsText(result, options),
    [
      ...kernelText(result, options),
      ...policyText(result, options),
      ...profileText(result.cost, options),
      ...commandText(result.provenance.command, options),
    ],
  ];
  return joinSections(sections);
}

/** Sections with a blank line between them; empty ones are left out. */
export const joinSections = (sections: readonly (readonly string[])[]): string =>
  `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;

function classSection(result: ReportResult, options: TextOptions): string[] {
  const rows = classRows(result.byClass);
  const title = options.style.strong('By allocation class');
  const untagged = untaggedText(result.byClass, options);
  if (rows.length === 0) return untagged.length === 0 ? [] : [title, ...untagged];
  const { tagInstructions: _, ...totals } = result.totals;
  const total: WorkRow = { name: 'total', class: '', work: totals };
  return [title, ...classTable([...rows, total], tagSetting(result.totals.instructions), options), ...untagged];
}

/** The second table: by call site, unless something else was asked for. */
function detailSection(result: ReportResult, options: TextOptions): string[] {
  switch (options.by) {
    case 'class':
      return [];
    case 'site':
      return nameSection(
        result,
        result.bySite.map((work) => ({ name: work.site, class: work.class, work })),
        { title: 'By call site', column: 'call site', noun: 'call sites' },
        options,
      );
    case 'comm':
      return nameSection(result, groupRows(result), { title: 'By command', column: 'command', noun: 'rows' }, options);
    case 'stack': {
      const total = tagSetting(result.totals.instructions);
      const { shown, note } = topRows(rowsWithTagWork(groupRows(result)), options.top, total, 'stacks');
      return [options.style.strong('By stack'), ...stackList(shown, total, options), ...noteLines(note, options)];
    }
  }
}

const groupRows = (result: ReportResult): WorkRow[] =>
  result.byGroup.map((work) => ({
    name: work.group === '' ? (work.site ?? '(not known)') : work.group,
    class: work.class,
    work,
  }));

function nameSection(
  result: ReportResult,
  rows: readonly WorkRow[],
  names: { readonly title: string; readonly column: string; readonly noun: string },
  options: TextOptions,
): string[] {
  const total = tagSetting(result.totals.instructions);
  const { shown, note } = topRows(rowsWithTagWork(rows), options.top, total, names.noun);
  if (shown.length === 0) return [];
  return [
    options.style.strong(names.title),
    ...nameTable(names.column, shown, total, options),
    ...noteLines(note, options),
  ];
}
