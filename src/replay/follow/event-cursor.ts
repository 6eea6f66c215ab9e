import {
  BATCH_MASK,
  BATCH_SHIFT,
  NO_FIELDS,
  type EventBatch,
  type EventShape,
  type EventTable,
} from '../../trace/event-table.ts';
import { ExecutionContext, executionContexts, type ExecutionContexts } from './execution-contexts.ts';

/** How far ahead the next event of the same context is looked for. */
const LOOKAHEAD = 1024;

/** The event that is being followed. One object is used for all. */
export class EventCursor {
  readonly table: EventTable;
  readonly contexts: ExecutionContexts;
  index = 0;
  shapeId = 0;
  shape: EventShape = { type: 0, ...NO_FIELDS };
  origin = 0;
  stack = 0;
  hi = 0;
  lo = 0;
  contextId = 0;
  context = new ExecutionContext();
  cpu = 0;
  softirq = false;

  constructor(table: EventTable) {
    this.table = table;
    this.contexts = executionContexts(table);
  }

  /** Goes to an event. @param index of row `row` of `batch` in the whole table */
  moveTo(batch: EventBatch, row: number, index: number): void {
    const { contexts } = this;
    const origin = batch.origin[row];
    this.index = index;
    this.shapeId = batch.shape[row];
    this.shape = this.table.shapes[this.shapeId];
    this.origin = origin;
    this.stack = batch.stack[row];
    this.hi = batch.keyHi[row];
    this.lo = batch.keyLo[row];
    this.contextId = contexts.ofOrigin[origin];
    this.context = contexts.contexts[this.contextId];
    this.cpu = contexts.cpuOfOrigin[origin];
    this.softirq = contexts.inSoftirq[origin] === 1;
  }

  /** kcompactd itself runs. */
  get inCompaction(): boolean {
    return this.contexts.inCompaction[this.origin] === 1;
  }

  /**
   * The shape of the next event in the same context for which `wanted` holds, or undefined. Stops at the first event of
   * the context for which `ends` holds.
   */
  next(
    wanted: (shape: EventShape, shapeId: number) => boolean,
    ends: (shape: EventShape) => boolean,
  ): number | undefined {
    const { table, contexts, contextId } = this;
    const last = Math.min(table.length, this.index + LOOKAHEAD);
    for (let index = this.index + 1; index < last; index++) {
      const batch = table.batches[index >> BATCH_SHIFT];
      const row = index & BATCH_MASK;
      if (contexts.ofOrigin[batch.origin[row]] !== contextId) continue;
      const shapeId = batch.shape[row];
      const shape = table.shapes[shapeId];
      if (wanted(shape, shapeId)) return shapeId;
      if (ends(shape)) return undefined;
    }
    return undefined;
  }
}
