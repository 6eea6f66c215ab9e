import type { Diffstat, DiffstatFile } from './series.ts';

const FILE = /^ (\S.{0,400}?) +\| +(?:(\d{1,7})(?: [+-]*)?|Bin(?: .*)?)$/;
const SUMMARY = /^ ?(\d{1,6}) files? changed(?:, (\d{1,8}) insertions?\(\+\))?(?:, (\d{1,8}) deletions?\(-\))?\s*$/;
/** What `git diff --summary` puts below. */
const MODE_LINE = /^ (?:create mode|delete mode|mode change|rename|copy|rewrite) /;

/** Where a diffstat stands in a text, and what it says. */
export interface FoundDiffstat {
  readonly diffstat: Diffstat;
  readonly start: number;
  readonly end: number;
}

/** Finds the last diffstat of a text; of a cover letter, that is the one that git wrote. */
export function findDiffstat(lines: readonly string[]): FoundDiffstat | undefined {
  for (let at = lines.length - 1; at >= 0; at--) {
    const summary = lines[at].length > 200 ? null : SUMMARY.exec(lines[at]);
    if (summary === null) continue;
    let start = at;
    const files: DiffstatFile[] = [];
    for (; start > 0; start--) {
      const file = diffstatFile(lines[start - 1]);
      if (file === undefined) break;
      files.unshift(file);
    }
    let end = at + 1;
    while (end < lines.length && MODE_LINE.test(lines[end].slice(0, 40))) end++;
    const [, filesChanged, insertions = '0', deletions = '0'] = summary;
    return {
      diffstat: {
        files,
        filesChanged: Number(filesChanged),
        insertions: Number(insertions),
        deletions: Number(deletions),
      },
      start,
      end,
    };
  }
  return undefined;
}

function diffstatFile(line: string): DiffstatFile | undefined {
  const match = line.length > 500 ? null : FILE.exec(line.trimEnd());
  if (match === null) return undefined;
  return { path: newPathOf(match[1].trimEnd()), changedLines: match[2] === undefined ? undefined : Number(match[2]) };
}

/** The path after a rename: `mm/{old.c => new.c}` or `old.c => new.c`. */
function newPathOf(shown: string): string {
  const arrow = shown.indexOf(' => ');
  if (arrow < 0) return shown;
  const open = shown.lastIndexOf('{', arrow);
  const close = shown.indexOf('}', arrow);
  if (open < 0 || close < 0) return shown.slice(arrow + 4);
  return `${shown.slice(0, open)}${shown.slice(arrow + 4, close)}${shown.slice(close + 1)}`.replaceAll('//', '/');
}

/** What a diffstat says of a file, given by its whole path; names that were too long begin with `...`. */
export const diffstatOf = ({ files }: Diffstat, path: string): DiffstatFile | undefined =>
  files.find((file) => file.path === path || (file.path.startsWith('...') && path.endsWith(file.path.slice(3))));
