import { assertUnreachable } from '../../base/assert.ts';
import type { GfpContext } from '../../gfp/context.ts';
import { LedgerRows } from '../../kasan/ledger.ts';
import type { RecordingKernel } from '../../policy/as-recorded.ts';
import type { EventBatch, EventTable } from '../../trace/event-table.ts';
import { EVENT_TYPES, type EventType } from '../../trace/event-type.ts';
import { traceFacts, type TraceFacts } from '../../trace/facts.ts';
import type { FollowOptions } from '../options.ts';
import { recordedContext, recordingKernel } from '../recording-kernel.ts';
import { countedParts, EVERYTHING } from '../selection.ts';
import { AllocationKinds, type AllocationKind } from './allocation-kinds.ts';
import { AreaEvents } from './area-events.ts';
import { AreaSizes } from './area-sizes.ts';
import { closingOf, type Closing } from './closing.ts';
import { EventCursor } from './event-cursor.ts';
import type { Following } from './following.ts';
import { LifetimeTableBuilder, type LifetimeTable } from './lifetime-table.ts';
import { LivePages } from './live-pages.ts';
import { PageEvents } from './page-events.ts';
import { shapeFacts } from './shape-facts.ts';
import { tracedCaches, type TracedCaches } from './slab-caches.ts';
import { SlabEvents } from './slab-events.ts';
import { TagWork } from './tag-work.ts';
import { UnknownPages } from './unknown-pages.ts';

/** What was counted beside the ledger. */
export interface FollowCounts {
  /** Frees whose allocation is not in the trace, and those of them that are of user memory, whatever a policy does with it. */
  readonly unmatchedFrees: number;
  readonly userMemoryFrees: number;
  /** Events whose mask has flags that the recording kernel is not known to have. */
  readonly unknownFlags: number;
  /** Pages allocated again without a free in between. */
  readonly missedPageFrees: number;
  /** Blocks of pages that compaction was seen to free. */
  readonly compactionFrees: number;
  /** Pages allocated, those of them whose class follows from a stack or an event, and those without a class. */
  readonly pages: number;
  readonly pagesFromEvidence: number;
  readonly pagesUnclassified: number;
}

/** A trace, followed: what was allocated and freed, and the tag work that this is, whatever a policy makes of it. */
export interface Followed {
  readonly table: EventTable;
  readonly facts: TraceFacts;
  readonly recording: RecordingKernel;
  /** The meaning of gfp flags in the recording kernel. */
  readonly gfp: GfpContext;
  readonly rows: LedgerRows;
  readonly kinds: readonly AllocationKind[];
  readonly caches: TracedCaches;
  readonly work: TagWork;
  readonly closing: Closing;
  readonly counts: FollowCounts;
  readonly unknownFlagNames: readonly string[];
  /** Only if it was asked for. */
  readonly lifetimes: LifetimeTable | undefined;
}

/** Follows a trace: finds out what each event is about, and which tag work the kernel may do there. */
export function follow(table: EventTable, options: FollowOptions): Followed {
  const follower = new Follower(table, options);
  const since = timeOf(table, options.since, Number.NEGATIVE_INFINITY);
  const until = timeOf(table, options.until, Number.POSITIVE_INFINITY);
  let first = 0;
  for (const batch of table.batches) {
    const rows = Math.min(batch.shape.length, table.length - first);
    for (let row = 0; row < rows; row++) {
      follower.work.isOpen = batch.time[row] >= since && batch.time[row] < until;
      follower.step(batch, row, first + row);
    }
    first += rows;
  }
  return follower.finish();
}

/** Seconds on the trace's clock as the table counts time. */
const timeOf = (table: EventTable, seconds: number | undefined, otherwise: number): number =>
  seconds === undefined ? otherwise : (seconds - table.baseSeconds) * 1e9;

class Follower {
  readonly work: TagWork;
  readonly #options: FollowOptions;
  readonly #recording: RecordingKernel;
  readonly #gfp: GfpContext;
  readonly #caches: TracedCaches;
  readonly #following: Following;
  readonly #memory = { live: new LivePages(), unknown: new UnknownPages(), areaSizes: new AreaSizes() };
  readonly #pages: PageEvents;
  readonly #slab: SlabEvents;
  readonly #areas: AreaEvents;
  /** What is done at each event, by the number of its type. */
  readonly #handlers: readonly (() => void)[];

  constructor(table: EventTable, options: FollowOptions) {
    const { recordedBy, selection = EVERYTHING, sizes } = options;
    this.#options = options;
    const facts = traceFacts(table);
    this.#recording = recordingKernel(table, options);
    this.#gfp = recordedContext(recordedBy, facts.hwTags);
    this.work = new TagWork(options.order === true);
    this.#caches = tracedCaches(table, recordedBy, sizes.kmallocMaxCacheSize);
    const shapes = shapeFacts(table, this.#gfp);
    const rows = new LedgerRows(countedParts(selection));
    this.#following = {
      cursor: new EventCursor(table),
      facts,
      shapes,
      sizes,
      kinds: new AllocationKinds(table, shapes, this.#gfp, this.#recording, rows, options),
      rows,
      work: this.work,
      lifetimes: options.lifetimes === true ? new LifetimeTableBuilder() : undefined,
    };
    this.#areas = new AreaEvents(this.#following, this.#memory.areaSizes);
    this.#pages = new PageEvents(this.#following, this.#memory, this.#caches, this.#areas);
    this.#slab = new SlabEvents(this.#following, this.#caches, this.#pages, this.#areas, recordedBy);
    this.#handlers = EVENT_TYPES.map((type) => this.#handlerOf(type));
  }

  /** Follows one event. A function of its own, so that the engine compiles it soon: a loop it would interpret for long. */
  step(batch: EventBatch, row: number, index: number): void {
    const { cursor, shapes, lifetimes } = this.#following;
    cursor.moveTo(batch, row, index);
    lifetimes?.at(batch.time[row], cursor.origin, cursor.stack);
    this.#handlers[cursor.shape.type]();
    const { context, shapeId } = cursor;
    context.tasks = (context.tasks & shapes.keepContexts[shapeId]) | shapes.enterContexts[shapeId];
  }

  finish(): Followed {
    const following = this.#following;
    const { cursor, facts, kinds, rows, shapes, work, lifetimes } = following;
    this.#areas.closeAll();
    work.isOpen = true;
    const closing = closingOf({
      following,
      memory: this.#memory,
      pages: this.#pages,
      slab: this.#slab,
      caches: this.#caches,
      options: this.#options,
    });
    const { counts } = this.#pages;
    return {
      table: cursor.table,
      facts,
      recording: this.#recording,
      gfp: this.#gfp,
      rows,
      kinds: kinds.all,
      caches: this.#caches,
      work,
      closing,
      counts: {
        ...counts,
        unmatchedFrees: counts.unmatchedFrees + this.#slab.counts.unmatchedFrees,
        unknownFlags: counts.unknownFlags + this.#slab.counts.unknownFlags,
        userMemoryFrees: counts.userMemoryFrees + closing.userMemoryFrees,
      },
      unknownFlagNames: shapes.unknownNames,
      lifetimes: lifetimes?.finish(kinds.all),
    };
  }

  #handlerOf(type: EventType): () => void {
    switch (type) {
      case 'mm_page_alloc':
        return () => this.#pages.onAlloc();
      case 'mm_page_free':
        return () => this.#pages.onFree();
      case 'mm_page_free_batched':
        // Additional to mm_page_free: never a free of its own.
        return () => this.#memory.unknown.wentThroughFolioBatch(this.#following.cursor.hi, this.#following.cursor.lo);
      case 'kmem_cache_alloc':
      case 'kmalloc':
        return () => this.#slab.onAlloc(type);
      case 'kmem_cache_free':
      case 'kfree':
        return () => this.#slab.onFree(type);
      case 'alloc_vmap_area':
        return () => this.#areas.onAlloc();
      case 'free_vmap_area_noflush':
        return () => this.#areas.onFree();
      case 'task_newtask':
        return () => this.#areas.onNewTask();
      case 'sched_process_exit':
        return () => undefined;
      default:
        return assertUnreachable(type);
    }
  }
}
