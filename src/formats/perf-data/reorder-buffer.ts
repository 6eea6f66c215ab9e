import { TimeMerge, type TimedStream } from '../../base/time-merge.ts';
import { NO_STACK } from '../../trace/event-table.ts';

const CHUNK_SHIFT = 12;
const CHUNK_ROWS = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_ROWS - 1;
/** How many of the latest runs a row may go on with. A CPU has one, and interrupts begin others. */
const OPEN_RUNS = 16;
/** More than CPUs and interrupts can make in one round. */
const MAX_RUNS = 1 << 17;
/** No row follows. */
const NONE = 0xffff_ffff;

/** Rows that wait, as columns: 36 bytes each. */
interface Chunk {
  readonly time: Float64Array;
  readonly place: Uint32Array;
  readonly shape: Int32Array;
  readonly stack: Int32Array;
  readonly keyHi: Int32Array;
  readonly keyLo: Int32Array;
  /** The next row of the same run. */
  readonly next: Uint32Array;
  /** Rows that were not taken yet. */
  left: number;
}

const newChunk = (rows: number): Chunk => ({
  time: new Float64Array(rows),
  place: new Uint32Array(rows),
  shape: new Int32Array(rows),
  stack: new Int32Array(rows),
  keyHi: new Int32Array(rows),
  keyLo: new Int32Array(rows),
  next: new Uint32Array(rows),
  left: rows,
});

const NO_CHUNK = newChunk(0);

/** Takes rows in time order. */
export interface RowTaker {
  take(time: number, place: number, shape: number, stack: number, keyHi: number, keyLo: number): void;
}

/** Rows in time order, linked from the first that was not taken to the last. */
class Run implements TimedStream {
  readonly #rows: Rows;
  head: number;
  time: number;
  tail: number;
  tailTime: number;

  constructor(rows: Rows, row: number, time: number) {
    this.#rows = rows;
    this.head = row;
    this.time = time;
    this.tail = row;
    this.tailTime = time;
  }

  get ended(): boolean {
    return this.head === NONE;
  }

  advance(): boolean {
    this.head = this.#rows.leave(this.head);
    if (this.head === NONE) return false;
    this.time = this.#rows.timeOf(this.head);
    return true;
  }
}

/** Rows by number. Chunks whose rows were all left are given back. */
class Rows {
  /** Those that were given back are `NO_CHUNK`. */
  readonly #chunks: Chunk[] = [];
  #length = 0;

  add(time: number, place: number, shape: number, stack: number, keyHi: number, keyLo: number): number {
    const row = this.#length++;
    const at = row & CHUNK_MASK;
    if (at === 0) this.#chunks.push(newChunk(CHUNK_ROWS));
    const chunk = this.#chunks[row >>> CHUNK_SHIFT];
    chunk.time[at] = time;
    chunk.place[at] = place;
    chunk.shape[at] = shape;
    chunk.stack[at] = stack;
    chunk.keyHi[at] = keyHi;
    chunk.keyLo[at] = keyLo;
    chunk.next[at] = NONE;
    return row;
  }

  link(row: number, next: number): void {
    this.#chunks[row >>> CHUNK_SHIFT].next[row & CHUNK_MASK] = next;
  }

  timeOf(row: number): number {
    return this.#chunks[row >>> CHUNK_SHIFT].time[row & CHUNK_MASK];
  }

  give(row: number, taker: RowTaker): void {
    const { time, place, shape, stack, keyHi, keyLo } = this.#chunks[row >>> CHUNK_SHIFT];
    const at = row & CHUNK_MASK;
    taker.take(time[at], place[at], shape[at], stack[at], keyHi[at], keyLo[at]);
  }

  /** Gives the row that follows one that is not needed any more. */
  leave(row: number): number {
    const number = row >>> CHUNK_SHIFT;
    const chunk = this.#chunks[number];
    if (--chunk.left === 0) this.#chunks[number] = NO_CHUNK;
    return chunk.next[row & CHUNK_MASK];
  }
}

/**
 * Puts rows in time order that come as streams which are in order each, such as those of CPUs, one piece of each after
 * the other. Rows that go on in time are one run; runs are merged. Nothing is sorted as a whole, and memory is given
 * back as rows are taken.
 */
export class ReorderBuffer {
  readonly #rows = new Rows();
  readonly #runs = new TimeMerge<Run>([]);
  readonly #give: (run: Run) => boolean;
  /** The latest runs that have rows; the first was added to last. */
  #open: Run[] = [];
  /** The stack of the next row. */
  stack = NO_STACK;

  constructor(taker: RowTaker) {
    this.#give = (run) => {
      this.#rows.give(run.head, taker);
      return run.advance();
    };
  }

  /** Adds a row; gives its number, which is 0 or more. */
  add(time: number, place: number, shape: number, keyHi: number, keyLo: number): number {
    const row = this.#rows.add(time, place, shape, this.stack, keyHi, keyLo);
    const run = this.#runFor(time);
    if (run === undefined) {
      this.#begin(new Run(this.#rows, row, time));
    } else {
      this.#rows.link(run.tail, row);
      run.tail = row;
      run.tailTime = time;
    }
    return row;
  }

  /** Gives all rows up to a time, that time included. */
  flush(until: number): void {
    this.#runs.run(Number.POSITIVE_INFINITY, this.#give, until);
    if (this.#open.some((run) => run.ended)) this.#open = this.#open.filter((run) => !run.ended);
  }

  /** The run that a row of that time can go on, if there is one among the latest. */
  #runFor(time: number): Run | undefined {
    const open = this.#open;
    if (open.length > 0 && open[0].tailTime <= time) return open[0];
    for (let index = 1; index < open.length; index++) {
      const run = open[index];
      if (run.tailTime > time) continue;
      open.copyWithin(1, 0, index);
      open[0] = run;
      return run;
    }
    return undefined;
  }

  #begin(run: Run): void {
    // No recording has so many; one that was made to have them gets its rows out of order, and they are counted.
    if (this.#runs.size === MAX_RUNS) this.flush(Number.POSITIVE_INFINITY);
    this.#runs.add(run);
    this.#open.unshift(run);
    if (this.#open.length > OPEN_RUNS) this.#open.pop();
  }
}
