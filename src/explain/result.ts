import type { BugName } from '../audit/bug-kinds.ts';
import type { Memory, MemoryClass } from '../audit/memory.ts';
import type { Certainty } from '../audit/theory.ts';
import type { Share } from '../base/share.ts';
import type { Frame } from '../kasan/report/frame.ts';
import type { PageDump } from '../kasan/report/report.ts';

/** Which KASAN printed a report. */
export type ReportMode = 'generic' | 'sw-tags' | 'hw-tags' | 'unknown';

/** What a policy makes of a bug, beside the kernel's own policy. `never`: neither of the two notices it. */
export type CaughtChange = 'kept' | 'less' | 'missed' | 'more' | 'never' | 'undecidable';

/** What share of a bug is noticed with hardware tags, and why. */
export interface Caught {
  /** From 0 to 1; null where what is known does not decide it. */
  readonly value: number | null;
  /** What it is at least and at most. */
  readonly low: number;
  readonly high: number;
  readonly certainty: Certainty;
  readonly why: string;
}

/** The same under a policy. */
export interface PolicyVerdict extends Caught {
  readonly policy: string;
  readonly change: CaughtChange;
}

/** A line of the log that belongs to a report. */
export interface LogLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** A stored stack: who allocated or freed the memory. */
export interface ReportStack {
  readonly pid: number | null;
  /** False where the kernel says that it has none. */
  readonly available: boolean;
  readonly frames: readonly Frame[];
}

/** What the report says, as it was read. */
export interface ReportParts {
  readonly callTrace: readonly Frame[];
  readonly allocated: ReportStack | null;
  readonly freed: ReportStack | null;
  readonly page: PageDump | null;
  /** Rows of metadata; the one that the report marks has the place of the bad granule, from 0. */
  readonly rows: readonly {
    readonly base: string;
    readonly bytes: string;
    readonly marked: boolean;
    readonly guilty: number | null;
  }[];
}

/** A report that is known not to show a bug. */
export interface NotABug {
  readonly name: string;
  readonly why: string;
  readonly source: string;
}

/** The bug on the model: how often it was noticed under the kernel's own policy, and whether the rules say the same. */
export interface OnModel {
  readonly subject: string;
  readonly detected: Share;
  readonly agrees: boolean;
}

/** One report of a log, and what hardware tags make of its bug. */
export interface ExplainedReport {
  readonly log: string;
  /** The lines that it stands at, from 1. */
  readonly line: number;
  readonly end: number;
  /** The kernel's own title: the last one, where a symbolised log has one for each inlined function. */
  readonly title: string;
  /** The function that made the access; null where the report names none. */
  readonly symbol: string | null;
  /** Functions that are inlined there. */
  readonly inlined: readonly string[];
  /** The release; null where the log does not tell. */
  readonly kernel: string | null;
  readonly kernelEvidence: string;
  readonly mode: ReportMode;
  readonly modeEvidence: string;
  readonly access: {
    readonly kind: 'read' | 'write' | 'free' | 'unknown';
    /** Bytes; null where it is not told: a fault of the hardware has no size. */
    readonly size: number | null;
    /** As the kernel prints it, in hexadecimal with its tag. */
    readonly address: string | null;
    readonly task: string | null;
  };
  /** As the kernel prints them, in hexadecimal. */
  readonly tags: { readonly pointer: string; readonly memory: string } | null;
  readonly parts: ReportParts;
  readonly class: MemoryClass;
  readonly classEvidence: string;
  /** In the audit's words; several where the report does not tell which, and none where it tells nothing. */
  readonly bug: string;
  readonly bugs: readonly BugName[];
  readonly bugEvidence: string;
  /** The memory as the rules of policies look at it: one where the class is known; what is guessed of it is in `untold`. */
  readonly memories: readonly Memory[];
  /** Bytes of the object; null where they are not told. */
  readonly size: number | null;
  /** How far the access is from what is tagged as one. */
  readonly granules: readonly string[];
  /** The policy that the kernel of the report has itself: what others are compared with. */
  readonly ownPolicy: string;
  readonly caught: Caught;
  readonly policies: readonly PolicyVerdict[];
  /** The same with other parameters of hw-tags, under the kernel's own policy. */
  readonly parameters: {
    /** kasan.write_only=on */
    readonly writeOnly: Caught;
    /** kasan.mode=async and asymm: when it is noticed. */
    readonly async: string;
    readonly asymm: string;
  };
  readonly undecided: readonly string[];
  readonly model: OnModel | null;
  readonly unread: readonly LogLine[];
  /** Lines between its own that another CPU or task printed. */
  readonly foreign: readonly LogLine[];
  readonly missing: readonly string[];
  readonly notABug: NotABug | null;
  /** The first report of the same title and stack, as LOG:LINE; null for the first itself. */
  readonly duplicateOf: string | null;
}

/** A title that no report could be read behind. */
export interface UnreadTitle {
  readonly log: string;
  readonly line: number;
  readonly title: string;
  readonly reason: string;
}

/** What one policy makes of all distinct bugs. */
export interface PolicySummary {
  readonly policy: string;
  readonly kept: number;
  readonly less: number;
  readonly missed: number;
  readonly undecidable: number;
  /** Noticed under neither policy, and under this one alone. */
  readonly never: number;
  readonly more: number;
  /** The bugs that are missed, and those that are noticed less surely, by title. */
  readonly missedTitles: readonly string[];
  readonly lessTitles: readonly string[];
}

/** Distinct bugs of one kind, or in one class of memory. */
export interface CountedKind {
  readonly name: string;
  readonly count: number;
  readonly reads: number;
  readonly writes: number;
  readonly frees: number;
}

/** All reports together. Duplicates count once, and what is known not to be a bug does not count. */
export interface ExplainSummary {
  readonly logs: number;
  readonly logsWithoutReport: readonly string[];
  readonly reports: number;
  readonly distinct: number;
  readonly duplicates: number;
  readonly notABug: number;
  readonly policies: readonly PolicySummary[];
  readonly byKind: readonly CountedKind[];
  readonly byClass: readonly CountedKind[];
  /** Distinct bugs by kind and class. */
  readonly byKindAndClass: readonly {
    readonly bug: string;
    readonly class: MemoryClass;
    readonly access: ExplainedReport['access']['kind'];
    readonly count: number;
  }[];
}

/** Reports of logs and what policies make of their bugs, as `--json` prints it. */
export interface ExplainResult {
  readonly schema: 'tagscope.explain';
  readonly version: 1;
  readonly command: string;
  /** Whether the page and the text show the reports one by one, or all together. */
  readonly shows: 'reports' | 'summary';
  readonly reports: readonly ExplainedReport[];
  readonly summary: ExplainSummary;
  readonly unreadTitles: readonly UnreadTitle[];
}
