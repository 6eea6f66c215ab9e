import type { FileDiff, Hunk } from '../series/file-diff.ts';
import type { Question } from '../review/question.ts';
import type { ReviewedPatch, ReviewResult } from '../review/result.ts';
import { printable } from './printable.ts';
import { wrap } from './prose.ts';

/** As wide as a mail may be. */
const WIDTH = 72;
/** Lines of a hunk that are quoted before a question's line, and behind it. */
const QUOTED_BEFORE = 8;
const QUOTED_BEHIND = 1;

const MARKS = { context: ' ', add: '+', remove: '-' } as const;

/** A line of a stranger's diff keeps its tabs; nothing else that moves a cursor gets through. */
const quotedLine = (text: string): string =>
  `> ${text
    .split('\t')
    .map((part) => printable(part, true))
    .join('\t')}`;

/** The part of a patch that a question is about, quoted as in a reply. */
function quote({ at }: Question, diffs: readonly FileDiff[]): string[] {
  const diff = at === null ? undefined : diffs[at.diff];
  const hunk: Hunk | undefined = at === null ? undefined : diff?.hunks[at.hunk];
  if (at === null || diff === undefined || hunk === undefined) return [];
  const { lines, oldStart, oldCount, newStart, newCount, heading } = hunk;
  const from = Math.max(0, at.line - QUOTED_BEFORE);
  return [
    quotedLine(`diff --git a/${diff.oldPath ?? diff.newPath ?? ''} b/${diff.newPath ?? diff.oldPath ?? ''}`),
    quotedLine(`@@ -${oldStart},${oldCount} +${newStart},${newCount} @@${heading === '' ? '' : ` ${heading}`}`),
    ...(from > 0 ? ['> [...]'] : []),
    ...lines.slice(from, at.line + 1 + QUOTED_BEHIND).map(({ type, text }) => quotedLine(MARKS[type] + text)),
  ];
}

const paragraph = (text: string): string[] => wrap(printable(text, true), WIDTH);

const sameLine = ({ at: a }: Question, { at: b }: Question): boolean =>
  a !== null && b !== null && a.diff === b.diff && a.hunk === b.hunk && a.line === b.line;

/** @param before the question above, whose quote serves for one on the same line too */
const body = (question: Question, before: Question | undefined, diffs: readonly FileDiff[]): string[] => [
  ...(before !== undefined && sameLine(before, question) ? [] : [...quote(question, diffs), '']),
  ...paragraph(question.text),
  ...question.evidence.flatMap(({ text, reproduce }) => [
    '',
    ...paragraph(`(${text})`),
    ...(reproduce === null ? [] : [`  ${reproduce}`]),
  ]),
];

const header = (name: string, value: string): string => `${name}: ${printable(value, true)}`;

/** A reply to one patch, with its questions. */
function reply(patch: ReviewedPatch, questions: readonly Question[], { series, provenance }: ReviewResult): string[] {
  const total = series.patches.length;
  const version = series.version === 1 ? '' : ` v${series.version}`;
  const place = total === 1 ? '' : ` ${patch.number}/${total}`;
  return [
    // The line that begins a mail of an mbox; git send-email takes it from format-patch too.
    'From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001',
    header('Subject', `Re: [PATCH${version}${place}] ${patch.subject}`),
    ...(patch.messageId === null
      ? []
      : [header('In-Reply-To', `<${patch.messageId}>`), header('References', `<${patch.messageId}>`)]),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...(patch.date === null ? [] : [`On ${patch.date.slice(0, 10)}, ${printable(patch.author, true)} wrote:`]),
    ...questions.flatMap((question, index) => [
      ...(index === 0 ? [] : ['']),
      ...body(question, questions[index - 1], patch.diffs),
    ]),
    '',
    '-- ',
    printable(provenance.command, true),
    '',
  ];
}

/**
 * A reply for each patch that is asked about, in 72 columns, as an mbox that `git send-email` takes and `b4` reads back. It is
 * written and never sent.
 */
export function renderReviewMail(result: ReviewResult): string {
  const { series, questions } = result;
  const replies = series.patches.flatMap((patch) => {
    const own = questions.filter((question) => question.patch === patch.number);
    return own.length === 0 ? [] : reply(patch, own, result);
  });
  return replies.length === 0 ? '' : `${replies.join('\n')}\n`;
}
