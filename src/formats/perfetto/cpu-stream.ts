import type { TimedStream } from '../../base/time-merge.ts';
import { BATCH_ROWS, type EventBatch } from '../../trace/event-table.ts';
import { newBatch } from '../../trace/event-table-builder.ts';

/** Rows of the first batch, before they double: a file may name many CPUs that have few events. */
const FIRST_ROWS = 64;

/** The events of one CPU, in the order in which its buffer gave them, until they are merged with those of others. */
export class CpuStream implements TimedStream {
  readonly cpu: number;
  readonly #batches: EventBatch[] = [];
  #batch = newBatch(0);
  #row = 0;
  #length = 0;
  // The event that comes next when the stream is read.
  #reading: EventBatch = this.#batch;
  #readingBatch = 0;
  #readRow = 0;
  #left = 0;
  #done: (batch: EventBatch) => void = () => {};
  /** The earliest time. */
  firstTime = Number.POSITIVE_INFINITY;
  /** Time of the event that was read last, kept or not. */
  lastTime = Number.NEGATIVE_INFINITY;
  /** The task of the event before and its origin: a task mostly goes on. */
  lastPid = -1;
  lastOrigin = -1;

  constructor(cpu: number) {
    this.cpu = cpu;
  }

  add(time: number, origin: number, shape: number, keyHi: number, keyLo: number): void {
    if (this.#row === this.#batch.time.length) {
      this.#batch = newBatch(Math.min(BATCH_ROWS, Math.max(FIRST_ROWS, this.#batch.time.length * 2)));
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
    if (time < this.firstTime) this.firstTime = time;
    this.#length++;
  }

  /** Ends adding and goes to the first event; false if there is none. `done` is given each whole batch that was read. */
  rewind(done: (batch: EventBatch) => void): boolean {
    this.#done = done;
    this.#left = this.#length;
    this.#readingBatch = -1;
    return this.#left > 0 && this.#nextBatch();
  }

  /** Time of the event that comes next. */
  get time(): number {
    return this.#reading.time[this.#readRow];
  }

  /** The batch in which the next event stands, and where. */
  get batch(): EventBatch {
    return this.#reading;
  }

  get row(): number {
    return this.#readRow;
  }

  /** Goes to the next event; false at the end. */
  advance(): boolean {
    if (--this.#left === 0) return false;
    if (++this.#readRow < this.#reading.time.length) return true;
    if (this.#readRow === BATCH_ROWS) this.#done(this.#reading);
    return this.#nextBatch();
  }

  #nextBatch(): boolean {
    this.#reading = this.#batches[++this.#readingBatch];
    this.#readRow = 0;
    return true;
  }
}
