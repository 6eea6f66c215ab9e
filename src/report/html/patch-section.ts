import { pathOf, type FileDiff, type Hunk, type HunkLine } from '../../series/file-diff.ts';
import type { Question } from '../../review/question.ts';
import type { ReviewedPatch } from '../../review/result.ts';
import { markup, NOTHING, type Markup } from '../markup.ts';
import { highlightC, type Highlighted } from './c-highlight.ts';
import { asWritten, byline, repliesSection } from './mail-parts.ts';
import { questionAside } from './question-aside.ts';

const MARKS = { context: ' ', add: '+', remove: '-' } as const;

const isC = (path: string): boolean => /\.[ch]$/.test(path);

/** Lines of a hunk as parts: what is removed is read with the lines around it as they were, all else as it becomes. */
function coloured(hunk: Hunk, path: string): readonly (readonly Highlighted[])[] {
  if (!isC(path)) return hunk.lines.map(({ text }) => [{ text, style: undefined }]);
  const side = (leftOut: HunkLine['type']): ReadonlyMap<HunkLine, readonly Highlighted[]> => {
    const lines = hunk.lines.filter(({ type }) => type !== leftOut);
    const parts = highlightC(lines.map(({ text }) => text));
    return new Map(lines.map((line, index) => [line, parts[index]]));
  };
  const [after, before] = [side('remove'), side('add')];
  return hunk.lines.map((line) => (line.type === 'remove' ? before : after).get(line) ?? []);
}

const part = ({ text, style }: Highlighted): Markup =>
  style === undefined ? asWritten(text) : markup`<span class="c-${style}">${asWritten(text)}</span>`;

/** A hunk with the questions below the lines that they are about. */
function hunkMarkup(hunk: Hunk, path: string, questions: readonly Question[]): Markup {
  const parts = coloured(hunk, path);
  const { oldStart, oldCount, newStart, newCount, heading, lines } = hunk;
  const blocks: Markup[] = [];
  let shown: Markup[] = [
    markup`<span class="line at">@@ -${oldStart},${oldCount} +${newStart},${newCount} @@ ${asWritten(heading)}\n</span>`,
  ];
  const endBlock = (): void => {
    if (shown.length > 0) blocks.push(markup`<pre class="diff"><code>${shown}</code></pre>\n`);
    shown = [];
  };
  for (const [index, { type, noNewline }] of lines.entries()) {
    shown.push(
      markup`<span class="line ${type}">${MARKS[type]}${parts[index].map(part)}${noNewline ? markup`<span class="faint"> (no newline at the end of the file)</span>` : NOTHING}\n</span>`,
    );
    const asked = questions.filter(({ at }) => at?.line === index);
    if (asked.length === 0) continue;
    endBlock();
    blocks.push(markup`${asked.map(questionAside)}`);
  }
  endBlock();
  return markup`${blocks}`;
}

/** What happens to a file beside its lines. */
function wholeFile({ change, oldPath, newPath, oldMode, newMode, binary }: FileDiff): string {
  const said = [
    change === 'rename' || change === 'copy' ? `${change} of ${oldPath ?? ''}` : change === 'modify' ? '' : change,
    oldMode !== undefined && newMode !== undefined && oldMode !== newMode ? `mode ${oldMode} to ${newMode}` : '',
    binary ? 'binary' : '',
  ].filter((text) => text !== '');
  return said.length === 0 || newPath === '' ? '' : ` (${said.join(', ')})`;
}

function fileMarkup(diff: FileDiff, index: number, questions: readonly Question[]): Markup {
  const path = pathOf(diff);
  return markup`<h3 class="path">${path}${wholeFile(diff)}</h3>
${diff.hunks.map((hunk, at) =>
  hunkMarkup(
    hunk,
    path,
    questions.filter((question) => question.at?.diff === index && question.at.hunk === at),
  ),
)}`;
}

/** The name that links to a patch have. */
export const patchId = (number: number): string => `patch-${number}`;

/** A patch as a mail of a thread: its message, its diffs with the questions in them, and the replies. */
export const patchSection = (patch: ReviewedPatch, total: number, questions: readonly Question[]): Markup =>
  markup`<section class="mail" id="${patchId(patch.number)}">
<h2>${total > 1 ? `${patch.number}/${total}: ` : ''}${patch.subject}</h2>
${byline(patch.author, patch.date)}<pre class="text">${asWritten(patch.message.trim())}${patch.trailers.map(({ name, value }, index) => markup`${asWritten(index === 0 ? '\n\n' : '\n')}<span class="faint">${asWritten(`${name}: ${value}`)}</span>`)}</pre>
${patch.notes.trim() === '' ? NOTHING : markup`<pre class="text notes">${asWritten(patch.notes.trim())}</pre>\n`}${questions
    .filter(({ at }) => at === null)
    .map(
      questionAside,
    )}${patch.diffs.map((diff, index) => fileMarkup(diff, index, questions))}${repliesSection(patch.replies, `patch ${patch.number}`)}</section>
`;
