import { assertUnreachable } from '../base/assert.ts';
import type { Estimate } from '../base/interval.ts';
import { EVENT_TYPES } from '../trace/event-type.ts';
import type { EventTable } from '../trace/event-table.ts';
import type { TraceFacts } from '../trace/facts.ts';
import { closeArea, onNewTask, onVmapAlloc, onVmapFree } from './area-events.ts';
import { enterClosingEstimates } from './closing-estimates.ts';
import type { Ledger } from './ledger.ts';
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
}

/**
 * Replays a trace: finds out what each event is about, and lets the KASAN hooks do the tag work that the kernel would
 * do there under a policy.
 *
 * @throws UsageError if the policy names gfp flags that the recording kernel does not have
 */
export function replay(table: EventTable, options: ReplayOptions): Replayed {
  const state = newReplayState(table, options);
  const { contexts, event, shapes, ledger } = state;
  const since = timeOf(table, options.since, Number.NEGATIVE_INFINITY);
  const until = timeOf(table, options.until, Number.POSITIVE_INFINITY);
  const windowed = options.since !== undefined || options.until !== undefined;
  const cpuOf = Int32Array.from(table.origins, (origin) => origin.cpu);
  const softirqOf = Uint8Array.from(table.origins, (origin) => (origin.softirq ? 1 : 0));

  let index = 0;
  for (const batch of table.batches) {
    const rows = Math.min(batch.shape.length, table.length - index);
    for (let row = 0; row < rows; row++, index++) {
      if (windowed) ledger.setOpen(batch.time[row] >= since && batch.time[row] < until);
      const shapeId = batch.shape[row];
      const origin = batch.origin[row];
      event.index = index;
      event.shapeId = shapeId;
      event.shape = table.shapes[shapeId];
      event.origin = origin;
      event.stack = batch.stack[row];
      event.hi = batch.keyHi[row];
      event.lo = batch.keyLo[row];
      event.contextId = contexts.ofOrigin[origin];
      event.context = contexts.contexts[event.contextId];
      event.cpu = cpuOf[origin];
      event.softirq = softirqOf[origin] === 1;
      step(state);
      const { context } = event;
      context.tasks = (context.tasks & shapes.keepContexts[shapeId]) | shapes.enterContexts[shapeId];
    }
  }
  for (const context of contexts.contexts) closeArea(state, context);
  ledger.setOpen(true);
  enterClosingEstimates(state);
  return {
    ledger,
    facts: state.facts,
    counts: state.counts,
    estimates: Object.values(state.estimates).map((estimate) => estimate.finish()),
    unknownFlagNames: shapes.unknownNames,
  };
}

/** One event. */
function step(state: ReplayState): void {
  const type = EVENT_TYPES[state.event.shape.type];
  switch (type) {
    case 'mm_page_alloc':
      return onPageAlloc(state);
    case 'mm_page_free':
      return onPageFree(state);
    case 'mm_page_free_batched':
      // Additional to mm_page_free: never a free of its own.
      return state.unknownPages.wentThroughFolioBatch(state.event.hi, state.event.lo);
    case 'kmem_cache_alloc':
      return onSlabAlloc(state, false);
    case 'kmalloc':
      return onSlabAlloc(state, true);
    case 'kmem_cache_free':
      return onSlabFree(state, false);
    case 'kfree':
      return onSlabFree(state, true);
    case 'alloc_vmap_area':
      return onVmapAlloc(state);
    case 'free_vmap_area_noflush':
      return onVmapFree(state);
    case 'task_newtask':
      return onNewTask(state);
    case 'sched_process_exit':
      return;
    default:
      return assertUnreachable(type);
  }
}

/** Seconds on the trace's clock as the table counts time. */
const timeOf = (table: EventTable, seconds: number | undefined, otherwise: number): number =>
  seconds === undefined ? otherwise : (seconds - table.baseSeconds) * 1e9;
