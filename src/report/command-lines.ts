import { wordsOf } from './command-text.ts';

/** What a line may be broken before. */
interface Piece {
  readonly text: string;
  /** It stands within a quoted text, where a line break is a blank. */
  readonly isWithin: boolean;
}

/**
 * Lays a command out over lines. Between its words a line ends in ` \\`, as a shell takes it. A text that is checked (`--claim`)
 * is broken at its blanks too: a reader of claims does not tell a line break from one.
 *
 * @param width of a line, with its indent
 */
export function commandLines(command: string, width: number, indent: string): string[] {
  const room = width - indent.length - ' \\'.length;
  const lines: string[] = [];
  let line = '';
  for (const { text, isWithin } of piecesOf(command)) {
    // A line that begins like this is a quotation, and no claim of the author.
    const mayBegin = !(isWithin && /^[>|]/.test(text));
    if (line !== '' && line.length + 1 + text.length > room && mayBegin) {
      lines.push(isWithin ? line : `${line} \\`);
      line = text;
    } else line = line === '' ? text : `${line} ${text}`;
  }
  return [...lines, line].map((text) => indent + text);
}

function piecesOf(command: string): readonly Piece[] {
  const words = wordsOf(command);
  return words.flatMap((word, index) =>
    words[index - 1] === '--claim'
      ? word.split(' ').map((text, at) => ({ text, isWithin: at > 0 }))
      : [{ text: word, isWithin: false }],
  );
}
