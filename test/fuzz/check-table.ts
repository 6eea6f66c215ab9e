import { BATCH_MASK, BATCH_SHIFT, NO_STACK, type EventTable } from '../../src/trace/event-table.ts';
import { EVENT_TYPES } from '../../src/trace/event-type.ts';

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`the table is wrong: ${what}`);
};

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** What holds of every event table, whatever it was read from. @throws Error if it does not. */
export function checkTable(table: EventTable): void {
  let kept = 0;
  for (const count of table.byType.values()) {
    check(isCount(count) && count > 0, 'counts of events');
    kept += count;
  }
  check(kept === table.totalEvents, 'events by type do not add up');
  check(table.length <= table.totalEvents, 'more events kept than read');
  for (const [name, value] of Object.entries(table.losses)) {
    check(Array.isArray(value) || isCount(value), `losses, ${name}`);
  }
  for (const shape of table.shapes) {
    check(shape.type >= 0 && shape.type < EVENT_TYPES.length, 'type');
    for (const size of [shape.bytesReq, shape.bytesAlloc, shape.areaBytes, shape.order]) check(isCount(size), 'sizes');
    check(shape.order <= 15, 'order');
  }
  for (const { pid, cpu } of table.origins) check(isCount(pid) && isCount(cpu), 'origin');
  for (let index = 0; index < table.length; index++) {
    const batch = table.batches[index >> BATCH_SHIFT];
    const row = index & BATCH_MASK;
    check(Number.isFinite(batch.time[row]), 'time');
    check(batch.time[row] >= table.firstTime && batch.time[row] <= table.lastTime, 'first and last time');
    check(batch.shape[row] < table.shapes.length, 'shape');
    check(batch.origin[row] < table.origins.length, 'origin');
    check(batch.stack[row] >= NO_STACK && batch.stack[row] < table.stacks.length, 'stack');
  }
}
