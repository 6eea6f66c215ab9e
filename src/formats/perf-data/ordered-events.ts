import type { EventTableBuilder } from '../../trace/event-table-builder.ts';
import { NO_STACK } from '../../trace/event-table.ts';
import type { LossLog } from '../../trace/loss-log.ts';
import { ReorderBuffer, type RowTaker } from './reorder-buffer.ts';
import type { Tasks } from './tasks.ts';

// Rows that are no events have these in place of a shape. Their place is a tid.
const RENAME = -1;
const FORK = -2;

const NANOSECONDS = 1_000_000_000;

/**
 * Puts events in time order and adds them to a table, with the names that their tasks had then.
 *
 * perf writes what it finds in the buffer of one CPU after the other, and a record of a *finished round* when it has
 * seen all of them: what was written before the round that has just finished has been written in whole, so up to there
 * time order is final (tools/perf/util/ordered-events.c).
 */
export class OrderedEvents implements RowTaker {
  readonly #table: EventTableBuilder;
  readonly #tasks: Tasks;
  readonly #log: LossLog;
  readonly #rows = new ReorderBuffer(this);
  readonly #names: string[] = [];
  /** Of the recording's clock, what times count from: found at the first time, as two halves. */
  #baseHi = 0;
  #baseLo = 0;
  #baseSeconds = Number.NaN;
  /** Nanoseconds from there to the second in which the first event is. */
  #shift = Number.NaN;
  /** The earliest event. */
  #first = Number.POSITIVE_INFINITY;
  #latest = Number.NEGATIVE_INFINITY;
  /** The latest event of the rounds before this one. */
  #latestOfRounds = Number.NEGATIVE_INFINITY;
  readonly #lastOnCpu: number[] = [];

  constructor(table: EventTableBuilder, tasks: Tasks, log: LossLog) {
    this.#table = table;
    this.#tasks = tasks;
    this.#log = log;
  }

  /** The second in which the trace begins; 0 without events. */
  get baseSeconds(): number {
    const shift = this.#shift === this.#shift ? this.#shift : 0;
    return this.#baseSeconds === this.#baseSeconds ? this.#baseSeconds + shift / NANOSECONDS : 0;
  }

  /** A time of the recording's clock, given as two halves, in nanoseconds from a second near its beginning. */
  timeOf(hi: number, lo: number): number {
    if (this.#baseSeconds !== this.#baseSeconds) this.#begin(hi, lo);
    // The difference is exact, which the number itself would not be after 104 days.
    return ((hi >>> 0) - this.#baseHi) * 0x1_0000_0000 + (lo >>> 0) - this.#baseLo;
  }

  /** An event was seen at that time, kept or not. */
  seen(time: number): void {
    if (time > this.#latest) this.#latest = time;
    if (time < this.#first) this.#first = time;
  }

  /** The stack of the events that are added from now on. */
  set stack(stack: number) {
    this.#rows.stack = stack;
  }

  /** @param place of `Tasks` */
  add(time: number, place: number, shape: number, keyHi: number, keyLo: number): number {
    return this.#rows.add(time, place, shape, keyHi, keyLo);
  }

  addShape(...args: Parameters<EventTableBuilder['addShape']>): number {
    return this.#table.addShape(...args);
  }

  /** A task has another name from that time on. Without a time: from now on. */
  rename(time: number | undefined, tid: number, comm: string): void {
    this.#rows.add(time ?? this.#latest, tid, RENAME, 0, this.#names.push(comm) - 1);
  }

  fork(time: number | undefined, tid: number, parent: number): void {
    this.#rows.add(time ?? this.#latest, tid, FORK, 0, parent);
  }

  finishRound(): void {
    this.#rows.flush(this.#latestOfRounds);
    this.#latestOfRounds = this.#latest;
  }

  finish(): void {
    this.#rows.flush(Number.POSITIVE_INFINITY);
    this.#tasks.addRemaining();
    if (!Number.isFinite(this.#first)) return;
    this.#findShift();
    this.#table.seen(this.#first - this.#shift);
    this.#table.seen(this.#latest - this.#shift);
  }

  take(time: number, place: number, shape: number, stack: number, keyHi: number, keyLo: number): void {
    if (shape < 0) {
      if (shape === FORK) this.#tasks.fork(place | 0, keyLo);
      else this.#tasks.rename(place | 0, this.#names[keyLo]);
      return;
    }
    const origin = this.#tasks.originOf(place);
    if (origin < 0) {
      this.#log.unreadable(0, 'fewer distinct tasks', 'an event of another one');
      return;
    }
    this.#findShift();
    const cpu = this.#tasks.cpuOf(place);
    if (time < this.#lastOnCpu[cpu]) this.#log.losses.clockBackwards++;
    this.#lastOnCpu[cpu] = time;
    const event = this.#table.add(time - this.#shift, origin, shape, keyHi, keyLo);
    if (stack !== NO_STACK) this.#table.setStack(event, stack);
  }

  #findShift(): void {
    if (this.#shift !== this.#shift) this.#shift = Math.floor(this.#first / NANOSECONDS) * NANOSECONDS;
  }

  #begin(hi: number, lo: number): void {
    const time = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
    const seconds = time / BigInt(NANOSECONDS);
    const base = seconds * BigInt(NANOSECONDS);
    this.#baseSeconds = Number(seconds);
    this.#baseHi = Number(base >> 32n);
    this.#baseLo = Number(base & 0xffff_ffffn);
  }
}
