/** What can be wrong with a series. None keeps the rest from being read. */
export type ProblemKind =
  /** The lines of a hunk are not as many as its header says. */
  | 'hunk-damaged'
  /** A line of a hunk was broken in two by a mail program. */
  | 'wrapped-line'
  /** A diffstat says otherwise than the diffs. */
  | 'diffstat-mismatch'
  /** A message is there twice. */
  | 'duplicate-message'
  /** `n/m` promises a patch, or a cover letter, that is not there. */
  | 'patch-missing'
  /** The messages do not come in the order of their numbers. */
  | 'order-wrong'
  /** The text's encoding is not known, or the text is not in it. */
  | 'unknown-charset'
  /** A message numbered as a patch has no diff. */
  | 'no-diff'
  /** A hunk does not fit what the patches before it, or the tree, made of the file. */
  | 'does-not-apply'
  /** Something is larger than what is read. */
  | 'over-limit'
  /** Characters were lost on the way: the mail has replacement characters or question marks for them. */
  | 'encoding-lost'
  /** The input holds patches that belong to another series. */
  | 'other-series';

/** Something that is wrong with a series, and where. */
export interface Problem {
  readonly kind: ProblemKind;
  /** The patch's number in the series, 0 for the cover letter; undefined if it is no patch's. */
  readonly patch: number | undefined;
  /** The input and the message, subject, line or file in it. */
  readonly where: string;
  readonly found: string;
  readonly expected: string;
}
