import { parser } from '@lezer/cpp';
import { highlightTree, tagHighlighter, tags } from '@lezer/highlight';

/** A part of a line, and the class of a style sheet that it is shown with; none for plain text. */
export interface Highlighted {
  readonly text: string;
  readonly style: string | undefined;
}

/** Longer texts are not coloured: a parser's stack and time are for code that a person wrote. */
const MOST_CHARACTERS = 100_000;
/** No code that a person wrote is nested deeper. */
const MOST_OPEN = 200;

const HIGHLIGHTER = tagHighlighter([
  { tag: [tags.comment, tags.blockComment, tags.lineComment], class: 'comment' },
  { tag: [tags.string, tags.character], class: 'string' },
  { tag: [tags.keyword, tags.modifier, tags.controlKeyword, tags.definitionKeyword], class: 'keyword' },
  { tag: [tags.processingInstruction], class: 'directive' },
  { tag: [tags.typeName, tags.standard(tags.typeName)], class: 'type' },
]);

/** Whether a parser that descends into brackets stays near the ground. */
function isShallow(text: string): boolean {
  let open = 0;
  for (const char of text) {
    if ('([{<'.includes(char)) open++;
    else if (')]}>'.includes(char)) open = Math.max(0, open - 1);
    if (open > MOST_OPEN) return false;
  }
  return true;
}

/** A text that begins inside of a block comment, as hunks may: it ends one before any begins. */
function beginsInComment(text: string): boolean {
  const end = text.indexOf('*/');
  const begin = text.indexOf('/*');
  return end >= 0 && (begin < 0 || end < begin);
}

/** Colours lines of C, which may be a piece from the middle of a file. The parts of a line are its text. */
export function highlightC(lines: readonly string[]): readonly (readonly Highlighted[])[] {
  const text = lines.join('\n');
  if (text.length > MOST_CHARACTERS || !isShallow(text)) return lines.map((line) => [{ text: line, style: undefined }]);
  const lead = beginsInComment(text) ? '/*' : '';
  const parts: Highlighted[][] = [[]];
  const put = (piece: string, style: string | undefined): void => {
    for (const [index, line] of piece.split('\n').entries()) {
      if (index > 0) parts.push([]);
      if (line !== '') parts[parts.length - 1].push({ text: line, style });
    }
  };
  let done = 0;
  highlightTree(parser.parse(lead + text), HIGHLIGHTER, (from, to, style) => {
    const start = Math.max(from - lead.length, done);
    const end = to - lead.length;
    if (end <= start) return;
    put(text.slice(done, start), undefined);
    put(text.slice(start, end), style);
    done = end;
  });
  put(text.slice(done), undefined);
  return parts;
}
