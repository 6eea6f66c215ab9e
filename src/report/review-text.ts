import type { Claim } from '../review/claim.ts';
import type { Question } from '../review/question.ts';
import type { Prediction, ReviewResult } from '../review/result.ts';
import { differenceTable, savedGranules, type DifferenceRow } from './diff-table.ts';
import { commandText } from './command-text.ts';
import { count, counted, percent } from './number-format.ts';
import { indentedProse, prose } from './prose.ts';
import { joinSections } from './layout.ts';
import type { TextOptions } from './text-options.ts';

/** Where a question stands, as `file:line`. */
export const placeOf = ({ file, line, function: name }: Pick<Question, 'file' | 'line' | 'function'>): string =>
  `${file}:${line}${name === undefined ? '' : `, ${name}()`}`;

const isOne = (of: number): string => (of === 1 ? 'it' : 'they');

/** The finding of a review in one sentence. */
export function reviewHeadline({ aboutTagging, series, policy, questions, claims, audit }: ReviewResult): string {
  const name = `${series.title}, version ${series.version}`;
  const patches = counted(series.patches.length, 'patch', 'patches');
  if (!aboutTagging || policy === null)
    return `${name}, ${patches}: no line that ${isOne(series.patches.length)} change is about memory tagging, so there is nothing to ask.`;
  const what = policy.isBuiltIn
    ? `amounts to the policy ${policy.name}`
    : policy.name === policy.base
      ? 'changes no mask that decides what is tagged'
      : `amounts to a policy of its own over ${policy.base}`;
  const lost =
    audit === null
      ? ''
      : audit.lost.length === 0
        ? ' No kind of bug is detected less often.'
        : ` ${counted(audit.lost.length, 'kind of bug is', 'kinds of bugs are')} detected less often.`;
  const refuted = claims.filter(({ verdict }) => verdict === 'refuted').length;
  return `${name}, ${patches}, ${what}: ${questions.length === 0 ? 'no questions' : counted(questions.length, 'question')}${refuted === 0 ? '' : `, ${counted(refuted, 'claim')} refuted`}.${lost}`;
}

function questionLines(question: Question, isNew: boolean, options: TextOptions): string[] {
  return [
    options.style.strong(
      `${question.patch === 0 ? 'Cover' : `Patch ${question.patch}`}, ${placeOf(question)} (${question.rule}; ${question.follows}${isNew ? '; new' : ''})`,
    ),
    ...indentedProse(question.text, options),
    ...question.evidence.flatMap(({ text, reproduce }) => [
      ...indentedProse(`- ${text}`, options),
      ...(reproduce === undefined ? [] : [`    ${reproduce}`]),
    ]),
  ];
}

function claimLines({ kind, verdict, text, is, patch, reproduce }: Claim, options: TextOptions): string[] {
  return [
    options.style.strong(`${verdict}: ${kind} (${patch === 0 ? 'cover letter' : `patch ${patch}`})`),
    ...indentedProse(`"${text}"`, options),
    ...indentedProse(is, options),
    ...(reproduce === undefined ? [] : [`    ${reproduce}`]),
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

const section = (title: string, blocks: readonly (readonly string[])[], options: TextOptions): string[][] =>
  blocks.length === 0 ? [] : [[options.style.strong(title)], ...blocks.map((lines) => [...lines])];

/** A review as text. Ends with a newline. */
export function renderReview(result: ReviewResult, options: TextOptions): string {
  const { policy, questions, claims, remarks, predictions, problems, history, newQuestions, kernel } = result;
  const isNew = new Set(newQuestions);
  return joinSections([
    prose(reviewHeadline(result), options).map(options.style.strong),
    ...section(
      'Predicted effect',
      predictions.map((prediction) => predictionLines(prediction, options)),
      options,
    ),
    ...section(
      'Claims',
      claims.map((claim) => claimLines(claim, options)),
      options,
    ),
    ...section(
      'Questions',
      questions.map((question) => questionLines(question, isNew.has(question.id), options)),
      options,
    ),
    ...section(
      'Remarks',
      remarks.map(({ text }) => prose(text, options)),
      options,
    ),
    ...section(
      'Earlier versions',
      history.map(({ version, settled, open }) =>
        prose(
          `Version ${version}: ${counted(settled.length, 'question')} settled (${settled.join(', ') || 'none'}), ${open.length} still open (${open.join(', ') || 'none'}).`,
          options,
        ),
      ),
      options,
    ),
    ...section(
      'What could not be read as it stands',
      problems.map(({ kind, where, found, expected }) =>
        prose(`${kind}: ${where}: ${found}; expected ${expected}`, options),
      ),
      options,
    ),
    [
      ...(policy === null ? [] : policy.notUnderstood.flatMap((text) => prose(`Not understood: ${text}.`, options))),
      ...prose(
        `Kernel: ${kernel.base === 'before-series' ? 'before' : 'with'} the series of 2026 (${kernel.baseFrom}); what hunks do not show is from ${kernel.facts === 'tree' ? 'the tree' : 'the facts of Linux 7.3, not from a tree: --tree'}.`,
        options,
      ),
      ...commandText(result.provenance.command, options),
    ],
  ]);
}
