import type { Policy } from '../policy/policy.ts';
import type { DiffRow } from '../result/result.ts';
import type { ComparedLine, PatchFate } from '../series/compare-versions.ts';
import type { FileDiff } from '../series/file-diff.ts';
import type { FileChanges } from '../series/net-changes.ts';
import type { Problem } from '../series/problem.ts';
import type { Reply, Trailer } from '../series/series.ts';
import type { AuditedPolicy } from './audited-policy.ts';
import type { Claim } from './claim.ts';
import type { Base } from './kernel-facts.ts';
import type { Question } from './question.ts';
import type { RealReports } from './real-reports.ts';
import type { Remark } from './remarks.ts';

export const REVIEW_SCHEMA = 'tagscope.review';
export const REVIEW_VERSION = 1;

/** Tag work before the series and with it, of one workload. */
export interface Prediction {
  /** What it is of: a workload of the model, or a trace. */
  readonly of: string;
  readonly provenance: 'modelled' | 'from a trace';
  readonly total: Pick<DiffRow, 'from' | 'to'>;
  readonly byClass: readonly DiffRow[];
  readonly bySite: readonly DiffRow[];
  readonly command: string;
}

/** A patch in an earlier version and in the newest one. */
export interface ReviewedComparison {
  readonly fate: PatchFate;
  /** Its numbers; null where it was not there yet, or no more. */
  readonly old: number | null;
  readonly new: number | null;
  /** In the newest version that has it. */
  readonly subject: string;
  /** Where the two differ, with lines around; null stands for lines left out. Empty unless it changed. */
  readonly lines: readonly (ComparedLine | null)[];
}

/** What became of an earlier version: of its questions and its patches. */
export interface VersionHistory {
  readonly version: number;
  readonly title: string;
  readonly patches: number;
  /** Ids of its questions that the newest version no longer raises. */
  readonly settled: readonly string[];
  /** Those that it still raises. */
  readonly open: readonly string[];
  /** Its patches beside those of the newest version, as `git range-diff` has them. */
  readonly compared: readonly ReviewedComparison[];
}

/** A patch as it was read. */
export interface ReviewedPatch {
  readonly number: number;
  readonly subject: string;
  readonly author: string;
  readonly messageId: string | null;
  /** In UTC, as ISO 8601. */
  readonly date: string | null;
  readonly message: string;
  readonly trailers: readonly Trailer[];
  readonly notes: string;
  readonly aboutTagging: boolean;
  readonly files: readonly string[];
  readonly diffs: readonly FileDiff[];
  readonly replies: readonly Reply[];
}

/** The cover letter as it was read. */
export interface ReviewedCover {
  readonly title: string;
  readonly author: string;
  readonly messageId: string | null;
  readonly date: string | null;
  readonly text: string;
  readonly replies: readonly Reply[];
}

/** A review of a patch series, as `--json` prints it. */
export interface ReviewResult {
  readonly schema: typeof REVIEW_SCHEMA;
  readonly version: typeof REVIEW_VERSION;
  /** Whether any line that the series changes is about memory tagging. If not, nothing is asked. */
  readonly aboutTagging: boolean;
  readonly series: {
    readonly title: string;
    readonly version: number;
    readonly patches: readonly ReviewedPatch[];
    readonly cover: ReviewedCover | null;
    /** What the whole series changes, file by file, net as `git diff --stat` counts; null where it cannot be told. */
    readonly changes: readonly FileChanges[] | null;
  };
  readonly kernel: {
    readonly base: Base;
    /** How that is known. */
    readonly baseFrom: 'the diffs' | 'given' | 'assumed';
    /** What hunks do not show is from a tree, or from the program's facts of Linux 7.3. */
    readonly facts: 'tree' | 'Linux 7.3';
  };
  /** Null for a series that is not about tagging. */
  readonly policy: {
    readonly name: string;
    readonly isBuiltIn: boolean;
    readonly base: string;
    readonly notUnderstood: readonly string[];
    readonly rules: Policy;
  } | null;
  readonly predictions: readonly Prediction[];
  /** What becomes of the bugs of real reports; null where none were given. */
  readonly reports: RealReports | null;
  readonly audit: AuditedPolicy | null;
  readonly questions: readonly Question[];
  readonly claims: readonly Claim[];
  readonly remarks: readonly Remark[];
  /** Earlier versions that the input holds, the newest first. */
  readonly history: readonly VersionHistory[];
  /** Ids of questions that no earlier version raised; empty if there is none. */
  readonly newQuestions: readonly string[];
  readonly problems: readonly Problem[];
  readonly provenance: { readonly command: string; readonly tagscope: string };
}
