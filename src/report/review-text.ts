import type { Claim } from '../review/claim.ts';
import { realReportsText, worseReportText } from '../review/real-reports.ts';
import type { Question } from '../review/question.ts';
import type { Prediction, ReviewResult } from '../review/result.ts';
import { differenceTable, savedGranules, type DifferenceRow } from './diff-table.ts';
import { commandLines } from './command-lines.ts';
import { commandText } from './command-text.ts';
import { detail, layOut, type Detail, type Table } from './layout.ts';
import { count, counted, percent } from './number-format.ts';
import { printable } from './printable.ts';
import { indentedProse, prose } from './prose.ts';
import { proseWidth, type TextOptions } from './text-options.ts';
import { textTable, type Layout } from './text-table.ts';
import { noteLines } from './top-rows.ts';

/** Where a question stands, as `file:line`. */
export const placeOf = ({ file, line, function: name }: Pick<Question, 'file' | 'line' | 'function'>): string =>
  `${file}:${line}${name === null ? '' : `, ${name}()`}`;

const isOne = (of: number): string => (of === 1 ? 'it' : 'they');

/** The finding of a review in one sentence. */
export function reviewHeadline(result: ReviewResult): string {
  const { series } = result;
  const patches = counted(series.patches.length, 'patch', 'patches');
  return `${series.title}, version ${series.version}, ${patches}${result.policy === null ? ':' : ','} ${reviewFinding(result)}`;
}

/** What a review comes to; it begins in the middle of a sentence whose subject is the series. */
export function reviewFinding({ aboutTagging, series, policy, questions, claims, audit }: ReviewResult): string {
  if (!aboutTagging || policy === null)
    return `no line that ${isOne(series.patches.length)} change is about memory tagging, so there is nothing to ask.`;
  const what = policy.isBuiltIn
    ? `amounts to the policy ${policy.name}`
    : policy.name === policy.base
      ? 'changes no mask that decides what is tagged'
      : `amounts to a policy of its own over ${policy.base}`;
  const lost =
    audit === null
      ? ''
      : audit.lost.length === 0
        ? ` No kind of bug is detected less often${audit.notAudited.length === 0 ? '' : `; of ${audit.notAudited.join(', ')} the audit has none`}.`
        : ` ${counted(audit.lost.length, 'kind of bug is', 'kinds of bugs are')} detected less often.`;
  const refuted = claims.filter(({ verdict }) => verdict === 'refuted').length;
  return `${what}: ${questions.length === 0 ? 'no questions' : counted(questions.length, 'question')}${refuted === 0 ? '' : `, ${counted(refuted, 'claim')} refuted`}.${lost}`;
}

function questionLines(question: Question, isNew: boolean, options: TextOptions): string[] {
  return [
    options.style.strong(
      `${question.patch === 0 ? 'Cover' : `Patch ${question.patch}`}, ${placeOf(question)} (${question.rule}; ${question.follows}${isNew ? '; new' : ''})`,
    ),
    ...indentedProse(question.text, options),
    ...question.evidence.flatMap(({ text, reproduce }) => [
      ...indentedProse(`- ${text}`, options),
      ...(reproduce === null ? [] : [`    ${reproduce}`]),
    ]),
  ];
}

function claimLines({ kind, verdict, text, is, patch, reproduce }: Claim, options: TextOptions): string[] {
  return [
    options.style.strong(`${verdict}: ${kind} (${patch === 0 ? 'cover letter' : `patch ${patch}`})`),
    ...indentedProse(`"${text}"`, options),
    ...indentedProse(is, options),
    ...(reproduce === null ? [] : commandLines(printable(reproduce, options.unicode), proseWidth(options), '    ')),
  ];
}

const rowsOf = ({ byClass, total }: Prediction): readonly DifferenceRow[] => [
  ...byClass.map((row): DifferenceRow => ({ ...row, name: row.class })),
  { ...total, name: 'total', class: '' },
];

/** What a prediction comes to, in one sentence. */
export function predictionText({ of, total }: Prediction): string {
  const saved = savedGranules(total);
  const before = total.from.granules.alloc + total.from.granules.free;
  return saved === 0
    ? `${of}: no tag work changes.`
    : `${of}: ${count(Math.abs(saved))} granules ${saved > 0 ? 'less' : 'more'} of ${count(before)} (${percent(saved, before)}).`;
}

const predictionLines = (prediction: Prediction, options: TextOptions): string[] => [
  ...prose(predictionText(prediction), options),
  ...(savedGranules(prediction.total) === 0 ? [] : differenceTable('class', false, rowsOf(prediction), options)),
  `  ${prediction.command}`,
];

/** Blocks under a title, of which a small screen shows the first. */
function blocks(title: string, one: string, all: readonly (readonly string[])[], options: TextOptions): Table {
  return {
    name: title.toLowerCase(),
    rows: all.length,
    least: 1,
    brief: `${title}: ${all.length}.`,
    render: (rows) =>
      all.length === 0
        ? []
        : [
            options.style.strong(title),
            ...all.slice(0, rows).flatMap((lines) => ['', ...lines]),
            ...(rows < all.length
              ? noteLines(`${counted(all.length - rows, `more ${one}`)}; -v shows all.`, options)
              : []),
          ],
  };
}

const QUESTION_COLUMNS: Layout<Question> = [
  { title: 'patch', align: 'right', cell: ({ patch }) => String(patch) },
  { title: 'question', align: 'left', cell: ({ rule }) => rule },
  { title: 'where', align: 'left', cell: placeOf, shrinkTo: 24 },
  { title: 'what follows', align: 'left', cell: ({ follows }) => follows },
];
const NARROW_QUESTION_COLUMNS = QUESTION_COLUMNS.slice(0, -1);

/** A line for each question. */
const questionTable = (questions: readonly Question[], options: TextOptions): Table => ({
  name: 'more questions',
  rows: questions.length,
  least: 1,
  render: (rows) =>
    questions.length === 0
      ? []
      : [
          ...textTable(questions.slice(0, rows), [QUESTION_COLUMNS, NARROW_QUESTION_COLUMNS], options),
          ...(rows < questions.length
            ? noteLines(`${counted(questions.length - rows, 'more question')}; -v shows all.`, options)
            : []),
        ],
});

/** A list under a title; on a small screen the number of what is in it. */
const listing = (title: string, items: readonly (readonly string[])[], options: TextOptions): Detail =>
  items.length === 0
    ? detail(title, [])
    : detail(title.toLowerCase(), [options.style.strong(title), ...items.flat()], `${title}: ${items.length}.`);

/** A review as text. Ends with a newline. */
export function renderReview(result: ReviewResult, options: TextOptions): string {
  const { policy, questions, claims, remarks, predictions, problems, history, newQuestions, kernel } = result;
  const isNew = new Set(newQuestions);
  return layOut(
    [
      prose(reviewHeadline(result), options).map(options.style.strong),
      questionTable(questions, options),
      listing(
        'Questions',
        questions.map((question) => ['', ...questionLines(question, isNew.has(question.id), options)]),
        options,
      ),
      blocks(
        'Claims',
        'claim',
        claims.map((claim) => claimLines(claim, options)),
        options,
      ),
      ...predictions.map((prediction) =>
        detail('the predicted effect', predictionLines(prediction, options), predictionText(prediction)),
      ),
      detail(
        'real reports',
        result.reports === null
          ? []
          : [
              ...prose(realReportsText(result.reports), options),
              ...result.reports.worse.flatMap((worse) => indentedProse(`- ${worseReportText(worse)}`, options)),
              `  ${result.reports.command}`,
            ],
        ...(result.reports === null ? [] : [realReportsText(result.reports)]),
      ),
      listing(
        'Remarks',
        remarks.map(({ text }) => indentedProse(`- ${text}`, options)),
        options,
      ),
      listing(
        'Earlier versions',
        history.map(({ version, settled, open }) => indentedProse(historySentence(version, settled, open), options)),
        options,
      ),
      listing(
        'What could not be read as it stands',
        problems.map(({ kind, where, found, expected }) =>
          indentedProse(`- ${kind}: ${where}: ${found}; expected ${expected}`, options),
        ),
        options,
      ),
      detail('kernel and command', [
        ...(policy?.notUnderstood ?? []).flatMap((text) => prose(`Not understood: ${text}.`, options)),
        ...prose(reviewedKernel(kernel), options),
        ...commandText(result.provenance.command, options),
      ]),
    ],
    options,
    result.provenance.command,
  );
}

const historySentence = (version: number, settled: readonly string[], open: readonly string[]): string =>
  `- Version ${version}: ${counted(settled.length, 'question')} settled since (${settled.join(', ') || 'none'}), ${open.length} still open (${open.join(', ') || 'none'}).`;

/** The kernel that a series was judged against. */
export const reviewedKernel = ({ base, baseFrom, facts }: ReviewResult['kernel']): string =>
  `Kernel: ${base === 'before-series' ? 'before' : 'with'} the series of 2026 (${baseFrom === 'the diffs' ? 'the diffs show it' : baseFrom}); what hunks do not show is from ${facts === 'tree' ? 'the tree' : 'the facts of Linux 7.3 (--tree gives a tree)'}.`;
