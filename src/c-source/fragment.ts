/**
 * A piece of a C file as it stands: the lines of a hunk, or the whole file. It may begin and end anywhere: inside a function,
 * a comment, an expression.
 */
export interface SourceFragment {
  /** Number of the first line in its file, from 1 on. */
  readonly firstLine: number;
  readonly lines: readonly string[];
  /** The function that the header of a hunk names; it stands further up in the file. */
  readonly heading?: string | undefined;
}
