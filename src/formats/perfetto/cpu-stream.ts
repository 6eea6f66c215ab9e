import type { TimedStream } from '../../base/time-merge.ts';
import { BATCH_ROWS, type EventBatch } from '../../trace/event-table.ts';
import { newBatch, type EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { OriginNames } from './origin-names.ts';
/** Rows of the first batch, before they double: a file may name many CPUs that have few events. */
const FIRST_ROWS = 64;
/** Perfetto records no stacks, and columns that the table takes over get theirs there. */
const NO_STACKS = new Int32Array(0);

/** The events of one CPU, in the order in which its buffer gave them, until they are merged with those of others. */
export class CpuStream implements TimedStream {
  readonly cpu: number;
  readonly #batches: EventBatch[] = [];
  /** The batch that grows, and how many rows of it are in use. */
  batch = newBatch(0);
  rows = 0;
  // The event that comes next when the stream is read.
  #reading: EventBatch = this.batch;
  #readingBatch = 0;
  #readRow = 0;
  #left = 0;
  #done: (batch: EventBatch) => void = () => {};
  /** The earliest time. */
  firstTime = Number.POSITIVE_INFINITY;
  /** Time of the event that was read last, kept or not. */
  lastTime = Number.NEGATIVE_INFINITY;
  /** The latest time of what the scheduler did, which stands apart from the other events. */
  lastSchedTime = Number.NEGATIVE_INFINITY;
  /** Events that are earlier than the one before. */
  clockBackwards = 0;
  /** Allocations of which no gfp flags were recorded. */
  unrecordedFlags = 0;
  /** The task of the event before and its origin: a task mostly goes on. */
  lastPid = -1;
  lastOrigin = -1;

  constructor(cpu: number) {
    this.cpu = cpu;
  }

  add(time: number, origin: number, shape: number, keyHi: number, keyLo: number): void {
    const batch = this.rows === this.batch.time.length ? this.grow() : this.batch;
    const row = this.rows++;
    batch.time[row] = time;
    batch.origin[row] = origin;
    batch.shape[row] = shape;
    batch.keyHi[row] = keyHi;
    batch.keyLo[row] = keyLo;
    if (time < this.firstTime) this.firstTime = time;
  }

  /** Begins a new batch: the one that grows is full. */
  grow(): EventBatch {
    const rows = Math.min(BATCH_ROWS, Math.max(FIRST_ROWS, this.batch.time.length * 2));
    this.batch = newBatch(rows, NO_STACKS);
    this.#batches.push(this.batch);
    this.rows = 0;
    return this.batch;
  }

  /** Ends adding and goes to the first event; false if there is none. `done` is given each whole batch that was read. */
  rewind(done: (batch: EventBatch) => void): boolean {
    this.#done = done;
    this.#left = this.#batches.reduce((sum, { time }) => sum + time.length, this.rows - this.batch.time.length);
    this.#readingBatch = -1;
    return this.#left > 0 && this.#nextBatch();
  }

  /** Time of the event that comes next. */
  get time(): number {
    return this.#reading.time[this.#readRow];
  }

  /**
   * Moves the next event to `table`, and those after it for as long as they are before `before`; false at the end.
   *
   * @param base what times in the table are relative to
   */
  moveTo(table: EventTableBuilder, origins: readonly OriginNames[], base: number, before: number): boolean {
    // A task mostly goes on: its origin is looked for when it changes, or what it is called.
    let task = -1;
    let named = 0;
    let until = Number.NEGATIVE_INFINITY;
    do {
      const batch = this.#reading;
      const { time, origin } = batch;
      const first = this.#readRow;
      const rows = Math.min(time.length, first + this.#left);
      let row = first;
      do {
        const at = time[row];
        if (origin[row] !== task || at >= until) {
          task = origin[row];
          named = origins[task].at(at);
          until = origins[task].until;
        }
        origin[row] = named;
        time[row] = at - base;
        row++;
      } while (row < rows && time[row] < before);
      table.addRows(batch, first, row);
      this.#readRow = row;
      this.#left -= row - first;
      if (this.#left === 0) return false;
      if (row === rows) this.#nextBatch();
    } while (this.time < before);
    return true;
  }

  #nextBatch(): boolean {
    if (this.#readRow === BATCH_ROWS) this.#done(this.#reading);
    this.#reading = this.#batches[++this.#readingBatch];
    this.#readRow = 0;
    return true;
  }
}
