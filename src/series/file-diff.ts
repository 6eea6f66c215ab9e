/** What a line of a hunk says of the file. */
export type HunkLineType = 'context' | 'add' | 'remove';

/** A line of a hunk, without its first character. */
export interface HunkLine {
  readonly type: HunkLineType;
  /** Without the line feed; a carriage return at its end is part of the file. */
  readonly text: string;
  /** Its number, from 1, in the file before the patch; undefined for a line that is added. */
  readonly oldLine: number | undefined;
  /** Its number, from 1, in the file after the patch; undefined for a line that is removed. */
  readonly newLine: number | undefined;
  /** `\ No newline at end of file` stands below it. */
  readonly noNewline: boolean;
}

/** A hunk whose lines are as many as its header says; others are a `hunk-damaged` problem and left out. */
export interface Hunk {
  /** As in `@@ -oldStart,oldCount +newStart,newCount @@`; with a count of 0, the line that the hunk comes after. */
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  /** What stands behind the second `@@`: as a rule the function that the hunk begins in; may be empty. */
  readonly heading: string;
  readonly lines: readonly HunkLine[];
}

/** What git says happens to a file as a whole. */
export type FileChange = 'modify' | 'create' | 'delete' | 'rename' | 'copy';

/**
 * What a patch does to one file. Paths are as the diff has them, without `a/` and `b/` and unquoted; they are text from
 * strangers and name no file of this machine.
 */
export interface FileDiff {
  readonly change: FileChange;
  /** Undefined when the file is created. */
  readonly oldPath: string | undefined;
  /** Undefined when the file is deleted. */
  readonly newPath: string | undefined;
  /** Octal, as git writes them (`100644`); undefined where the diff does not tell. */
  readonly oldMode: string | undefined;
  readonly newMode: string | undefined;
  /** Percent, of a rename or copy. */
  readonly similarity: number | undefined;
  /** A binary file: its content is not read and `hunks` is empty. */
  readonly binary: boolean;
  readonly hunks: readonly Hunk[];
}

/** The path that a file is spoken of by: the one after the patch, or what it was called if it is gone. */
export const pathOf = ({ oldPath, newPath }: FileDiff): string => newPath ?? oldPath ?? '';

/** A hunk as its header names it. */
export const hunkName = ({ oldStart, oldCount, newStart, newCount }: Hunk): string =>
  `@@ -${oldStart},${oldCount} +${newStart},${newCount} @@`;
