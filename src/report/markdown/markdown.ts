import { printable, shortenMiddle } from '../printable.ts';
import { wrap } from '../prose.ts';

/** Columns of a mail: kernel lists quote each other, and a line must survive that within 80. */
export const MARKDOWN_WIDTH = 72;

/** Names longer than this say nothing more by their middle. */
const MAX_NAME = 60;

/** A paragraph of prose, broken into lines. It may have names of strangers in it: nothing in it is markup. */
export const paragraph = (text: string, indent = ''): readonly string[] =>
  // One column is kept for the backslash that keeps the beginning of a line from being markup.
  wrap(escapeProse(printable(text, false)), MARKDOWN_WIDTH - 1 - indent.length).map(
    (line) => indent + (/^(?:[#>+=~-]|\d+[.)](?:\s|$))/.test(line) ? `\\${line}` : line),
  );

/** Paragraphs as items of a list. */
export const list = (texts: readonly string[]): readonly string[] =>
  texts.flatMap((text) =>
    wrap(escapeProse(printable(text, false)), MARKDOWN_WIDTH - 2).map((line, index) =>
      index === 0 ? `- ${line}` : `  ${line}`,
    ),
  );

/** A heading. */
export const heading = (level: 1 | 2, text: string): readonly string[] => {
  const marks = `${'#'.repeat(level)} `;
  return [marks + shortenMiddle(escapeProse(printable(text, false)), MARKDOWN_WIDTH - marks.length, false)];
};

/**
 * Keeps characters from being markup, where they would be. Underscores are emphasis only if one word begins with them and
 * one ends with them: names of kernel symbols are left as they are read.
 */
function escapeProse(text: string): string {
  const escaped = text.replace(/[\\`*[\]<>|]/g, '\\$&');
  return /\w_+(?!\w)/.test(text) ? escaped.replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_') : escaped;
}

/**
 * A name as code, no wider than `width`. It may stand in a table, where a bar must be escaped even in code.
 */
export function code(name: string, width = MAX_NAME): string {
  const clean = printable(name, false).replaceAll('`', "'").trim() || '-';
  for (let length = Math.min(clean.length, width - 2); length > 0; length--) {
    const span = `\`${shortenMiddle(clean, length, false).replaceAll('|', '\\|')}\``;
    if (span.length <= width) return span;
  }
  return '`~`'.slice(0, width);
}

/**
 * A command line as an indented block, which reads as it is in a mail and is code in Markdown. Lines are broken where a
 * shell takes it: between words, or within one that is too long.
 */
export function commandBlock(command: string): readonly string[] {
  const room = MARKDOWN_WIDTH - '    '.length - ' \\'.length;
  const lines: string[] = [];
  let line = '';
  for (const word of printable(command, false).match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? []) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= room) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(`${line} \\`);
    const pieces = broken(word, room - 2);
    lines.push(...pieces.slice(0, -1).map((piece) => `${piece}\\`));
    line = (pieces.length > 1 ? '' : '  ') + pieces[pieces.length - 1];
  }
  return [...lines, line].map((text) => `    ${text}`);
}

/** Pieces of a word that a shell takes for one: a quoted piece ends its quotes and the next one begins them anew. */
function broken(word: string, room: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  for (const unit of word.match(/\\.|[^]/g) ?? []) {
    if (piece.length + unit.length + (quoted ? 1 : 0) > room) {
      pieces.push(quoted ? `${piece}'` : piece);
      piece = quoted ? "'" : '';
    }
    piece += unit;
    if (unit === "'") quoted = !quoted;
  }
  return [...pieces, piece];
}

/** Blocks with an empty line between them; empty ones are left out. Ends with a newline. */
export const joinBlocks = (blocks: readonly (readonly string[])[]): string =>
  `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.trimEnd()).join('\n'))
    .join('\n\n')}\n`;

/** What figures rest on, and the command that gives them again. */
export const howAgain = (restsOn: readonly string[], command: string): (readonly string[])[] => [
  heading(2, 'How to get these figures again'),
  list(restsOn),
  // A paragraph ends the list: what is indented below a list belongs to its last item.
  paragraph('Command:'),
  commandBlock(command),
];
