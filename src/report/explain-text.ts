import { commandText } from './command-text.ts';
import type { CountedKind, ExplainedReport, ExplainResult, PolicySummary } from '../explain/result.ts';
import { accessText, CHANGE_WORDS, explainHeadline, explainRemarks, shareWord, shortTitle } from './explain-words.ts';
import { printable, shortenMiddle } from './printable.ts';
import { labelled, wrap } from './prose.ts';
import { joinSections } from './layout.ts';
import { textTable, type Layout } from './text-table.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

/** Reports and what policies make of them, for a terminal. */
export function renderExplain(result: ExplainResult, options: TextOptions): string {
  const width = proseWidth(options);
  const remarks = explainRemarks(result).flatMap((text) =>
    wrap(printable(text, options.unicode), width).map(options.style.warning),
  );
  const ends = [
    [...wrap(explainHeadline(result), width).map(options.style.strong), ...remarks],
    policySection(result, options),
  ];
  const before = result.shows === 'reports' ? result.reports.map((report) => reportSection(report, options)) : [];
  const after = result.shows === 'reports' ? [] : summarySections(result, options);
  return joinSections(
    [...before, ...ends, ...after, commandText(result.command, options)].filter((lines) => lines.length > 0),
  );
}

const LABEL = 10;

function reportSection(report: ExplainedReport, options: TextOptions): string[] {
  const width = proseWidth(options);
  const line = (label: string, text: string): string[] =>
    labelled(label, LABEL, printable(text, options.unicode), width);
  const { caught, parameters, model, notABug } = report;
  const detected =
    model === null
      ? []
      : line(
          'model',
          `${model.detected.count} of ${model.detected.of} noticed (${model.subject})${model.agrees ? ', as the rules say' : ', which is not what the rules say'}`,
        );
  return [
    ...wrap(printable(shortTitle(report.title), options.unicode), width).map(options.style.strong),
    ...line('where', `${report.log}, lines ${report.line} to ${report.end}`),
    ...(notABug === null
      ? []
      : line('no bug', `${notABug.name}: ${notABug.why} (${notABug.source})`).map(options.style.warning)),
    ...(report.duplicateOf === null ? [] : line('again', `the same as ${report.duplicateOf}`)),
    ...line(
      'kernel',
      `${report.kernel ?? 'not told'} (${report.kernelEvidence}), KASAN ${report.mode} (${report.modeEvidence})`,
    ),
    ...line('access', accessText(report)),
    ...line('class', `${report.class}: ${report.classEvidence}`),
    ...line('bug', `${report.bug}: ${report.bugEvidence}`),
    ...(report.granules.length === 0 ? [] : line('granules', report.granules.join(' '))),
    ...line('HW_TAGS', `${shareWord(caught)} (${report.ownPolicy}): ${caught.why}`),
    ...line(
      '',
      `with write_only: ${shareWord(parameters.writeOnly)}; async: ${parameters.async}; asymm: ${parameters.asymm}`,
    ),
    ...detected,
    ...report.undecided.flatMap((text) => line('open', text)),
    ...(report.missing.length === 0 ? [] : line('missing', report.missing.join(', '))),
    ...(report.unread.length === 0 ? [] : line('not read', report.unread.map(unreadText).join('; '))),
    ...verdictLines(report, options),
  ];
}

const unreadText = ({ line, text }: ExplainedReport['unread'][number]): string =>
  `line ${line} "${text.trim().slice(0, 60)}"`;

/** A longer name of a policy is shortened: beside it there must be room for words. */
const MAX_NAME = 36;

/** A line for each policy; further lines of its reason are indented. */
function verdictLines({ policies, caught }: ExplainedReport, options: TextOptions): string[] {
  const width = proseWidth(options);
  const names = Math.min(MAX_NAME, Math.max(...policies.map(({ policy }) => policy.length)) + 4);
  return policies.flatMap((verdict) => {
    const share = verdict.value === 0 || verdict.change === 'undecidable' ? '' : ` (${shareWord(verdict)})`;
    const why = verdict.why === caught.why ? '' : `: ${verdict.why}`;
    const text = `${CHANGE_WORDS[verdict.change]}${share}${why}`;
    const lines = labelled(
      `  ${shortenMiddle(printable(verdict.policy, options.unicode), names - 4, options.unicode)}`,
      names,
      printable(text, options.unicode),
      width,
    );
    return verdict.change === 'missed' ? lines.map(options.style.warning) : lines;
  });
}

function policySection({ summary, shows, reports }: ExplainResult, options: TextOptions): string[] {
  if (summary.policies.length === 0 || (shows === 'reports' && reports.length === 1)) return [];
  return ['What policies make of them, each bug once:', ...textTable(summary.policies, POLICY_LAYOUTS, options)];
}

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

function summarySections({ summary }: ExplainResult, options: TextOptions): string[][] {
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
  const width = proseWidth(options);
  return [
    ['Kinds and classes:', ...textTable(summary.byKindAndClass, [pairs], options)],
    textTable(summary.byKind, [kinds('kind')], options),
    textTable(summary.byClass, [kinds('class')], options),
    ...missed.map(({ policy, missedTitles }) => [
      ...wrap(`Missed by ${policy}:`, width),
      ...missedTitles
        .flatMap((title) => wrap(printable(shortTitle(title), options.unicode), width - 2, '  '))
        .map((text) => `  ${text}`),
    ]),
  ].filter((lines) => lines.length > 0);
}
