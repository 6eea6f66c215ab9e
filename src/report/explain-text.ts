import { commandText } from './command-text.ts';
import type { CountedKind, ExplainedReport, ExplainResult, PolicySummary } from '../explain/result.ts';
import {
  accessText,
  alikeText,
  alikeVerdicts,
  explainHeadline,
  explainRemarks,
  shareWord,
  shortTitle,
} from './explain-words.ts';
import { detail, layOut, type Detail, type Table } from './layout.ts';
import { printable } from './printable.ts';
import { indentedProse, labelled, prose } from './prose.ts';
import { textTable, type Layout } from './text-table.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

/** Reports and what policies make of them, for a terminal: what each comes to stands first, what it was found by below it. */
export function renderExplain(result: ExplainResult, options: TextOptions): string {
  const { reports, shows, command } = result;
  const remarks = warningDetail(explainRemarks(result), options);
  const headline = prose(explainHeadline(result), options).map(options.style.strong);
  const [first, ...others] = reports;
  const without = result.summary.logsWithoutReport.map((log) => `  ${printable(log, options.unicode)}`);
  const ends = [
    ...(without.length === 0 ? [] : [detail('logs without a report', ['Logs without a report:', ...without])]),
    detail('the command', commandText(command, options)),
  ];
  if (shows === 'summary')
    return layOut(
      [headline, remarks, policyTable(result, options), ...summarySections(result, options), ...ends],
      options,
    );
  if (others.length === 0 && first !== undefined)
    return layOut(
      [
        answerLines(first, options),
        remarks,
        detail('what the report says', evidenceLines(first, options)),
        detail('the count', headline),
        ...ends,
      ],
      options,
    );
  const inFull = reports.flatMap((report) => [...answerLines(report, options), ...evidenceLines(report, options), '']);
  return layOut(
    [
      headline,
      remarks,
      reportTable(reports, options),
      policyTable(result, options),
      detail('each report', inFull.slice(0, -1)),
      ...ends,
    ],
    options,
  );
}

const warningDetail = (remarks: readonly string[], options: TextOptions): Detail => ({
  ...detail(
    'the warnings in full',
    remarks.flatMap((text) => prose(text, options).map(options.style.warning)),
    ...remarks.map((text) => printable(text, options.unicode)),
  ),
  tone: 'warning',
  complete: true,
});

const LABEL = 10;

const labelledLine = (label: string, text: string, options: TextOptions): string[] =>
  labelled(label, LABEL, printable(text, options.unicode), proseWidth(options));

/** What a report comes to: which memory, which bug, what hardware tags make of it, and what policies do. */
function answerLines(report: ExplainedReport, options: TextOptions): string[] {
  const { caught, notABug, duplicateOf, ownPolicy, policies } = report;
  return [
    ...prose(shortTitle(report.title), options).map(options.style.strong),
    ...(notABug === null
      ? []
      : labelledLine('no bug', `${notABug.name}: ${notABug.why} (${notABug.source})`, options).map(
          options.style.warning,
        )),
    ...(duplicateOf === null ? [] : labelledLine('again', `the same as ${duplicateOf}`, options)),
    ...labelledLine('class', `${report.class}: ${report.classEvidence}`, options),
    ...labelledLine('bug', `${report.bug}: ${report.bugEvidence}`, options),
    ...labelledLine('HW_TAGS', `${shareWord(caught)} (${ownPolicy}): ${caught.why}`, options),
    ...alikeVerdicts(policies).flatMap((group) => {
      const lines = indentedProse(alikeText(group, caught), options);
      return group[0].change === 'missed' ? lines.map(options.style.warning) : lines;
    }),
  ];
}

/** What a report was explained by, and what is open. */
function evidenceLines(report: ExplainedReport, options: TextOptions): string[] {
  const { parameters, model } = report;
  const line = (label: string, text: string): string[] => labelledLine(label, text, options);
  return [
    ...line('where', `${report.log}, lines ${report.line} to ${report.end}`),
    ...line(
      'kernel',
      `${report.kernel ?? 'not told'} (${report.kernelEvidence}), KASAN ${report.mode} (${report.modeEvidence})`,
    ),
    ...line('access', accessText(report)),
    ...(report.granules.length === 0 ? [] : line('granules', report.granules.join(' '))),
    ...line(
      'otherwise',
      `with write_only: ${shareWord(parameters.writeOnly)}; async: ${parameters.async}; asymm: ${parameters.asymm}`,
    ),
    ...(model === null
      ? []
      : line(
          'model',
          `${model.detected.count} of ${model.detected.of} noticed (${model.subject})${model.agrees ? ', as the rules say' : ', which is not what the rules say'}`,
        )),
    ...report.undecided.flatMap((text) => line('open', text)),
    ...(report.missing.length === 0 ? [] : line('missing', report.missing.join(', '))),
    ...(report.unread.length === 0 ? [] : line('not read', report.unread.map(unreadText).join('; '))),
  ];
}

const unreadText = ({ line, text }: ExplainedReport['unread'][number]): string =>
  `line ${line} "${text.trim().slice(0, 60)}"`;

/** A line for each report. */
const reportTable = (reports: readonly ExplainedReport[], options: TextOptions): Table => ({
  name: 'all reports',
  rows: reports.length,
  render: (rows) => [
    'What was reported:',
    ...textTable(reports.slice(0, rows), REPORT_LAYOUTS, options),
    ...leftOut(reports.length - rows, 'report', options),
  ],
});

const REPORT_COLUMNS: Layout<ExplainedReport> = [
  { title: 'report', align: 'left', cell: ({ title }) => shortTitle(title), shrinkTo: 20 },
  { title: 'class', align: 'left', cell: (report) => report.class, shrinkTo: 10 },
  { title: 'bug', align: 'left', cell: ({ bug }) => bug, shrinkTo: 16 },
  { title: 'HW_TAGS', align: 'left', cell: ({ caught }) => shareWord(caught), shrinkTo: 13 },
  {
    title: 'missed by',
    align: 'right',
    cell: ({ policies }) => String(policies.filter(({ change }) => change === 'missed').length),
  },
];
const REPORT_LAYOUTS: readonly [Layout<ExplainedReport>, Layout<ExplainedReport>] = [
  REPORT_COLUMNS,
  REPORT_COLUMNS.filter(({ title }) => title !== 'missed by').map((column) =>
    column.shrinkTo === undefined ? column : { ...column, shrinkTo: Math.min(column.shrinkTo, 10) },
  ),
];

/** What policies make of all bugs: those that lose the most first. */
function policyTable({ summary }: ExplainResult, options: TextOptions): Table {
  const sorted = summary.policies.toSorted(
    (a, b) => b.missed - a.missed || b.less - a.less || b.undecidable - a.undecidable,
  );
  return {
    name: 'all policies',
    rows: sorted.length,
    render: (rows) =>
      sorted.length === 0
        ? []
        : [
            'What policies make of them, each bug once:',
            ...textTable(sorted.slice(0, rows), POLICY_LAYOUTS, options),
            ...leftOut(sorted.length - rows, 'policy', options, 'policies'),
          ],
  };
}

const leftOut = (number: number, one: string, { style }: TextOptions, many = `${one}s`): string[] =>
  number === 0 ? [] : [`  ${style.faint(`${number} more ${number === 1 ? one : many}; -v shows all.`)}`];

const POLICY_LAYOUTS: readonly [Layout<PolicySummary>] = [
  [
    { title: 'policy', align: 'left', cell: ({ policy }) => policy, shrinkTo: 16 },
    { title: 'kept', align: 'right', cell: ({ kept }) => String(kept) },
    { title: 'less', align: 'right', cell: ({ less }) => String(less) },
    { title: 'missed', align: 'right', cell: ({ missed }) => String(missed) },
    { title: 'open', align: 'right', cell: ({ undecidable }) => String(undecidable) },
    { title: 'never', align: 'right', cell: ({ never }) => String(never) },
    { title: 'more', align: 'right', cell: ({ more }) => String(more) },
  ],
];

function summarySections({ summary }: ExplainResult, options: TextOptions): Detail[] {
  const pairs: Layout<(typeof summary.byKindAndClass)[number]> = [
    { title: 'bug', align: 'left', cell: ({ bug }) => bug, shrinkTo: 20 },
    { title: 'class', align: 'left', cell: (row) => row.class },
    { title: 'access', align: 'left', cell: ({ access }) => access },
    { title: 'bugs', align: 'right', cell: ({ count }) => String(count) },
  ];
  const kinds = (title: string): Layout<CountedKind> => [
    { title, align: 'left', cell: ({ name }) => name, shrinkTo: 20 },
    { title: 'bugs', align: 'right', cell: ({ count }) => String(count) },
    { title: 'reads', align: 'right', cell: ({ reads }) => String(reads) },
    { title: 'writes', align: 'right', cell: ({ writes }) => String(writes) },
    { title: 'frees', align: 'right', cell: ({ frees }) => String(frees) },
  ];
  const missed = summary.policies.filter(({ missedTitles }) => missedTitles.length > 0);
  return [
    ...missed.map(({ policy, missedTitles }) =>
      detail('missed bugs', [
        `Missed by ${printable(policy, options.unicode)}:`,
        ...missedTitles.flatMap((title) => indentedProse(shortTitle(title), options)),
      ]),
    ),
    detail('kinds and classes', [
      'Kinds and classes:',
      ...textTable(summary.byKindAndClass, [pairs], options),
      '',
      ...textTable(summary.byKind, [kinds('kind')], options),
      '',
      ...textTable(summary.byClass, [kinds('class')], options),
    ]),
  ];
}
