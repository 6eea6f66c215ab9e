import { Int32Column } from '../../base/int32-column.ts';
import type { AllocationKind } from './allocation-kinds.ts';
import { NONE } from './tag-work.ts';

/** What has a lifetime. A large kmalloc is its pages; a kernel stack is the area or the pages that it is in. */
export const LIFE_KINDS = ['page', 'object', 'area', 'stack'] as const;
export type LifeKind = (typeof LIFE_KINDS)[number];

/**
 * How a lifetime ended: it did not; the thing was freed, a block with its last page; or its place was given out again, so
 * that it must have been freed before, without an event.
 */
export const LIFE_ENDS = ['alive', 'freed', 'reused'] as const;
export type LifeEnd = (typeof LIFE_ENDS)[number];

/**
 * Everything that was seen to be allocated, a row each, in the order of allocation: what is live at a time, and how long it
 * lives. Plain columns of equal length, which can be posted to a worker. What was allocated before the trace has no row.
 */
export interface LifetimeTable {
  readonly length: number;
  /** Nanoseconds since the second in which the trace begins, as in `EventBatch.time`. */
  readonly start: Float64Array;
  /** The same; NaN for what is alive at the end of the trace. Of what was reused, when its place was given out again. */
  readonly end: Float64Array;
  /** Index into `LIFE_KINDS`. */
  readonly what: Uint8Array;
  /** Index into `LIFE_ENDS`. */
  readonly ended: Uint8Array;
  /** Bytes that it occupies: a block of pages, an object with what its cache leaves unused, an area without its guard page. */
  readonly bytes: Float64Array;
  /** Index into `EventTable.origins`: the task and the CPU that allocated it. */
  readonly origin: Int32Array;
  /** Index into `kinds`. */
  readonly kind: Int32Array;
  /** Index into `EventTable.stacks`, or `NO_STACK`. */
  readonly stack: Int32Array;
  /** Class, call site, ledger row and shape of each kind of allocation. */
  readonly kinds: readonly AllocationKind[];
}

/** What is known of a thing when its life begins; what is freed at once in parts has a number of them. */
export interface Birth {
  readonly what: LifeKind;
  readonly kind: number;
  readonly bytes: number;
  /** Pages, which may be freed one by one. */
  readonly parts: number;
}

const ALIVE = LIFE_ENDS.indexOf('alive');
const FREED = LIFE_ENDS.indexOf('freed');
const REUSED = LIFE_ENDS.indexOf('reused');

/** Makes a table of lifetimes while a trace is followed. */
export class LifetimeTableBuilder {
  /** Time and place of the event that is being followed, and its stack; a column of one, so that it is never boxed. */
  readonly #now = new Float64Array(1);
  #origin = 0;
  #stack = 0;
  #start = new Float64Array(1 << 10);
  #end = new Float64Array(1 << 10);
  #bytes = new Float64Array(1 << 10);
  readonly #what = new Int32Column();
  readonly #ended = new Int32Column();
  readonly #originOf = new Int32Column();
  readonly #kind = new Int32Column();
  readonly #stackOf = new Int32Column();
  /** Parts that were not freed yet. */
  readonly #left = new Int32Column();

  /** Goes to an event. */
  at(time: number, origin: number, stack: number): void {
    this.#now[0] = time;
    this.#origin = origin;
    this.#stack = stack;
  }

  /** @returns the row */
  begin({ what, kind, bytes, parts }: Birth): number {
    const row = this.#what.push(LIFE_KINDS.indexOf(what));
    if (row === this.#start.length) this.#grow();
    this.#start[row] = this.#now[0];
    this.#end[row] = Number.NaN;
    this.#bytes[row] = bytes;
    this.#ended.push(ALIVE);
    this.#originOf.push(this.#origin);
    this.#kind.push(kind);
    this.#stackOf.push(this.#stack);
    this.#left.push(parts);
    return row;
  }

  /** Some parts of a thing, or all of it, are freed. @param row `NONE` for nothing */
  free(row: number, parts: number): void {
    if (row === NONE || this.#ended.get(row) !== ALIVE) return;
    const left = this.#left.get(row) - parts;
    this.#left.set(row, left);
    if (left <= 0) this.#finish(row, FREED);
  }

  /** The place of a thing is given out again. @param row `NONE` for nothing */
  reuse(row: number): void {
    if (row !== NONE && this.#ended.get(row) === ALIVE) this.#finish(row, REUSED);
  }

  #finish(row: number, how: number): void {
    this.#end[row] = this.#now[0];
    this.#ended.set(row, how);
  }

  #grow(): void {
    const grow = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(column.length * 2);
      grown.set(column);
      return grown;
    };
    this.#start = grow(this.#start);
    this.#end = grow(this.#end);
    this.#bytes = grow(this.#bytes);
  }

  finish(kinds: readonly AllocationKind[]): LifetimeTable {
    const { length } = this.#what;
    return {
      length,
      start: this.#start.slice(0, length),
      end: this.#end.slice(0, length),
      what: Uint8Array.from({ length }, (_, row) => this.#what.get(row)),
      ended: Uint8Array.from({ length }, (_, row) => this.#ended.get(row)),
      bytes: this.#bytes.slice(0, length),
      origin: this.#originOf.finish(),
      kind: this.#kind.finish(),
      stack: this.#stackOf.finish(),
      kinds,
    };
  }
}
