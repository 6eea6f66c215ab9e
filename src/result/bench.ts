import type { Time } from '../cost/time.ts';
import type { Interval } from '../base/interval.ts';
import type { ClassWork, CostDescription, HookWork, PolicyDescription, SiteWork, Work } from './result.ts';

/** Identifies the format; see `RESULT_VERSION` for when the version is raised. */
export const BENCH_SCHEMA = 'tagscope.bench';
export const BENCH_VERSION = 1;

export type WorkloadName = 'thread' | 'pgtable' | 'shell';

/** Whether two runs did the same work: one that was stopped may not have come as far as the other. */
export const didTheSame = (from: BenchRunResult, to: BenchRunResult): boolean => from.iterations === to.iterations;

/** What a workload was told to do. Parameters that a workload does not have are 0 or false. */
export interface WorkloadParameters {
  readonly name: WorkloadName;
  readonly iterations: number;
  /** Threads that each iteration creates. */
  readonly threads: number;
  /** Bytes that the parent maps and faults. */
  readonly memory: number;
  readonly hugePages: boolean;
}

/** A workload under one policy on the executable model. */
export interface BenchRunResult {
  readonly policy: PolicyDescription;
  /** Iterations that were run to their end. */
  readonly iterations: number;
  /** Why not all of them: memory was out, or somebody stopped it. Null if all were run. */
  readonly ended: string | null;
  /** What happened, whatever the policy. */
  readonly operations: {
    readonly processes: number;
    readonly threads: number;
    readonly stacks: { readonly fresh: number; readonly reused: number; readonly freed: number };
    /** Pages that left the page allocator for a page table, and all of them. */
    readonly pageTables: number;
    readonly pages: number;
  };
  /** Pages whose tags were set as they were allocated: by the page allocator, by vmalloc, or for a stack used again. */
  readonly pagesTagged: number;
  readonly totals: Work;
  readonly byClass: readonly ClassWork[];
  readonly bySite: readonly SiteWork[];
  readonly byHook: readonly HookWork[];
  /** Seconds on the model's clock: how much fell between ticks, not what hardware takes. */
  readonly modelSeconds: number;
  /** Seconds that the simulation took. */
  readonly wallSeconds: number;
}

/** A figure of the series' cover letter. */
export interface PublishedFigure {
  readonly workload: WorkloadName;
  readonly parameters: string;
  /** Seconds before and with the series. */
  readonly before: number;
  readonly with: number;
  readonly source: string;
}

/**
 * What the profile says of the published result. `construction`: the profile is fitted to that very result, and cannot
 * miss it. `prediction`: it is not, and may.
 */
export interface TimePrediction {
  readonly basis: 'construction' | 'prediction';
  /** Nanoseconds that the second policy saves for each thread, or page-table page. */
  readonly savedEach: Time;
  readonly each: 'thread' | 'page-table page';
  /**
   * Share of the published time before, scaled to what was run, that is saved; 0 … 1, or more than 1 where the published
   * time cannot be for as many as were created.
   */
  readonly share: Interval;
  /** How the published time was scaled, in words. */
  readonly scaled: string;
}

export interface BenchResult {
  readonly schema: typeof BENCH_SCHEMA;
  readonly version: typeof BENCH_VERSION;
  readonly workload: WorkloadParameters;
  readonly machine: {
    /** Release whose rules the hooks of KASAN have. */
    readonly rules: string;
    /** Release whose allocators the model has. */
    readonly kernel: string;
    /** Options of its build that were given. */
    readonly config: string;
    /** Bits of a program's addresses. */
    readonly vaBits: number;
    readonly kasan: string;
    readonly cpu: string;
    readonly cpus: number;
    readonly dcBlock: number;
    readonly dzp: boolean;
    readonly pageSize: number;
    /** Bytes of memory that the model has. */
    readonly ram: number;
    /** CONFIG_VMAP_STACK */
    readonly vmapStack: boolean;
    readonly cmdline: string;
    readonly seed: number;
  };
  /** One policy, or two to compare: the first is what is compared with. */
  readonly runs: readonly BenchRunResult[];
  readonly published: PublishedFigure | null;
  /** How work was turned into time; null for a KASAN that no profile is of. */
  readonly cost: CostDescription | null;
  /** Only for the comparison that was published: before-series and series. */
  readonly prediction: TimePrediction | null;
  readonly warnings: readonly string[];
  readonly provenance: {
    /** Granules and instructions follow from the rules, given the operations; those are the model's. */
    readonly counts: 'exact';
    readonly operations: 'modelled';
    readonly command: string;
    readonly tagscope: string;
  };
}
