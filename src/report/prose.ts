import { printable } from './printable.ts';
import { proseWidth, type TextOptions } from './text-options.ts';

/** A paragraph, as wide as prose may be. It may have names of strangers in it. */
export const prose = (text: string, options: TextOptions): string[] =>
  wrap(printable(text, options.unicode), proseWidth(options));

/** A paragraph that belongs to what stands above it: two columns to the right. */
export const indentedProse = (text: string, options: TextOptions): string[] =>
  wrap(printable(text, options.unicode), proseWidth(options) - 2).map((line) => `  ${line}`);

/**
 * Breaks a text into lines of at most `width` columns, at blanks.
 *
 * @param indent stands before every line but the first
 * @param longWords what to do with a word that is longer than a line: `break` it, or `keep` it whole (paths, which a
 *   reader may want to copy)
 */
export function wrap(text: string, width: number, indent = '', longWords: 'break' | 'keep' = 'break'): string[] {
  const lines: string[] = [];
  let line = '';
  let empty = true;
  const endLine = (): void => {
    lines.push(line);
    line = indent;
    empty = true;
  };
  for (const word of words(text)) {
    if (!empty && line.length + 1 + word.length > width) endLine();
    let rest = empty ? word : ` ${word}`;
    while (longWords === 'break' && line.length + rest.length > width) {
      const room = Math.max(1, width - line.length);
      line += rest.slice(0, room);
      rest = rest.slice(room);
      endLine();
    }
    line += rest;
    empty = false;
  }
  if (!empty) lines.push(line);
  return lines;
}

/** The words of a text. A figure and its unit are one: `12.3 %` must not be torn apart. */
const words = (text: string): readonly string[] =>
  text
    .replace(/(\d)\s(?=(?:%|s|ms|us|ns|bytes|[KMGTP]iB)(?!\w))/g, '$1\0')
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => word.replaceAll('\0', ' '));

/** A paragraph with a label before it: `Policy    series: …`, its further lines indented below the first one's text. */
export function labelled(label: string, labelWidth: number, text: string, width: number): string[] {
  const indent = ' '.repeat(labelWidth);
  return wrap(text, width - labelWidth).map((line, index) => (index === 0 ? label.padEnd(labelWidth) : indent) + line);
}
