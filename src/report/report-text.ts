import { tagSetting } from '../mte/instruction.ts';
import type { ReportResult } from '../result/result.ts';
import { estimatesDetail } from './estimates-text.ts';
import { GROUP_NAMES } from './group-names.ts';
import { headline } from './headline.ts';
import { instructionsText } from './instructions-text.ts';
import { commandText } from './command-text.ts';
import { kernelText, policyText, provenanceBrief } from './kernel-text.ts';
import { clipped, detail, layOut, warnings, type Section } from './layout.ts';
import { lossesDetail } from './losses-text.ts';
import { partsText } from './parts-text.ts';
import { prose } from './prose.ts';
import { remarks } from './remarks.ts';
import { stackList } from './stack-list.ts';
import { type TextOptions } from './text-options.ts';
import { profileText, timeText } from './time-text.ts';
import { noteLines, topRows } from './top-rows.ts';
import { untaggedText } from './untagged-text.ts';
import { classesTable, namesTable } from './work-section.ts';
import { classRows, rowsWithTagWork, type WorkRow } from './work-table.ts';

/** A report as text: the answer first, then where it comes from, and what it does not cover. Ends with a newline. */
export function renderReport(result: ReportResult, options: TextOptions): string {
  const { command } = result.provenance;
  return layOut(
    [
      prose(headline(result), options).map(options.style.strong),
      warnings(remarks(result), options),
      classSection(result, options),
      detailSection(result, options),
      detail('instructions by kind', instructionsText(result, options)),
      detail('time by class', timeText(result, options)),
      estimatesDetail(result, options),
      lossesDetail(result.losses, options),
      detail('merged files', partsText(result, options)),
      detail(
        'trace, kernel, policy, profile',
        [
          ...kernelText(result, options),
          ...policyText(result, options),
          ...profileText(result.cost, options),
          ...commandText(command, options),
        ],
        provenanceBrief(result, result.cost.profile),
      ),
    ],
    options,
    command,
  );
}

function classSection(result: ReportResult, options: TextOptions): Section {
  const rows = classRows(result.byClass);
  const title = 'By allocation class';
  const untagged = untaggedText(result.byClass, options);
  if (rows.length === 0) return untagged.length === 0 ? [] : [options.style.strong(title), ...untagged];
  const { tagInstructions: _, ...totals } = result.totals;
  return classesTable(title, rows, totals, options, untagged);
}

/** The second table: by call site, unless something else was asked for. */
function detailSection(result: ReportResult, options: TextOptions): Section {
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
    case 'pid':
    case 'cache':
    case 'order': {
      const { title, column } = GROUP_NAMES[options.by];
      return nameSection(result, groupRows(result), { title, column, noun: 'rows' }, options);
    }
    case 'stack': {
      const total = tagSetting(result.totals.instructions);
      const { shown, note } = topRows(rowsWithTagWork(groupRows(result)), options.top, total, 'stacks');
      return clipped(
        'stacks',
        [options.style.strong('By stack'), ...stackList(shown, total, options), ...noteLines(note, options)],
        options,
      );
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
  { totals }: ReportResult,
  rows: readonly WorkRow[],
  names: { readonly title: string; readonly column: string; readonly noun: string },
  options: TextOptions,
): Section {
  const total = tagSetting(totals.instructions);
  return namesTable(rowsWithTagWork(rows), total, names, options);
}
