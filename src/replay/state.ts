import { U64Map } from '../base/u64-map.ts';
import { kasanOf, type Kasan } from '../kasan/kasan.ts';
import { CountingMachine } from '../mte/counting-machine.ts';
import { resolvePolicy } from '../policy/as-recorded.ts';
import { compilePolicy } from '../policy/decide.ts';
import { kasanChanges } from '../policy/policy.ts';
import { BATCH_MASK, BATCH_SHIFT, NO_FIELDS, type EventShape, type EventTable } from '../trace/event-table.ts';
import { traceFacts, type TraceFacts } from '../trace/facts.ts';
import { Attributor } from './attribution.ts';
import { AreaSizes } from './area-sizes.ts';
import { CompactionFrees } from './compaction-frees.ts';
import { EstimateBuilder, type EstimateName } from './estimates.ts';
import { ExecutionContext, executionContexts, type ExecutionContexts } from './execution-contexts.ts';
import { Ledger } from '../kasan/ledger.ts';
import type { ReplayOptions } from './options.ts';
import { Lifetimes } from './lifetimes.ts';
import { PageLifetimes } from './page-lifetimes.ts';
import { recordedContext, recordingKernel } from './recording-kernel.ts';
import { Records } from './records.ts';
import { shapeFacts, type ShapeFacts } from './shape-facts.ts';
import { tracedCaches, type TracedCaches } from './slab-caches.ts';
import { countedParts, EVERYTHING } from './selection.ts';
import { UnknownPages } from './unknown-pages.ts';

/** The event that is being replayed. One object is used for all. */
export interface CurrentEvent {
  index: number;
  shapeId: number;
  shape: EventShape;
  origin: number;
  stack: number;
  hi: number;
  lo: number;
  contextId: number;
  context: ExecutionContext;
  cpu: number;
  softirq: boolean;
}

/** What was counted beside the ledger. */
export interface ReplayCounts {
  /** Frees whose allocation is not in the trace, and those of them that are of user memory, whatever the policy does with it. */
  unmatchedFrees: number;
  userMemoryFrees: number;
  /** Events whose mask has flags that the recording kernel is not known to have. */
  unknownFlags: number;
  /** Pages allocated again without a free in between. */
  missedPageFrees: number;
  /** Blocks of pages that compaction was seen to free. */
  compactionFrees: number;
  /** Pages allocated, those of them whose class follows from a stack or an event, and those without a class. */
  pages: number;
  pagesFromEvidence: number;
  pagesUnclassified: number;
}

/** Objects from before the trace that one kind of kfree event freed. */
export interface UnknownKfrees {
  frees: number;
  /** Their addresses, where pointers are plain; of very many only some. */
  readonly pointers: number[];
}

/** Everything that a replay knows while it runs. */
export interface ReplayState {
  readonly table: EventTable;
  readonly options: ReplayOptions;
  readonly facts: TraceFacts;
  readonly shapes: ShapeFacts;
  readonly caches: TracedCaches;
  readonly contexts: ExecutionContexts;
  readonly kasan: Kasan;
  readonly ledger: Ledger;
  readonly attributor: Attributor;
  readonly pages: PageLifetimes;
  /** Live slab objects and large kmallocs, by pointer. */
  readonly objects: U64Map;
  readonly objectRecords: Records;
  /** Objects that were freed without an allocation in the trace, by pointer. */
  readonly freedUnmatched: U64Map;
  /** Live vmalloc areas, by address. */
  readonly areas: U64Map;
  readonly areaRecords: Records;
  readonly unknownPages: UnknownPages;
  readonly areaSizes: AreaSizes;
  readonly compaction: CompactionFrees;
  /** kfree calls of objects from before the trace, by shape. */
  readonly unknownKfrees: Map<number, UnknownKfrees>;
  /** Caches that objects freed by a kfree shape belonged to, with counts. */
  readonly kfreeCaches: Map<number, Map<number, number>>;
  readonly estimates: {
    readonly unseenObjectFrees: EstimateBuilder;
    readonly unseenObjectAllocations: EstimateBuilder;
    readonly objectsFromBeforeTrace: EstimateBuilder;
    readonly pagesFromBeforeTrace: EstimateBuilder;
    readonly objectOffsets: EstimateBuilder;
    readonly compaction: EstimateBuilder;
  };
  readonly counts: ReplayCounts;
  /** How long things live, if that is asked for. */
  readonly lifetimes: Lifetimes | undefined;
  readonly event: CurrentEvent;
  /** Where the policy leaves stacks to the kernel: what it did with the last fresh one, or does as far as is known. */
  freshStacksSkip: boolean;
}

export function newReplayState(table: EventTable, options: ReplayOptions): ReplayState {
  const facts = traceFacts(table);
  const recording = recordingKernel(table, options);
  const policy = resolvePolicy(options.policy, () => recording);
  const context = recordedContext(options.recordedBy, facts.hwTags);
  const shapes = shapeFacts(table, context);
  const ledger = new Ledger(new CountingMachine(options.cpu), countedParts(options.selection ?? EVERYTHING));
  const decider = compilePolicy(policy, (name) => context.meaning.get(name));
  const kasan = kasanOf(options.config, ledger.machine, ledger.enter, kasanChanges(policy));
  const isCounted = (): boolean => ledger.chargesCounted;
  const estimateOf = (name: EstimateName): EstimateBuilder => new EstimateBuilder(name, isCounted);
  return {
    table,
    options,
    facts,
    shapes,
    caches: tracedCaches(table, options.recordedBy, options.cpu, options.config.kmallocMaxCacheSize),
    contexts: executionContexts(table),
    kasan,
    ledger,
    attributor: new Attributor(table, shapes, context, options, decider, ledger, recording, kasan.changes),
    pages: new PageLifetimes(),
    objects: new U64Map(),
    objectRecords: new Records(),
    freedUnmatched: new U64Map(),
    areas: new U64Map(),
    areaRecords: new Records(),
    unknownPages: new UnknownPages(),
    areaSizes: new AreaSizes(),
    compaction: new CompactionFrees(),
    unknownKfrees: new Map(),
    kfreeCaches: new Map(),
    estimates: {
      unseenObjectFrees: estimateOf('unseenObjectFrees'),
      unseenObjectAllocations: estimateOf('unseenObjectAllocations'),
      objectsFromBeforeTrace: estimateOf('objectsFromBeforeTrace'),
      pagesFromBeforeTrace: estimateOf('pagesFromBeforeTrace'),
      objectOffsets: estimateOf('objectOffsets'),
      compaction: estimateOf('compaction'),
    },
    counts: {
      unmatchedFrees: 0,
      userMemoryFrees: 0,
      unknownFlags: 0,
      missedPageFrees: 0,
      compactionFrees: 0,
      pages: 0,
      pagesFromEvidence: 0,
      pagesUnclassified: 0,
    },
    lifetimes: options.lifetimes === true ? new Lifetimes() : undefined,
    event: {
      index: 0,
      shapeId: 0,
      shape: { type: 0, ...NO_FIELDS },
      origin: 0,
      stack: 0,
      hi: 0,
      lo: 0,
      contextId: 0,
      context: new ExecutionContext(),
      cpu: 0,
      softirq: false,
    },
    freshStacksSkip: !recording.hwTags || recording.series,
  };
}

/** How far ahead the next event of the same context is looked for. */
const LOOKAHEAD = 1024;

/**
 * The shape of the next event in the same context for which `wanted` holds, or undefined. Stops at the first event of
 * the context for which `ends` holds.
 */
export function nextInContext(
  state: ReplayState,
  wanted: (shape: EventShape, shapeId: number) => boolean,
  ends: (shape: EventShape) => boolean,
): number | undefined {
  const { table, contexts, event } = state;
  const last = Math.min(table.length, event.index + LOOKAHEAD);
  for (let index = event.index + 1; index < last; index++) {
    const batch = table.batches[index >> BATCH_SHIFT];
    const row = index & BATCH_MASK;
    if (contexts.ofOrigin[batch.origin[row]] !== event.contextId) continue;
    const shapeId = batch.shape[row];
    const shape = table.shapes[shapeId];
    if (wanted(shape, shapeId)) return shapeId;
    if (ends(shape)) return undefined;
  }
  return undefined;
}
