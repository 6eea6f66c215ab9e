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

/**
 * How the lines may be counted. A diffstat of the same diffs counts them as they are. One of a whole series is of another
 * diff: git's are not always the shortest, so it may have more lines, as many added as removed.
 */
type Counting = 'exact' | { readonly most: number };

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

const insertionsOf = (changes: readonly FileChanges[]): number =>
  changes.reduce((sum, file) => sum + file.insertions, 0);

function mismatch(
  diffstat: Diffstat,
  changes: readonly FileChanges[],
  counting: Counting,
): DiffstatMismatch | undefined {
  const insertions = insertionsOf(changes);
  const deletions = changes.reduce((sum, file) => sum + file.deletions, 0);
  const found = sums(diffstat.filesChanged, diffstat.insertions, diffstat.deletions);
  const expected = sums(changes.length, insertions, deletions);
  const more = diffstat.insertions - insertions;
  const most = counting === 'exact' ? 0 : counting.most - insertions;
  const fits =
    diffstat.filesChanged === changes.length && diffstat.deletions - deletions === more && more >= 0 && more <= most;
  if (!fits) return { found: `a diffstat of ${found}`, expected: `${expected}, as the diffs have it` };
  if (more > 0) return undefined;
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
  patch.diffstat === undefined ? undefined : mismatch(patch.diffstat, changesOf(patch), 'exact');

/**
 * Holds the diffstat of a cover letter against what the series comes to: a line that one patch adds and another removes is
 * not counted. Undefined also where that cannot be told.
 */
export function checkCoverDiffstat(diffstat: Diffstat, patches: readonly Patch[]): DiffstatMismatch | undefined {
  const applied = applySeries(patches);
  const changes = applied.problems.length > 0 ? undefined : netChanges(applied);
  const most = insertionsOf(patches.flatMap(changesOf));
  return changes === undefined ? undefined : mismatch(diffstat, changes, { most });
}
