import { pathOfLine, pathsOfGitLine, stripPrefixes } from './diff-path.ts';
import { pathOf, type FileChange, type FileDiff, type Hunk } from './file-diff.ts';
import { isHunkHeader, parseHunk, type HunkFault } from './parse-hunk.ts';

/** A fault in a diff, and the file and hunk that it is in. */
export interface DiffFault extends HunkFault {
  readonly path: string;
}

export interface ParsedDiff {
  readonly files: readonly FileDiff[];
  readonly faults: readonly DiffFault[];
  /** How many hunks, or files without, were read. */
  readonly hunks: number;
  /** There were more than `limit`; they were not read. */
  readonly truncated: boolean;
}

/** A file's header while it is read. */
interface FileHeader {
  change: FileChange;
  oldPath: string | undefined;
  newPath: string | undefined;
  oldMode: string | undefined;
  newMode: string | undefined;
  similarity: number | undefined;
  binary: boolean;
}

const emptyHeader = (): FileHeader => ({
  change: 'modify',
  oldPath: undefined,
  newPath: undefined,
  oldMode: undefined,
  newMode: undefined,
  similarity: undefined,
  binary: false,
});

/** The extended headers of git (diff.c:fill_metainfo), each with what it says of the file. */
const EXTENDED: readonly (readonly [prefix: string, read: (header: FileHeader, value: string) => void])[] = [
  ['old mode ', (header, mode) => void (header.oldMode = modeOf(mode))],
  ['new mode ', (header, mode) => void (header.newMode = modeOf(mode))],
  ['new file mode ', (header, mode) => void Object.assign(header, { change: 'create', newMode: modeOf(mode) })],
  ['deleted file mode ', (header, mode) => void Object.assign(header, { change: 'delete', oldMode: modeOf(mode) })],
  [
    'rename from ',
    (header, path) => void Object.assign(header, { change: 'rename', oldPath: `a/${pathOfLine(path)}` }),
  ],
  ['rename to ', (header, path) => void Object.assign(header, { change: 'rename', newPath: `b/${pathOfLine(path)}` })],
  ['copy from ', (header, path) => void Object.assign(header, { change: 'copy', oldPath: `a/${pathOfLine(path)}` })],
  ['copy to ', (header, path) => void Object.assign(header, { change: 'copy', newPath: `b/${pathOfLine(path)}` })],
  ['similarity index ', (header, percent) => void (header.similarity = percentOf(percent))],
  ['dissimilarity index ', () => undefined],
  ['index ', (header, value) => void readIndexLine(header, value)],
];

const modeOf = (text: string): string | undefined => /^[0-7]{6}/.exec(text)?.[0];
const percentOf = (text: string): number | undefined => {
  const percent = Number(/^(\d{1,3})%/.exec(text)?.[1]);
  return percent <= 100 ? percent : undefined;
};

/** `index 1234..5678 100644` has the mode of a file that keeps it. */
function readIndexLine(header: FileHeader, value: string): void {
  const mode = / ([0-7]{6})$/.exec(value)?.[1];
  header.oldMode ??= mode;
  header.newMode ??= mode;
}

const GIT = 'diff --git ';

/** Whether the diff of a file begins at a line, git's or that of diff -u. */
export const beginsFile = (lines: readonly string[], at: number): boolean =>
  lines[at].startsWith(GIT) ||
  (lines[at].startsWith('--- ') && (lines[at + 1] ?? '').startsWith('+++ ') && isHunkHeader(lines[at + 2] ?? ''));

/**
 * Finds the diffs in a text. Text before, between and after them is for people. Lines that quote a diff (`> `) are none.
 *
 * @param limit how many hunks, or files without, are read
 */
export function parseDiff(lines: readonly string[], limit: number): ParsedDiff {
  const files: FileDiff[] = [];
  const faults: DiffFault[] = [];
  let hunks = 0;
  for (let at = 0; at < lines.length;) {
    if (!beginsFile(lines, at)) {
      at++;
      continue;
    }
    if (hunks >= limit) return { files, faults, hunks, truncated: true };
    const { header, end } = parseFileHeader(lines, at);
    at = end;
    if (!isHunkHeader(lines[at] ?? '')) hunks++;
    const ofFile: Hunk[] = [];
    const path = pathOf({ ...header, hunks: [] });
    while (at < lines.length && isHunkHeader(lines[at])) {
      if (hunks >= limit) return { files: [...files, { ...header, hunks: ofFile }], faults, hunks, truncated: true };
      hunks++;
      const parsed = parseHunk(lines, at);
      if (parsed.hunk !== undefined) ofFile.push(parsed.hunk);
      for (const fault of parsed.faults) faults.push({ ...fault, path });
      at = parsed.faults.some(({ kind }) => kind === 'hunk-damaged') ? nextHeader(lines, parsed.end) : parsed.end;
    }
    const file: FileDiff = { ...header, hunks: ofFile };
    if (saysSomething(file)) files.push(file);
  }
  return { files, faults, hunks, truncated: false };
}

/** Behind a damaged hunk: the next one of the file, or the next file. */
function nextHeader(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && !isHunkHeader(lines[at]) && !beginsFile(lines, at)) at++;
  return at;
}

const saysSomething = ({ change, oldMode, newMode, binary, hunks }: FileDiff): boolean =>
  hunks.length > 0 || binary || change !== 'modify' || oldMode !== newMode;

function parseFileHeader(
  lines: readonly string[],
  from: number,
): { readonly header: FileHeader; readonly end: number } {
  const header = emptyHeader();
  let at = from;
  let byGitLine: readonly [string, string] | undefined;
  if (lines[at].startsWith(GIT)) {
    byGitLine = pathsOfGitLine(lines[at].slice(GIT.length).trimEnd());
    at++;
    for (; at < lines.length; at++) {
      const extended = EXTENDED.find(([prefix]) => lines[at].startsWith(prefix));
      if (extended === undefined) break;
      extended[1](header, lines[at].slice(extended[0].length).replace(/\r$/, ''));
    }
  }
  if (lines[at]?.startsWith('--- ') && lines[at + 1]?.startsWith('+++ ')) {
    header.oldPath ??= pathOfLine(lines[at].slice(4));
    header.newPath ??= pathOfLine(lines[at + 1].slice(4));
    at += 2;
  } else if (lines[at] === 'GIT binary patch') {
    header.binary = true;
    at = endOfBinary(lines, at + 1);
  } else if (/^Binary files .* differ$/.test(lines[at]?.slice(0, 1000) ?? '')) {
    header.binary = true;
    at++;
  }
  header.oldPath ??= byGitLine?.[0];
  header.newPath ??= byGitLine?.[1];
  Object.assign(header, stripPrefixes(header.oldPath, header.newPath));
  if (header.change === 'create' || (header.oldPath === undefined && header.change === 'modify')) {
    Object.assign(header, { change: 'create', oldPath: undefined, oldMode: undefined });
  } else if (header.change === 'delete' || (header.newPath === undefined && header.change === 'modify')) {
    Object.assign(header, { change: 'delete', newPath: undefined, newMode: undefined });
  }
  return { header, end: at };
}

/** Behind the one or two blocks of a binary patch; each ends with a blank line. */
function endOfBinary(lines: readonly string[], from: number): number {
  let at = from;
  while (/^(?:literal|delta) \d+$/.test(lines[at]?.slice(0, 40) ?? '')) {
    while (at < lines.length && lines[at] !== '') at++;
    at++;
  }
  return at;
}
