import { diffArrays } from 'diff';
import type { AppliedFile, AppliedSeries, FileState } from './apply-series.ts';

/** What a file's diffs come to, as a diffstat counts it. */
export interface FileChanges {
  readonly path: string;
  readonly insertions: number;
  readonly deletions: number;
}

/** Longer ways from one text to the other are not looked for: their cost grows with the square. */
const MOST_EDITS = 4000;

/**
 * What a whole series changes, file by file, as `git diff` between its two ends would count it. Files that end as they
 * began are left out. Undefined if that cannot be told.
 */
export function netChanges({ files }: AppliedSeries): FileChanges[] | undefined {
  const changes: FileChanges[] = [];
  for (const file of files) {
    const { before, after } = file;
    if (before === undefined && after === undefined) continue;
    const counted = countLines(before, after);
    if (counted === undefined) return undefined;
    const path = after?.path ?? before?.path ?? '';
    const isChanged = counted.insertions > 0 || counted.deletions > 0 || changesWhole(file);
    if (isChanged) changes.push({ path, ...counted });
  }
  return changes;
}

/** Something is changed that is not in the lines. */
const changesWhole = ({ before, after }: AppliedFile): boolean =>
  before?.path !== after?.path || before?.mode !== after?.mode || before?.binary === true || after?.binary === true;

/** The known lines of a file; between two fragments something that is equal on both sides. */
const linesOf = (state: FileState | undefined): string[] =>
  (state?.fragments ?? []).flatMap(({ lines }, index) => [
    ...(index > 0 ? [`gap ${index}`] : []),
    ...lines.map(({ text, noNewline }) => `${noNewline ? '\\' : ' '}${text}`),
  ]);

function countLines(
  before: FileState | undefined,
  after: FileState | undefined,
): Omit<FileChanges, 'path'> | undefined {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  if (old.length === 0 || fresh.length === 0) return { insertions: fresh.length, deletions: old.length };
  const changes = diffArrays(old, fresh, { maxEditLength: MOST_EDITS });
  if (changes === undefined) return undefined;
  const count = (of: typeof changes): number => of.reduce((sum, change) => sum + change.count, 0);
  return {
    insertions: count(changes.filter(({ added }) => added)),
    deletions: count(changes.filter(({ removed }) => removed)),
  };
}
