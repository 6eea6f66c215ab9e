import type { HunkLine } from './file-diff.ts';
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

/**
 * Puts patches into effect, in order, on what is known of the files: those of `tree`, and of all others the lines that
 * hunks show. A hunk goes where `git apply` would put it.
 *
 * To judge a state between two patches, give the first ones only.
 */
export type ApplySeries = (patches: readonly Patch[], tree?: SourceTree) => AppliedSeries;
