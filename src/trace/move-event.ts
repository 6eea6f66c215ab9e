import type { EventTableBuilder } from './event-table-builder.ts';
import { BATCH_MASK, BATCH_ROWS, BATCH_SHIFT, NO_STACK, type EventBatch } from './event-table.ts';

/** The numbers that things of one table have in another. */
export interface NewNumbers {
  readonly shapes: ArrayLike<number>;
  readonly origins: ArrayLike<number>;
  readonly stacks: ArrayLike<number>;
}

/**
 * Adds the event in a row of a batch to a table. After its last row the batch is used up: its memory goes into the table.
 *
 * @param time its time in the table
 */
export function moveEvent(
  batch: EventBatch,
  row: number,
  time: number,
  numbers: NewNumbers,
  builder: EventTableBuilder,
): void {
  const { origin, shape, keyHi, keyLo } = batch;
  const index = builder.add(time, numbers.origins[origin[row]], numbers.shapes[shape[row]], keyHi[row], keyLo[row]);
  const stack = batch.stack[row];
  if (stack !== NO_STACK) builder.setStack(index, numbers.stacks[stack]);
  if (row === BATCH_ROWS - 1) builder.recycle(batch);
}

/** Adds the first `length` events of batches, at their own times. */
export function moveEvents(
  batches: readonly EventBatch[],
  length: number,
  numbers: NewNumbers,
  builder: EventTableBuilder,
): void {
  for (let index = 0; index < length; index++) {
    const batch = batches[index >> BATCH_SHIFT];
    const row = index & BATCH_MASK;
    moveEvent(batch, row, batch.time[row], numbers, builder);
  }
}
