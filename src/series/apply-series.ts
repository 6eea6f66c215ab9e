import { quoted } from '../base/errors.ts';
import { hunkName, pathOf, type FileDiff, type HunkLine } from './file-diff.ts';
import { PartialFile, SearchBudget, type Applying, type Line, type Misfit } from './partial-file.ts';
import type { Problem } from './problem.ts';
import type { Patch } from './series.ts';

/** A line of a file before or after the series. */
export interface FileLine {
  readonly text: string;
  /** The file ends here without a line feed. */
  readonly noNewline: boolean;
  /** The number of the patch that adds it; undefined for a line that was there before. */
  readonly addedBy: number | undefined;
  /** The number of the patch that removes it; undefined for a line that stays. */
  readonly removedBy: number | undefined;
}

/** Lines that follow each other without a gap. */
export interface Fragment {
  /** The number of the first line, from 1. */
  readonly start: number;
  readonly lines: readonly FileLine[];
  /**
   * What the hunk that shows the first line has behind its second `@@`: the function that the fragment begins in, which stands
   * further up. Undefined where the fragment begins with the file, or the hunk says nothing.
   */
  readonly heading: string | undefined;
}

/** What is known of a file at one point: disjoint fragments, in order, with at least one unknown line between them. */
export interface FileState {
  readonly path: string;
  /** As git writes it; undefined where nothing tells. */
  readonly mode: string | undefined;
  /** All lines are known: `fragments` has one at most, which begins at line 1. */
  readonly whole: boolean;
  readonly binary: boolean;
  readonly fragments: readonly Fragment[];
}

/** A file that the series touches. */
export interface AppliedFile {
  /** Undefined for a file that the series creates. */
  readonly before: FileState | undefined;
  /** Undefined for a file that the series deletes. */
  readonly after: FileState | undefined;
}

/** A place in a file after the whole series. */
export interface FinalPlace {
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** A series put into effect. */
export interface AppliedSeries {
  /** In the order in which the patches first touch them. */
  readonly files: readonly AppliedFile[];
  /** What did not apply; those hunks are in no state. */
  readonly problems: readonly Problem[];
  /**
   * **The rule for "the line in the file after the whole series"**: a line that is still there, where it is; a line that
   * the patch or a later one removes, the line that now stands in its place, which is the next one that is left (the last
   * one, at the end of the file). Undefined if the hunk did not apply or the file is gone.
   */
  placeOf(line: HunkLine): FinalPlace | undefined;
}

/** The tree that a series is applied to, as far as there is one. */
export interface SourceTree {
  /** The content of a file before the series, or undefined where it is not known (or there is none). */
  read(path: string): string | undefined;
}

/** A file of the tree while patches are applied. */
interface Tracked {
  readonly content: PartialFile;
  /** Undefined for one that the series creates. */
  readonly originalPath: string | undefined;
  originalMode: string | undefined;
  /** Undefined once it is deleted. */
  path: string | undefined;
  mode: string | undefined;
  binary: boolean;
  /** A patch changes it; others are only copied from. */
  touched: boolean;
}

/** A file that a diff is about, as it is before the patch. */
interface Target {
  readonly diff: FileDiff;
  readonly file: Tracked;
}

/**
 * Puts patches into effect, in order, on what is known of the files: those of `tree`, and of all others the lines that
 * hunks show. A hunk goes where `git apply` would put it. To judge a state between two patches, give the first ones only.
 */
export function applySeries(patches: readonly Patch[], tree?: SourceTree): AppliedSeries {
  const applying = new SeriesApplication(tree);
  for (const patch of patches) applying.apply(patch);
  return applying.finish();
}

class SeriesApplication {
  readonly #tree: SourceTree | undefined;
  readonly #files: Tracked[] = [];
  readonly #byPath = new Map<string, Tracked>();
  readonly #originalPaths = new Set<string>();
  readonly #problems: Problem[] = [];
  readonly #placed = new Map<HunkLine, Line>();
  readonly #fileOfLine = new Map<HunkLine, Tracked>();
  readonly #budget = new SearchBudget();

  constructor(tree: SourceTree | undefined) {
    this.#tree = tree;
  }

  apply(patch: Patch): void {
    // A patch speaks of files as they are before it: names may be exchanged, and a file copied and changed.
    const copies = new Map<FileDiff, Tracked>();
    for (const diff of patch.files) if (diff.change === 'copy') copies.set(diff, this.#copyOf(diff, patch.number));
    const renamed = new Map<FileDiff, Tracked>();
    for (const diff of patch.files) {
      if (diff.change !== 'rename' || diff.oldPath === undefined) continue;
      renamed.set(diff, this.#existing(diff.oldPath));
      this.#byPath.delete(diff.oldPath);
    }
    const deleted = new Set(patch.files.flatMap(({ change, oldPath }) => (change === 'delete' ? (oldPath ?? []) : [])));
    const targets = patch.files.map((diff): Target => {
      const file = copies.get(diff) ?? renamed.get(diff);
      return { diff, file: file ?? this.#target(diff, patch, deleted) };
    });
    for (const target of targets) this.#applyDiff(target, patch);
  }

  #target(diff: FileDiff, patch: Patch, deleted: ReadonlySet<string>): Tracked {
    if (diff.change !== 'create' || diff.newPath === undefined) return this.#existing(pathOf(diff));
    const there = this.#byPath.get(diff.newPath);
    const exists = there !== undefined || this.#fromTree(diff.newPath) !== undefined;
    if (exists && !deleted.has(diff.newPath)) {
      this.#addProblem(patch, diff.newPath, {
        found: 'a file that is there',
        expected: 'none, since the patch creates it',
      });
    }
    return this.#track({ content: PartialFile.of(''), originalPath: undefined, path: diff.newPath });
  }

  #track(file: Pick<Tracked, 'content' | 'originalPath' | 'path'>): Tracked {
    const tracked: Tracked = { ...file, originalMode: undefined, mode: undefined, binary: false, touched: false };
    this.#files.push(tracked);
    if (tracked.originalPath !== undefined) this.#originalPaths.add(tracked.originalPath);
    if (tracked.path !== undefined) this.#byPath.set(tracked.path, tracked);
    return tracked;
  }

  #existing(path: string): Tracked {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const content = this.#fromTree(path);
    return this.#track({
      content: content === undefined ? PartialFile.unknown() : PartialFile.of(content),
      originalPath: path,
      path,
    });
  }

  /** A file that no patch has touched yet; one that was deleted or renamed is no longer where the tree has it. */
  #fromTree(path: string): string | undefined {
    return this.#originalPaths.has(path) ? undefined : this.#tree?.read(path);
  }

  #copyOf(diff: FileDiff, patch: number): Tracked {
    const source = this.#existing(diff.oldPath ?? '');
    return this.#track({ content: source.content.copyBy(patch), originalPath: undefined, path: diff.newPath });
  }

  #applyDiff({ diff, file }: Target, patch: Patch): void {
    const applying: Applying = {
      patch: patch.number,
      touched: new Set(),
      placed: this.#placed,
      budget: this.#budget,
    };
    for (const hunk of diff.hunks) {
      const misfit = file.content.apply(hunk, applying);
      if (misfit === undefined) for (const line of hunk.lines) this.#fileOfLine.set(line, file);
      else this.#addProblem(patch, `${pathOf(diff)}, ${hunkName(hunk)}`, misfit);
    }
    file.originalMode ??= file.originalPath === undefined ? undefined : (file.mode ?? diff.oldMode);
    file.mode = diff.newMode ?? file.mode ?? diff.oldMode;
    file.binary ||= diff.binary;
    file.touched = true;
    if (diff.change === 'delete') {
      if (file.path !== undefined && this.#byPath.get(file.path) === file) this.#byPath.delete(file.path);
      file.path = undefined;
    } else if (diff.newPath !== undefined) {
      file.path = diff.newPath;
      this.#byPath.set(diff.newPath, file);
    }
  }

  #addProblem(patch: Patch, where: string, { found, expected }: Misfit): void {
    this.#problems.push({
      kind: 'does-not-apply',
      patch: patch.number,
      where: `patch ${patch.number} "${patch.subject}", ${where}`,
      found: quoted(found),
      expected: quoted(expected),
    });
  }

  finish(): AppliedSeries {
    for (const { content } of this.#files) content.number();
    return {
      files: this.#files.filter(({ touched }) => touched).map(appliedFile),
      problems: this.#problems,
      placeOf: (hunkLine) => {
        const line = this.#placed.get(hunkLine);
        const path = this.#fileOfLine.get(hunkLine)?.path;
        return line === undefined || path === undefined ? undefined : { path, line: line.place };
      },
    };
  }
}

function appliedFile({ content, originalPath, originalMode, path, mode, binary }: Tracked): AppliedFile {
  const { whole } = content;
  return {
    before:
      originalPath === undefined
        ? undefined
        : { path: originalPath, mode: originalMode, whole, binary, fragments: content.before() },
    after: path === undefined ? undefined : { path, mode, whole, binary, fragments: content.after() },
  };
}
