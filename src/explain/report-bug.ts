import type { BugName } from '../audit/bug-kinds.ts';

/** What kind of bug a report shows. */
export interface ReportBug {
  /** The kinds that it may be; none where nothing tells. */
  readonly bugs: readonly BugName[];
  /** What to call it where the audit has no word for it. */
  readonly name?: string;
  readonly evidence: string;
  /** The arithmetic of granules. */
  readonly granules: readonly string[];
  readonly undecided: readonly string[];
}

export const bug = (
  bugs: readonly BugName[],
  evidence: string,
  more: Partial<Pick<ReportBug, 'granules' | 'undecided' | 'name'>> = {},
): ReportBug => ({ bugs, evidence, granules: [], undecided: [], ...more });
