import { applySeries } from './apply-series.ts';
import { diffstatOf } from './diffstat.ts';
import { pathOf } from './file-diff.ts';
import { netChanges, type FileChanges } from './net-changes.ts';
import type { Diffstat, Patch } from './series.ts';

/** What a diffstat says and what the diffs do. */
export interface DiffstatMismatch {
  readonly found: string;
  readonly expected: string;
}

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;
const sums = (files: number, insertions: number, deletions: number): string =>
  `${count(files, 'file')}, ${count(insertions, 'insertion')}, ${count(deletions, 'deletion')}`;

/** What the diffs of a patch come to. */
function changesOf({ files }: Patch): FileChanges[] {
  const changes = new Map<string, FileChanges>();
  for (const file of files) {
    const path = pathOf(file);
    const lines = file.hunks.flatMap((hunk) => hunk.lines);
    const before = changes.get(path);
    changes.set(path, {
      path,
      insertions: (before?.insertions ?? 0) + lines.filter(({ type }) => type === 'add').length,
      deletions: (before?.deletions ?? 0) + lines.filter(({ type }) => type === 'remove').length,
    });
  }
  return [...changes.values()];
}

function mismatch(diffstat: Diffstat, changes: readonly FileChanges[]): DiffstatMismatch | undefined {
  const insertions = changes.reduce((sum, file) => sum + file.insertions, 0);
  const deletions = changes.reduce((sum, file) => sum + file.deletions, 0);
  const found = sums(diffstat.filesChanged, diffstat.insertions, diffstat.deletions);
  const expected = sums(changes.length, insertions, deletions);
  if (found !== expected) return { found: `a diffstat of ${found}`, expected: `${expected}, as the diffs have it` };
  for (const { path, insertions: added, deletions: removed } of changes) {
    const shown = diffstatOf(diffstat, path)?.changedLines;
    if (shown !== undefined && shown !== added + removed) {
      return {
        found: `a diffstat of ${count(shown, 'line')} for ${path}`,
        expected: `${added + removed}, as the diffs have it`,
      };
    }
  }
  return undefined;
}

/** Holds a patch's diffstat against its diffs. */
export const checkPatchDiffstat = (patch: Patch): DiffstatMismatch | undefined =>
  patch.diffstat === undefined ? undefined : mismatch(patch.diffstat, changesOf(patch));

/**
 * Holds the diffstat of a cover letter against what the series comes to: a line that one patch adds and another removes is
 * not counted. Undefined also where that cannot be told.
 */
export function checkCoverDiffstat(diffstat: Diffstat, patches: readonly Patch[]): DiffstatMismatch | undefined {
  const applied = applySeries(patches);
  const changes = applied.problems.length > 0 ? undefined : netChanges(applied);
  return changes === undefined ? undefined : mismatch(diffstat, changes);
}
