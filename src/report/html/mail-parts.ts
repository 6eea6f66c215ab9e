import type { Reply } from '../../series/series.ts';
import { Markup, markup, NOTHING } from '../markup.ts';
import { counted } from '../number-format.ts';

const TAB = new Markup('\t');
const LINE_FEED = new Markup('\n');

/** A stranger's text as it was written: with its tabs and line feeds, and nothing else that is not shown. */
export const asWritten = (text: string): Markup =>
  markup`${text.split('\n').map((line, index) => [
    index === 0 ? NOTHING : LINE_FEED,
    line
      .replace(/\r$/, '')
      .split('\t')
      .map((piece, column) => (column === 0 ? piece : markup`${TAB}${piece}`)),
  ])}`;

/** Who wrote it, and when. */
export const byline = (author: string, date: string | null | undefined): Markup =>
  markup`<p class="faint">${author === '' ? 'Author not named' : author}${date === null || date === undefined ? '' : `, ${date.slice(0, 10)}`}</p>\n`;

/** What is quoted stands back. */
const replyText = (text: string): Markup =>
  markup`<pre class="text">${text
    .trim()
    .split('\n')
    .map((line, index) => [
      index === 0 ? NOTHING : LINE_FEED,
      line.startsWith('>') ? markup`<span class="faint">${asWritten(line)}</span>` : asWritten(line),
    ])}</pre>`;

/** Deeper replies are not moved in further: a page has an edge. */
const DEEPEST = 4;

interface PlacedReply {
  readonly reply: Reply;
  readonly depth: number;
}

/** A thread in the order that it is read, without descending: a stranger's thread may be deep. */
function placed(replies: readonly Reply[]): readonly PlacedReply[] {
  const result: PlacedReply[] = [];
  const open: PlacedReply[] = replies.map((reply) => ({ reply, depth: 0 })).toReversed();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    result.push(next);
    const depth = Math.min(next.depth + 1, DEEPEST);
    for (const reply of next.reply.replies.toReversed()) open.push({ reply, depth });
  }
  return result;
}

/** The replies to a mail; nothing where there is none. */
export function repliesSection(replies: readonly Reply[], to: string): Markup {
  const all = placed(replies);
  if (all.length === 0) return NOTHING;
  return markup`<h3>${counted(all.length, 'reply', 'replies')} to ${to}</h3>
${all.map(({ reply: { head, text }, depth }) => markup`<div class="reply depth${depth}">\n${byline(head.from.name === '' ? head.from.address : head.from.name, head.date)}${replyText(text)}</div>\n`)}`;
}
