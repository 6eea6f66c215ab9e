import { assertUnreachable } from '../base/assert.ts';
import type { Estimate } from '../base/interval.ts';
import { EVENT_TYPES, type EventType } from '../trace/event-type.ts';
import type { EventBatch, EventTable } from '../trace/event-table.ts';
import type { TraceFacts } from '../trace/facts.ts';
import { closeArea, onNewTask, onVmapAlloc, onVmapFree } from './area-events.ts';
import { enterClosingEstimates } from './closing-estimates.ts';
import type { Ledger } from '../kasan/ledger.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { ReplayOptions } from './options.ts';
import { onPageAlloc, onPageFree } from './page-events.ts';
import { onSlabAlloc, onSlabFree } from './slab-events.ts';
import { newReplayState, type ReplayCounts, type ReplayState } from './state.ts';

/** What a replay gives. */
export interface Replayed {
  readonly ledger: Ledger;
  readonly facts: TraceFacts;
  readonly counts: ReplayCounts;
  readonly estimates: readonly Estimate[];
  readonly unknownFlagNames: readonly string[];
  /** Only if it was asked for. */
  readonly lifetimes: Lifetimes | undefined;
}

/**
 * Replays a trace: finds out what each event is about, and lets the KASAN hooks do the tag work that the kernel would
 * do there under a policy.
 *
 * @throws UsageError if the policy names gfp flags that the recording kernel does not have
 */
export function replay(table: EventTable, options: ReplayOptions): Replayed {
  const state = newReplayState(table, options);
  const { contexts, ledger } = state;
  const since = timeOf(table, options.since, Number.NEGATIVE_INFINITY);
  const until = timeOf(table, options.until, Number.POSITIVE_INFINITY);
  const windowed = options.since !== undefined || options.until !== undefined;

  let first = 0;
  for (const batch of table.batches) {
    const rows = Math.min(batch.shape.length, table.length - first);
    for (let row = 0; row < rows; row++) {
      if (windowed) ledger.setOpen(batch.time[row] >= since && batch.time[row] < until);
      step(state, batch, row, first + row);
    }
    first += rows;
  }
  for (const context of contexts.contexts) closeArea(state, context);
  ledger.setOpen(true);
  enterClosingEstimates(state);
  return {
    ledger,
    facts: state.facts,
    counts: state.counts,
    estimates: Object.values(state.estimates).map((estimate) => estimate.finish()),
    unknownFlagNames: state.shapes.unknownNames,
    lifetimes: state.lifetimes,
  };
}

/** Replays one event. A function of its own, so that the engine compiles it soon: a loop it would interpret for long. */
function step(state: ReplayState, batch: EventBatch, row: number, index: number): void {
  const { event, contexts, shapes } = state;
  const shapeId = batch.shape[row];
  const origin = batch.origin[row];
  const contextId = contexts.ofOrigin[origin];
  const context = contexts.contexts[contextId];
  const shape = state.table.shapes[shapeId];
  event.index = index;
  event.shapeId = shapeId;
  event.shape = shape;
  event.origin = origin;
  event.stack = batch.stack[row];
  event.hi = batch.keyHi[row];
  event.lo = batch.keyLo[row];
  event.contextId = contextId;
  event.context = context;
  event.cpu = contexts.cpuOfOrigin[origin];
  event.softirq = contexts.inSoftirq[origin] === 1;
  if (state.lifetimes !== undefined) state.lifetimes.now[0] = batch.time[row];
  HANDLERS[shape.type](state);
  context.tasks = (context.tasks & shapes.keepContexts[shapeId]) | shapes.enterContexts[shapeId];
}

/** What is done at each event, by the number of its type. */
const HANDLERS: readonly ((state: ReplayState) => void)[] = EVENT_TYPES.map(handlerOf);

function handlerOf(type: EventType): (state: ReplayState) => void {
  switch (type) {
    case 'mm_page_alloc':
      return onPageAlloc;
    case 'mm_page_free':
      return onPageFree;
    case 'mm_page_free_batched':
      // Additional to mm_page_free: never a free of its own.
      return (state) => state.unknownPages.wentThroughFolioBatch(state.event.hi, state.event.lo);
    case 'kmem_cache_alloc':
      return (state) => onSlabAlloc(state, false);
    case 'kmalloc':
      return (state) => onSlabAlloc(state, true);
    case 'kmem_cache_free':
      return (state) => onSlabFree(state, false);
    case 'kfree':
      return (state) => onSlabFree(state, true);
    case 'alloc_vmap_area':
      return onVmapAlloc;
    case 'free_vmap_area_noflush':
      return onVmapFree;
    case 'task_newtask':
      return onNewTask;
    case 'sched_process_exit':
      return () => {};
    default:
      return assertUnreachable(type);
  }
}

/** Seconds on the trace's clock as the table counts time. */
const timeOf = (table: EventTable, seconds: number | undefined, otherwise: number): number =>
  seconds === undefined ? otherwise : (seconds - table.baseSeconds) * 1e9;
