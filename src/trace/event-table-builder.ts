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
  type Unusable,
} from './event-table.ts';
import type { ReadLosses } from './losses.ts';
import { UNKNOWN_RECORDING, type Recording } from './recording.ts';
import { StackTableBuilder } from './stack-table.ts';

/** The numbers that things of one table have in another. */
export interface NewNumbers {
  readonly shapes: ArrayLike<number>;
  readonly origins: ArrayLike<number>;
  readonly stacks: ArrayLike<number>;
}

/** A batch of which the column of stacks may still be exchanged. */
type OpenBatch = { -readonly [Column in keyof EventBatch]: EventBatch[Column] };

/** The stacks of events that have none. */
const noStacks = (rows: number): Int32Array => new Int32Array(rows).fill(NO_STACK);

/** Columns for `rows` events, of which none has a stack; all in one piece of memory, which is faster to get. */
export function newBatch(rows: number, stack = noStacks(rows)): OpenBatch {
  const memory = new ArrayBuffer(rows * 24);
  return {
    time: new Float64Array(memory, 0, rows),
    shape: new Uint32Array(memory, rows * 8, rows),
    origin: new Uint32Array(memory, rows * 12, rows),
    stack,
    keyHi: new Int32Array(memory, rows * 16, rows),
    keyLo: new Int32Array(memory, rows * 20, rows),
  };
}

/** Grows an event table batch by batch; nothing is copied when it grows. */
export class EventTableBuilder {
  readonly stacks = new StackTableBuilder();
  readonly #batches: OpenBatch[] = [];
  readonly #shapes: EventShape[] = [];
  readonly #origins: EventOrigin[] = [];
  /** What batches without any stack share: writing it for each would cost as much as writing an event. */
  readonly #noStacks = noStacks(BATCH_ROWS);
  /** Batches that may be used anew. */
  readonly #spare: OpenBatch[] = [];
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
    if (this.#row === BATCH_ROWS) this.#grow();
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

  /** An event that is not kept: the trace lasts as long as its events. */
  seen(time: number): void {
    if (time < this.#firstTime) this.#firstTime = time;
    if (time > this.#lastTime) this.#lastTime = time;
  }

  /** Adds the events in rows `[from, to)` of a batch, which have no stacks. */
  addRows(batch: EventBatch, from: number, to: number): void {
    for (let next = from; next < to;) {
      if (this.#row === BATCH_ROWS) this.#grow();
      const end = Math.min(to, next + BATCH_ROWS - this.#row);
      copyRows(batch, next, end, this.#batch, this.#row);
      this.#row += end - next;
      next = end;
    }
    this.#length += to - from;
    this.#spanTimes(batch.time, from, to);
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
    this.#spanTimes(batch.time, 0, batch.time.length);
  }

  /**
   * Adds the first `length` events of batches of another table, at their own times. The batches are used up: their memory
   * goes into this table.
   */
  addRenumbered(batches: readonly EventBatch[], length: number, { shapes, origins, stacks }: NewNumbers): void {
    let left = length;
    for (const batch of batches) {
      const rows = Math.min(left, BATCH_ROWS);
      renumber(batch.shape, rows, shapes);
      renumber(batch.origin, rows, origins);
      const first = this.#length;
      this.addRows(batch, 0, rows);
      for (let row = 0; row < rows; row++) {
        const stack = batch.stack[row];
        if (stack !== NO_STACK) this.setStack(first + row, stacks[stack]);
      }
      if (rows === BATCH_ROWS) this.recycle(batch);
      left -= rows;
    }
  }

  /** Gives up a batch of `BATCH_ROWS` rows, so that its memory is used for events that are added. */
  recycle(batch: EventBatch): void {
    this.#spare.push({ ...batch, stack: this.#noStacks });
  }

  #grow(): void {
    this.#batch = this.#spare.pop() ?? newBatch(BATCH_ROWS, this.#noStacks);
    this.#batches.push(this.#batch);
    this.#row = 0;
  }

  #spanTimes(times: Float64Array, from: number, to: number): void {
    let first = this.#firstTime;
    let last = this.#lastTime;
    for (let row = from; row < to; row++) {
      if (times[row] < first) first = times[row];
      if (times[row] > last) last = times[row];
    }
    this.#firstTime = first;
    this.#lastTime = last;
  }

  /** Gives event `index` its stack, unless it has one; false if it has. */
  setStack(index: number, stack: number): boolean {
    const batch = this.#batches[index >> BATCH_SHIFT];
    if (batch.stack === this.#noStacks) batch.stack = noStacks(BATCH_ROWS);
    const column = batch.stack;
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

  /** The columns as they are; no event may be added any more. */
  columns(): {
    readonly length: number;
    readonly batches: readonly EventBatch[];
    /** Of the first and the last event, kept or not; infinite if there is none. */
    readonly firstTime: number;
    readonly lastTime: number;
  } {
    return { length: this.#length, batches: this.#batches, firstTime: this.#firstTime, lastTime: this.#lastTime };
  }

  finish(counts: {
    readonly byType: ReadonlyMap<string, number>;
    readonly totalEvents: number;
    readonly baseSeconds: number;
    readonly losses: ReadLosses;
    readonly reference?: KernelReference | undefined;
    readonly unusable?: Unusable | undefined;
    readonly recording?: Recording;
  }): EventTable {
    return Object.freeze({
      length: this.#length,
      batches: this.#batches,
      shapes: this.#shapes,
      origins: this.#origins,
      stacks: this.stacks.finish(),
      byType: counts.byType,
      totalEvents: counts.totalEvents,
      firstTime: nanoseconds(Number.isFinite(this.#firstTime) ? this.#firstTime : 0),
      lastTime: nanoseconds(Number.isFinite(this.#lastTime) ? this.#lastTime : 0),
      baseSeconds: counts.baseSeconds,
      cpus: new Set(this.#origins.map((origin) => origin.cpu)).size,
      ...(counts.reference === undefined ? {} : { reference: counts.reference }),
      ...(counts.unusable === undefined ? {} : { unusable: counts.unusable }),
      losses: counts.losses,
      recording: counts.recording ?? UNKNOWN_RECORDING,
    });
  }
}

/** Fewer rows are copied one by one: it costs less than to say what is to be copied. */
const FEW_ROWS = 24;

function copyRows(source: EventBatch, from: number, to: number, target: EventBatch, at: number): void {
  if (to - from < FEW_ROWS) {
    for (let row = from, into = at; row < to; row++, into++) {
      target.time[into] = source.time[row];
      target.origin[into] = source.origin[row];
      target.shape[into] = source.shape[row];
      target.keyHi[into] = source.keyHi[row];
      target.keyLo[into] = source.keyLo[row];
    }
    return;
  }
  target.time.set(source.time.subarray(from, to), at);
  target.origin.set(source.origin.subarray(from, to), at);
  target.shape.set(source.shape.subarray(from, to), at);
  target.keyHi.set(source.keyHi.subarray(from, to), at);
  target.keyLo.set(source.keyLo.subarray(from, to), at);
}

function renumber(column: Uint32Array, rows: number, numbers: ArrayLike<number>): void {
  for (let row = 0; row < rows; row++) column[row] = numbers[column[row]];
}
