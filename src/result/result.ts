import type { AllocationClass } from '../base/allocation-class.ts';
import type { VersionSource } from '../base/kernel-version.ts';
import type { Estimate, Interval } from '../base/interval.ts';
import type { CostPart } from '../cost/cost-model.ts';
import type { Figure, FigureProvenance } from '../cost/figure.ts';
import type { Time } from '../cost/time.ts';
import type { Selection } from '../replay/selection.ts';
import type { LostEvents } from './lost-events.ts';
import type { TracePart } from '../trace/trace-source.ts';
import type { TimeUnit } from '../trace/recording.ts';
import type { InstructionCounts } from '../mte/instruction.ts';

/** Identifies the format; with `VERSION` it says what a reader may rely on. */
export const RESULT_SCHEMA = 'tagscope.report';
export const DIFF_SCHEMA = 'tagscope.diff';
/** Raised when a key changes its meaning or goes away; new keys do not raise it. */
export const RESULT_VERSION = 1;

export type { Estimate, Interval };

/** Granules (of 16 bytes) that got a tag, by the side of the lifetime. */
export interface GranuleCounts {
  readonly alloc: number;
  readonly free: number;
}

/** Tag work, summed over something. The best estimates of what left no event are part of it. */
export interface Work {
  /** Allocations seen, and the bytes that they gave out. A vmalloc area is one allocation. */
  readonly allocations: number;
  /** Frees seen, proved by reuse, or estimated. */
  readonly frees: number;
  readonly bytes: number;
  readonly granules: GranuleCounts;
  /** Instructions executed, of both sides of the lifetime. */
  readonly instructions: InstructionCounts;
  /** Nanoseconds that the tags take, by the profile of the result; null where none is for this KASAN. */
  readonly time: Time | null;
}

export interface ClassWork extends Work {
  readonly class: AllocationClass;
}

export interface SiteWork extends Work {
  /** The first kernel function outside the allocator's own code; in parentheses where the trace does not tell. */
  readonly site: string;
  readonly class: AllocationClass;
}

/** Work of a command, or of a stack (functions joined by `;`, innermost first), when asked for. */
export interface GroupWork extends Work {
  /** Empty where the trace does not tell. */
  readonly group: string;
  /** Where the group is a stack and the trace has none: the call site, which is all that is known. */
  readonly site?: string;
  readonly class: AllocationClass;
}

/** How long the pages and objects of a call site live, of those that the trace sees beginning and ending. */
export interface SiteLifetimes {
  readonly site: string;
  readonly class: AllocationClass;
  readonly ended: number;
  /** Half of them, and nine of ten, live no longer than this: nanoseconds, rounded up to a power of two. */
  readonly median: number;
  readonly ninetieth: number;
}

/** Work in one kernel function, by its name; see `HOOKS`. */
export interface HookWork {
  readonly hook: string;
  readonly class: AllocationClass;
  readonly calls: number;
  readonly granules: number;
  readonly instructions: InstructionCounts;
}

export interface Losses {
  /** Events that were dropped, are missing or could not be read. Where there are any, all figures are lower bounds. */
  readonly lost: LostEvents;
  /** Events that the tracer dropped. */
  readonly droppedEvents: number;
  /** Frees of pages and objects whose allocation is not in the trace, all of them. */
  readonly unmatchedFrees: number;
  /** Of these, frees of user memory: they cost something only under a policy that tags it. What the others cost is estimated. */
  readonly userMemoryFrees: number;
  /** Events whose gfp mask has flags that the recording kernel is not known to have. */
  readonly unknownFlags: number;
  /** Lines or records that could not be read. */
  readonly truncatedLines: number;
  /** Entries that the header announces and the file does not have. */
  readonly missingEntries: number;
  /** Pointers that the kernel did not print. */
  readonly unprintedPointers: number;
  /** Stack traces that belong to no event. */
  readonly orphanStacks: number;
  /** Distinct addresses of call sites and stack frames that have no name. */
  readonly unresolvedAddresses: number;
  /** Allocations whose gfp flags the trace does not have. */
  readonly unrecordedFlags: number;
  /** Events that are earlier than the one before them on their CPU. */
  readonly clockBackwards: number;
  /** Pages that were allocated again without a free in between. */
  readonly missedPageFrees: number;
  /** Pages in class `unknown`. */
  readonly unclassifiedPages: number;
  /** The unknown flags, by name or bit. */
  readonly unknownFlagNames: readonly string[];
  readonly samples: readonly {
    readonly line: number;
    readonly offset: number;
    readonly expected: string;
    readonly found: string;
  }[];
}

/** The kernel whose work is computed, and what the trace shows of the one that recorded it. */
export interface KernelDescription {
  /** The rules that were applied. */
  readonly rules: string;
  /** Version of the recording kernel, whose flags, functions and caches are meant; see `versionFrom`. */
  readonly recordedBy: string;
  /** `given`: by --kernel. `trace`: the trace says it. `assumed`: nothing tells it. */
  /** What the form of the trace says of the version, in words; '' if nothing. */
  readonly versionBounds: string;
  readonly versionFrom: VersionSource;
  /** `own-flags`: a HW_TAGS kernel recorded the trace. `as-if`: another one did, and is replayed as if HW_TAGS were on. */
  readonly mode: 'own-flags' | 'as-if';
  readonly pointers: 'plain' | 'hashed' | 'none';
  readonly stacks: boolean;
  readonly pageSize: number;
  readonly cpu: string;
  readonly dcBlock: number;
  readonly dzp: boolean;
  readonly cmdline: string;
}

export interface PolicyDescription {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  /** Why a policy that depends on the trace is what it is, in a few words; only of as-recorded. */
  readonly basis?: string;
}

/** Something about the work that a reader should know before drawing conclusions from it. */
export interface Note {
  readonly id: 'names-of-4-kib' | 'recorder';
  /** Tag-setting instructions that it is about, and their share of all, 0 … 1. */
  readonly tagInstructions: number;
  readonly share: number;
  /** To follow "N % of the tag-setting instructions are". */
  readonly text: string;
}

/** Tag work for the recording of the trace itself: memory of the recording program, of its events and buffers. */
export interface RecorderWork {
  readonly allocations: number;
  readonly granules: number;
  readonly tagInstructions: number;
  /** Of all tag-setting instructions, 0 … 1. */
  readonly share: number;
  /** Not in the figures of the result (`--exclude-recorder`). */
  readonly excluded: boolean;
  /** The call sites that cost most. */
  readonly sites: readonly string[];
}

/** How counts were turned into time, and what it rests on. Changing the profile changes nothing but times. */
export interface CostDescription {
  readonly profile: string;
  readonly description: string;
  readonly source: string;
  /** Times are always those of a model; this says what its deciding figure is. */
  readonly provenance: FigureProvenance;
  readonly figures: readonly Figure[];
  /** What the sources leave open: each time has a value by each of these, in this order, the best first. */
  readonly readings: readonly { readonly name: string; readonly assumes: string }[];
}

/** The time of the tags by one of the profiles that apply. */
export interface ProfiledTime {
  readonly profile: string;
  /** What it rests on, in a few words. */
  readonly basis: string;
  readonly time: Time;
}

/** The time that the CPUs of a trace had. */
export interface CpuTime {
  readonly nanoseconds: number;
  /** `cpus-times-span`: CPUs that events were seen on, times the time counted; what they were idle is in it. */
  readonly basis: 'cpus-times-span';
  readonly cpus: number;
  readonly seconds: number;
}

/** Where the figures come from. */
export interface Provenance {
  /** Granules and instructions follow from the rules, given the operations. */
  readonly counts: 'exact';
  /** Share of pages whose class follows from a stack or an event, not from the mask alone; 0 … 1. */
  readonly classesFromEvidence: number;
  /** The command line that gives this result again. */
  readonly command: string;
  readonly tagscope: string;
}

/** Tag work of one trace under one policy. */
export interface ReportResult {
  readonly schema: typeof RESULT_SCHEMA;
  readonly version: typeof RESULT_VERSION;
  readonly source: {
    readonly files: readonly string[];
    readonly format: string;
    readonly bytes: number;
    /** Seconds on the trace's clock, of all of its events. */
    readonly firstTime: number;
    readonly lastTime: number;
    /** How long the part is that was counted: all that was recorded, or what of it lies between `since` and `until`. */
    readonly seconds: number;
    /** What the clock counts: of ticks, 10^9 stand for a second here. */
    readonly timeUnit: TimeUnit;
    readonly cpus: number;
    /** What was merged, if several files were (`--merge`). */
    readonly parts?: readonly TracePart[];
    /** The part that was counted, if not all. */
    readonly since: number | null;
    readonly until: number | null;
  };
  readonly kernel: KernelDescription;
  readonly policy: PolicyDescription;
  readonly events: { readonly total: number; readonly byType: { readonly [event: string]: number } };
  readonly losses: Losses;
  readonly totals: Work & {
    /** Instructions that set tags; the sum of eight of the kinds. */
    readonly tagInstructions: Interval;
  };
  readonly cost: CostDescription & {
    /** What the time is for: it is the sum of these. */
    readonly parts: { readonly [Part in CostPart]: Time };
    /** By every profile that applies to the CPU: the time is known no better than what these span. */
    readonly byProfile: readonly ProfiledTime[];
    /** CPU time of the trace; null where its clock does not tell time. */
    readonly cpuTime: CpuTime | null;
    /** The part of it that the tags take by all profiles, 0 … 1, null where they would take more than it, if an MTE machine took as long for everything else. */
    readonly shareOfCpuTime: { readonly low: number; readonly high: number } | null;
  };
  readonly estimates: readonly Estimate[];
  readonly byClass: readonly ClassWork[];
  readonly bySite: readonly SiteWork[];
  readonly byHook: readonly HookWork[];
  /** Only where somebody asks how long things live (`tagscope advise`). */
  readonly lifetimes?: readonly SiteLifetimes[];
  /** Only with `--by comm`, `pid`, `cache`, `order` or `stack`. */
  readonly byGroup: readonly GroupWork[];
  readonly warnings: readonly string[];
  readonly notes: readonly Note[];
  /** Whose allocations were counted, if not all. */
  readonly selection: Selection | null;
  readonly recorder: RecorderWork;
  readonly provenance: Provenance;
}

/** Reports on several traces, in the order of the command line. */
export interface ReportsResult {
  readonly schema: 'tagscope.reports';
  readonly version: typeof RESULT_VERSION;
  readonly reports: readonly ReportResult[];
}

/** One side of a difference. */
export interface DiffSide {
  readonly granules: GranuleCounts;
  readonly tagInstructions: number;
  readonly time: Time | null;
}

/** What one policy does less or more than another on the same trace. */
export interface DiffRow {
  readonly class: AllocationClass;
  readonly site: string;
  readonly from: DiffSide;
  readonly to: DiffSide;
}

/** Runs of one workload: their mean, and the least and the most of them. */
export interface RunSpread {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What figures of two traces were divided by, and how far apart the runs of each side are. */
export interface DiffScale {
  readonly per: 'run' | 'second' | 'iteration';
  /** Of each run; null unless figures are per iteration. */
  readonly iterations: number | null;
  readonly from: RunsOfSide;
  readonly to: RunsOfSide;
}

export interface RunsOfSide {
  readonly runs: readonly { readonly files: readonly string[]; readonly seconds: number }[];
  readonly granules: RunSpread;
  readonly tagInstructions: RunSpread;
}

/** Two results side by side: of one trace under two policies, or of two traces under one. */
export interface DiffResult {
  readonly schema: typeof DIFF_SCHEMA;
  readonly version: typeof RESULT_VERSION;
  readonly from: ReportResult;
  readonly to: ReportResult;
  /** Everything that both sides did, per what `scale` says. */
  readonly totals: { readonly from: DiffSide; readonly to: DiffSide };
  /** Of several runs, or per second or iteration: `totals` and rows are means; `from` and `to` are the first runs. */
  readonly scale: DiffScale | null;
  /** Classes and sites whose work differs, or that have any; the greatest saving first. */
  readonly byClass: readonly DiffRow[];
  readonly bySite: readonly DiffRow[];
}
