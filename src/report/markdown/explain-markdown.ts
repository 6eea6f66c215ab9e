import type { ExplainedReport, ExplainResult } from '../../explain/result.ts';
import {
  accessText,
  alikeText,
  alikeVerdicts,
  asBeforeText,
  explainHeadline,
  explainRemarks,
  isAsBefore,
  lossesText,
  shareWord,
  shortTitle,
} from '../explain-words.ts';
import { heading, howAgain, joinBlocks, list, paragraph } from './markdown.ts';
import { pipeTable } from './pipe-table.ts';

/** Reports and what policies make of them as Markdown for a cover letter: 72 columns of ASCII. Ends with a newline. */
export function explainMarkdown(result: ExplainResult): string {
  const { summary, command } = result;
  const losing = summary.policies.filter(({ missedTitles, lessTitles }) => missedTitles.length + lessTitles.length > 0);
  return joinBlocks([
    heading(1, 'KASAN reports, and what policies make of their bugs'),
    paragraph(`${explainHeadline(result)} ${lossesText(summary)}`),
    ...explainRemarks(result).map((remark) => paragraph(`Warning: ${remark}`)),
    ...(result.shows === 'reports' ? result.reports.flatMap(reportBlocks) : []),
    ...(summary.policies.length === 0
      ? []
      : [
          heading(2, 'By policy'),
          pipeTable(summary.policies, [
            [
              { title: 'policy', kind: 'name', cell: ({ policy }) => policy },
              { title: 'kept', kind: 'figure', cell: ({ kept }) => String(kept) },
              { title: 'less', kind: 'figure', cell: ({ less }) => String(less) },
              { title: 'missed', kind: 'figure', cell: ({ missed }) => String(missed) },
              { title: 'open', kind: 'figure', cell: ({ undecidable }) => String(undecidable) },
              { title: 'never', kind: 'figure', cell: ({ never }) => String(never) },
              { title: 'more', kind: 'figure', cell: ({ more }) => String(more) },
            ],
          ]),
          paragraph(
            'Bugs that are caught as before, less surely, and missed; that the reports do not decide; that hardware tags catch under neither policy; and that are caught more surely. Each bug counts once.',
          ),
        ]),
    ...(summary.byKindAndClass.length === 0
      ? []
      : [
          heading(2, 'By kind and class'),
          pipeTable(summary.byKindAndClass, [
            [
              { title: 'bug', kind: 'class', cell: ({ bug }) => bug },
              { title: 'class', kind: 'class', cell: (row) => row.class },
              { title: 'access', kind: 'class', cell: ({ access }) => access },
              { title: 'bugs', kind: 'figure', cell: ({ count }) => String(count) },
            ],
          ]),
        ]),
    ...losing.flatMap(({ policy, missedTitles, lessTitles }) => [
      heading(2, `What ${policy} loses`),
      list([
        ...missedTitles.map((title) => `Missed: ${shortTitle(title)}`),
        ...lessTitles.map((title) => `Less surely: ${shortTitle(title)}`),
      ]),
    ]),
    ...howAgain(['The rules of detection are those of `tagscope audit`; see docs/explain.md.'], command),
  ]);
}

const reportBlocks = (report: ExplainedReport): (readonly string[])[] => [
  heading(2, shortTitle(report.title)),
  list([
    `Where: ${report.log}, lines ${report.line} to ${report.end}`,
    `Kernel: ${report.kernel ?? 'not told'}, KASAN ${report.mode}`,
    `Access: ${accessText(report)}`,
    `Class: ${report.class} (${report.classEvidence})`,
    `Bug: ${report.bug} (${report.bugEvidence})`,
    `HW_TAGS: ${shareWord(report.caught)}, ${report.caught.why}`,
    ...(report.notABug === null ? [] : [`No bug: ${report.notABug.name} (${report.notABug.source})`]),
    ...report.undecided,
  ]),
  list([
    ...alikeVerdicts(report.policies.filter((verdict) => !isAsBefore(verdict))).map((group) =>
      capitalized(alikeText(group, report.caught)),
    ),
    ...(report.policies.some(isAsBefore) ? [`${asBeforeText(report.policies)}.`] : []),
  ]),
];

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
