/**
 * Lays a command out over lines that a shell takes for the same: between its words a line ends in ` \`, and in quotes a line
 * break stands for a blank, which a text that is checked (`--claim`) does not tell from one.
 *
 * @param width of a line, with its indent
 */
export function commandLines(command: string, width: number, indent: string): string[] {
  const room = width - indent.length - ' \\'.length;
  const lines: string[] = [];
  let line = '';
  let isQuoted = false;
  for (const piece of command.split(' ')) {
    // A line that begins like this is a quotation, and no claim of the author.
    const mayBegin = !/^[>|]/.test(piece);
    if (line !== '' && line.length + 1 + piece.length > room && mayBegin) {
      lines.push(isQuoted ? line : `${line} \\`);
      line = piece;
    } else line = line === '' ? piece : `${line} ${piece}`;
    if ((piece.replaceAll(`'\\''`, '').match(/'/g)?.length ?? 0) % 2 === 1) isQuoted = !isQuoted;
  }
  return [...lines, line].map((text) => indent + text);
}
