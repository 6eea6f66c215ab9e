import { nanoseconds } from '../base/units.ts';
import {
  BATCH_MASK,
  BATCH_ROWS,
  BATCH_SHIFT,
  NO_STACK,
  type EventBatch,
  type EventOrigin,
  type EventShape,
  type EventTable,
  type KernelReference,
} from './event-table.ts';
import type { ReadLosses } from './losses.ts';
import { UNKNOWN_RECORDING, type Recording } from './recording.ts';
import { StackTableBuilder } from './stack-table.ts';

/** Columns for `rows` events; all in one piece of memory, which is faster to get. */
export function newBatch(rows: number): EventBatch {
  const memory = new ArrayBuffer(rows * 28);
  return {
    time: new Float64Array(memory, 0, rows),
    shape: new Uint32Array(memory, rows * 8, rows),
    origin: new Uint32Array(memory, rows * 12, rows),
    stack: new Int32Array(memory, rows * 16, rows).fill(NO_STACK),
    keyHi: new Int32Array(memory, rows * 20, rows),
    keyLo: new Int32Array(memory, rows * 24, rows),
  };
}

/** Grows an event table batch by batch; nothing is copied when it grows. */
export class EventTableBuilder {
  readonly stacks = new StackTableBuilder();
  readonly #batches: EventBatch[] = [];
  readonly #shapes: EventShape[] = [];
  readonly #origins: EventOrigin[] = [];
  /** Batches that may be used anew. */
  readonly #spare: EventBatch[] = [];
  #batch = newBatch(0);
  #row = BATCH_ROWS;
  #length = 0;
  #firstTime = Number.POSITIVE_INFINITY;
  #lastTime = Number.NEGATIVE_INFINITY;

  get length(): number {
    return this.#length;
  }

  /** Adds an event and returns its index. */
  add(time: number, origin: number, shape: number, keyHi: number, keyLo: number): number {
    if (this.#row === BATCH_ROWS) {
      this.#batch = this.#spare.pop() ?? newBatch(BATCH_ROWS);
      this.#batches.push(this.#batch);
      this.#row = 0;
    }
    const batch = this.#batch;
    const row = this.#row++;
    batch.time[row] = time;
    batch.origin[row] = origin;
    batch.shape[row] = shape;
    batch.keyHi[row] = keyHi;
    batch.keyLo[row] = keyLo;
    if (time < this.#firstTime) this.#firstTime = time;
    if (time > this.#lastTime) this.#lastTime = time;
    return this.#length++;
  }

  /**
   * Adds all events of a batch, without copying them. All batches before it must have `BATCH_ROWS` events.
   *
   * @param batch its columns are as long as it has events
   */
  addBatch(batch: EventBatch): void {
    this.#batches.push(batch);
    this.#batch = batch;
    this.#row = BATCH_ROWS;
    this.#length += batch.time.length;
    for (const time of batch.time) {
      if (time < this.#firstTime) this.#firstTime = time;
      if (time > this.#lastTime) this.#lastTime = time;
    }
  }

  /** Gives up a batch of `BATCH_ROWS` rows without stacks, so that its memory is used for events that are added. */
  recycle(batch: EventBatch): void {
    this.#spare.push(batch);
  }

  /** Gives event `index` its stack, unless it has one; false if it has. */
  setStack(index: number, stack: number): boolean {
    const column = this.#batches[index >> BATCH_SHIFT].stack;
    if (column[index & BATCH_MASK] !== NO_STACK) return false;
    column[index & BATCH_MASK] = stack;
    return true;
  }

  /** Adds a shape that is not yet in the table; the caller knows which are. */
  addShape(shape: EventShape): number {
    return this.#shapes.push(shape) - 1;
  }

  addOrigin(origin: EventOrigin): number {
    return this.#origins.push(origin) - 1;
  }

  finish(counts: {
    readonly byType: ReadonlyMap<string, number>;
    readonly totalEvents: number;
    readonly baseSeconds: number;
    readonly losses: ReadLosses;
    readonly reference?: KernelReference | undefined;
    readonly recording?: Recording;
  }): EventTable {
    return Object.freeze({
      length: this.#length,
      batches: this.#batches,
      shapes: this.#shapes,
      origins: this.#origins,
      stacks: this.stacks,
      byType: counts.byType,
      totalEvents: counts.totalEvents,
      firstTime: nanoseconds(this.#length > 0 ? this.#firstTime : 0),
      lastTime: nanoseconds(this.#length > 0 ? this.#lastTime : 0),
      baseSeconds: counts.baseSeconds,
      cpus: new Set(this.#origins.map((origin) => origin.cpu)).size,
      ...(counts.reference === undefined ? {} : { reference: counts.reference }),
      losses: counts.losses,
      recording: counts.recording ?? UNKNOWN_RECORDING,
    });
  }
}
