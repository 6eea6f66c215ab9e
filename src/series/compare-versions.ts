import { diffArrays } from 'diff';
import { pathOf } from './file-diff.ts';
import type { Patch, SeriesVersion } from './series.ts';

/** What became of a patch from one version to a later one. */
export type PatchFate = 'same' | 'changed' | 'dropped' | 'new';

/** A line of a patch, in the comparison of its two versions. */
export interface ComparedLine {
  readonly in: 'both' | 'old' | 'new';
  /** A line of the message, or of a diff with its marker (` `, `+`, `-`); files and hunks begin with `##` and `@@`. */
  readonly text: string;
}

/** A patch in two versions of a series. */
export interface ComparedPatch {
  readonly fate: PatchFate;
  /** Undefined for one that is new. */
  readonly old: Patch | undefined;
  /** Undefined for one that was dropped. */
  readonly new: Patch | undefined;
  /** Where the two differ, with three lines around; empty unless `changed`. `undefined` stands for lines left out. */
  readonly lines: readonly (ComparedLine | undefined)[];
}

/** Versions side by side, as `git range-diff` has them. */
export interface ComparedVersions {
  readonly old: number;
  readonly new: number;
  /** In the order of the new version; what was dropped stands where it was. */
  readonly patches: readonly ComparedPatch[];
}

/** Patches with less than this in common are two patches. */
const LEAST_LIKENESS = 0.4;
const CONTEXT = 3;
/** Longer ways from one patch to the other are shown as all old and all new. */
const MOST_EDITS = 2000;

const words = (subject: string): string =>
  subject
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();

/** A patch as lines. Line numbers are left out: they change with the base. */
function linesOf({ subject, message, files }: Patch): string[] {
  return [
    `Subject: ${subject}`,
    '',
    ...message.split('\n'),
    '',
    ...files.flatMap((file) => [
      `## ${pathOf(file)} (${file.change}) ##`,
      ...file.hunks.flatMap(({ heading, lines }) => [
        `@@ ${heading}`.trimEnd(),
        ...lines.map(({ type, text }) => `${{ context: ' ', add: '+', remove: '-' }[type]}${text}`),
      ]),
    ]),
  ];
}

/** The lines that a patch adds and removes, with how often each. */
function changesOf({ files }: Patch): Map<string, number> {
  const changes = new Map<string, number>();
  for (const file of files) {
    for (const { type, text } of file.hunks.flatMap(({ lines }) => lines)) {
      if (type === 'context' || text.trim() === '') continue;
      const key = `${pathOf(file)}\n${type}\n${text.trim()}`;
      changes.set(key, (changes.get(key) ?? 0) + 1);
    }
  }
  return changes;
}

/** How much of two patches is the same, from 0 to 1. */
function likeness(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let common = 0;
  let all = 0;
  for (const [line, count] of a) {
    common += 2 * Math.min(count, b.get(line) ?? 0);
    all += count;
  }
  for (const count of b.values()) all += count;
  return all === 0 ? 0 : common / all;
}

/** Patches of the new version by those of the old one: by subject, and what is left by what they change, the likest first. */
function matchPatches(old: readonly Patch[], fresh: readonly Patch[]): Map<Patch, Patch> {
  const matched = new Map<Patch, Patch>();
  const taken = new Set<Patch>();
  const match = (before: Patch, after: Patch): void => {
    matched.set(before, after);
    taken.add(after);
  };
  const bySubject = new Map(fresh.map((patch) => [words(patch.subject), patch]));
  for (const patch of old) {
    const after = bySubject.get(words(patch.subject));
    if (after !== undefined && !taken.has(after)) match(patch, after);
  }
  const left = old.filter((patch) => !matched.has(patch)).map((patch) => ({ patch, changes: changesOf(patch) }));
  const open = fresh.filter((patch) => !taken.has(patch)).map((patch) => ({ patch, changes: changesOf(patch) }));
  const pairs = left
    .flatMap((before) =>
      open.map((after) => ({
        before: before.patch,
        after: after.patch,
        likeness: likeness(before.changes, after.changes),
      })),
    )
    .filter((pair) => pair.likeness >= LEAST_LIKENESS)
    .toSorted((a, b) => b.likeness - a.likeness);
  for (const { before, after } of pairs) if (!matched.has(before) && !taken.has(after)) match(before, after);
  return matched;
}

function differences(old: readonly string[], fresh: readonly string[]): readonly ComparedLine[] {
  const changes = diffArrays([...old], [...fresh], { maxEditLength: MOST_EDITS });
  if (changes === undefined) {
    return [
      ...old.map((text) => ({ in: 'old' as const, text })),
      ...fresh.map((text) => ({ in: 'new' as const, text })),
    ];
  }
  return changes.flatMap(({ added, removed, value }) =>
    value.map((text): ComparedLine => ({ in: added ? 'new' : removed ? 'old' : 'both', text })),
  );
}

/** Leaves out what is the same on both sides, but for some lines around each difference. */
function withContext(lines: readonly ComparedLine[]): (ComparedLine | undefined)[] {
  const shown = new Uint8Array(lines.length);
  lines.forEach((line, at) => {
    if (line.in === 'both') return;
    shown.fill(1, Math.max(0, at - CONTEXT), at + CONTEXT + 1);
  });
  const result: (ComparedLine | undefined)[] = [];
  lines.forEach((line, at) => {
    if (shown[at] === 1) result.push(line);
    else if (at > 0 && shown[at - 1] === 1) result.push(undefined);
  });
  return result.at(-1) === undefined ? result.slice(0, -1) : result;
}

function comparePatch(old: Patch, fresh: Patch): ComparedPatch {
  const lines = differences(linesOf(old), linesOf(fresh));
  const fate = lines.every((line) => line.in === 'both') ? 'same' : 'changed';
  return { fate, old, new: fresh, lines: fate === 'same' ? [] : withContext(lines) };
}

/** Sets two versions of a series side by side. */
export function compareVersions(old: SeriesVersion, fresh: SeriesVersion): ComparedVersions {
  const matched = matchPatches(old.patches, fresh.patches);
  const oldOf = new Map([...matched].map(([before, after]) => [after, before]));
  const patches: ComparedPatch[] = [];
  const dropped = old.patches.filter((patch) => !matched.has(patch));
  const dropBefore = (number: number): void => {
    while (dropped.length > 0 && dropped[0].number < number) {
      const patch = dropped.shift();
      patches.push({ fate: 'dropped', old: patch, new: undefined, lines: [] });
    }
  };
  for (const patch of fresh.patches) {
    const before = oldOf.get(patch);
    if (before !== undefined) dropBefore(before.number);
    patches.push(
      before === undefined ? { fate: 'new', old: undefined, new: patch, lines: [] } : comparePatch(before, patch),
    );
  }
  dropBefore(Number.POSITIVE_INFINITY);
  return { old: old.version, new: fresh.version, patches };
}
