import { framesOf } from './stack-table.ts';
import { BATCH_MASK, BATCH_SHIFT, NO_STACK, type EventShape, type EventTable } from './event-table.ts';
import { eventTypeName } from './event-type.ts';

/** An event as one object, for tests only. */
export interface DumpedEvent {
  readonly type: string;
  readonly time: number;
  readonly comm: string;
  readonly pid: number;
  readonly cpu: number;
  readonly context: 'task' | 'softirq' | 'hardirq' | 'hardirq in softirq';
  /** The key in hexadecimal, `0x0` for none. */
  readonly key: string;
  readonly shape: EventShape;
  readonly stack: readonly string[] | undefined;
}

export function dumpEvents(table: EventTable): DumpedEvent[] {
  return Array.from({ length: table.length }, (_, index) => {
    const batch = table.batches[index >> BATCH_SHIFT];
    const row = index & BATCH_MASK;
    const shape = table.shapes[batch.shape[row]];
    const { comm, pid, cpu, softirq, hardirq } = table.origins[batch.origin[row]];
    const interrupt = hardirq ? 'hardirq' : 'softirq';
    const stack = batch.stack[row];
    return {
      type: eventTypeName(shape.type),
      time: batch.time[row],
      comm,
      pid,
      cpu,
      context: softirq && hardirq ? 'hardirq in softirq' : softirq || hardirq ? interrupt : 'task',
      key: `0x${((BigInt(batch.keyHi[row] >>> 0) << 32n) | BigInt(batch.keyLo[row] >>> 0)).toString(16)}`,
      shape,
      stack: stack === NO_STACK ? undefined : framesOf(table.stacks, stack),
    };
  });
}

/** All that a table holds, without what memory its columns have to spare: equal for equal tables. */
export function dumpTable(table: EventTable): unknown {
  const columns = table.batches.map((batch, number) => {
    const rows = Math.min(table.length - (number << BATCH_SHIFT), batch.time.length);
    return {
      time: batch.time.subarray(0, rows),
      shape: batch.shape.subarray(0, rows),
      origin: batch.origin.subarray(0, rows),
      stack: batch.stack.subarray(0, rows),
      keyHi: batch.keyHi.subarray(0, rows),
      keyLo: batch.keyLo.subarray(0, rows),
    };
  });
  return {
    ...table,
    batches: columns,
    stacks: Array.from({ length: table.stacks.length }, (_, stack) => framesOf(table.stacks, stack)),
    byType: [...table.byType],
  };
}
