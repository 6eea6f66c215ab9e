import { tagSetting } from '../../mte/instruction.ts';
import type { ReportResult } from '../../result/result.ts';
import { estimateSentences } from '../estimates-text.ts';
import { GROUP_NAMES } from '../group-names.ts';
import { headline } from '../headline.ts';
import { countsSentence, kernelSentence, policySentence, traceSentence } from '../kernel-text.ts';
import { lossSentences } from '../losses-text.ts';
import { count } from '../number-format.ts';
import { remarks } from '../remarks.ts';
import { reportTitle } from '../side-names.ts';
import type { TextOptions } from '../text-options.ts';
import { profileSentence, timePartsSentence, workTimes } from '../time-text.ts';
import { topRows } from '../top-rows.ts';
import { untaggedSentence } from '../untagged-text.ts';
import { classRows, rowsWithTagWork, type WorkRow } from '../work-table.ts';
import { heading, howAgain, joinBlocks, list, paragraph } from './markdown.ts';
import { timesBlocks } from './times-table.ts';
import { classTable, nameTable } from './work-tables.ts';

/** A report as Markdown for a mail: 72 columns of ASCII. Ends with a newline. */
export function reportMarkdown(result: ReportResult, { top, by }: TextOptions): string {
  const total = tagSetting(result.totals.instructions);
  const { names, title, noun } = detailOf(result, by);
  const { shown, note } = topRows(rowsWithTagWork(names), top, total, noun);
  return joinBlocks([
    heading(1, `Tag work: ${reportTitle(result)}`),
    paragraph(headline(result)),
    ...remarks(result).map((warning) => paragraph(`Warning: ${warning}`)),
    ...(total === 0
      ? []
      : [
          paragraph(
            `Instructions are those that set tags; shares are of all ${count(total)} of them. Granules are of 16 bytes: ${count(result.totals.granules.alloc)} tagged at allocation, ${count(result.totals.granules.free)} at free.`,
          ),
          heading(2, 'By allocation class'),
          classTable([...classRows(result.byClass), { name: 'total', class: '', work: result.totals }], total),
          paragraph(untaggedSentence(result.byClass)),
        ]),
    ...(shown.length === 0
      ? []
      : [heading(2, title), nameTable(noun.replace(/s$/, ''), shown, total), paragraph(note)]),
    ...reportTimes(result),
    ...coverage(result),
    ...provenance([result], [`Policy: ${policySentence(result)}`]),
  ]);
}

/** The time of the tags, and what it is made of. */
function reportTimes(result: ReportResult): (readonly string[])[] {
  const times = workTimes(result, result.cost);
  return times === undefined ? [] : [...timesBlocks(times), paragraph(timePartsSentence(result))];
}

/** The rows of the second table, and what they are called. */
function detailOf(
  result: ReportResult,
  by: TextOptions['by'],
): { readonly names: readonly WorkRow[]; readonly title: string; readonly noun: string } {
  const groups = result.byGroup.map((work): WorkRow => ({
    name: work.group === '' ? (work.site ?? '(not known)') : work.group.replaceAll(';', ' < '),
    class: work.class,
    work,
  }));
  switch (by) {
    case 'class':
      return { names: [], title: '', noun: '' };
    case 'site':
      return {
        names: result.bySite.map((work) => ({ name: work.site, class: work.class, work })),
        title: 'By call site',
        noun: 'call sites',
      };
    case 'comm':
    case 'pid':
    case 'cache':
    case 'order':
      return { names: groups, title: GROUP_NAMES[by].title, noun: GROUP_NAMES[by].many };
    case 'stack':
      return { names: groups, title: 'By stack, innermost function first', noun: 'stacks' };
  }
}

/** What is sure, and what the figures do not cover. */
export const coverage = (result: ReportResult): (readonly string[])[] => {
  const lost = lossSentences(result.losses);
  return [
    heading(2, 'Certain and estimated'),
    list(estimateSentences(result)),
    heading(2, 'Losses'),
    lost.length === 0 ? ['None.'] : list(lost),
  ];
};

/** Where the figures come from, and the command that gives them again: that of the last of the results. */
export function provenance(results: readonly ReportResult[], policies: readonly string[]): (readonly string[])[] {
  const last = results[results.length - 1];
  return howAgain(
    [
      ...results.flatMap((result) => [`Trace: ${traceSentence(result)}`, `Kernel: ${kernelSentence(result)}`]),
      ...policies,
      `Profile: ${profileSentence(last.cost)}`,
      countsSentence(last),
    ],
    last.provenance.command,
  );
}
