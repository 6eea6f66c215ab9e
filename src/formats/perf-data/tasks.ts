import { StringInterner } from '../../base/string-interner.ts';
import type { EventTableBuilder } from '../../trace/event-table-builder.ts';
import { NO_PID } from '../../trace/event-table.ts';

// kernel/trace/trace.h, enum trace_flag_type: bits of `common_flags`.
const TRACE_FLAG_HARDIRQ = 0x08;
const TRACE_FLAG_SOFTIRQ = 0x10;
const CONTEXT = TRACE_FLAG_HARDIRQ | TRACE_FLAG_SOFTIRQ;

/** More tasks, and places where they ran, than any recording has. */
const MAX_TASKS = 1 << 20;
const MAX_PLACES = 1 << 20;
/** TASK_COMM_LEN is 16; user space may be told more. */
const MAX_COMM = 64;

const NO_ORIGIN = -1;

/**
 * Who ran where, in a recording whose events name tasks by number and in which records among the events tell the names.
 *
 * A *place* is a task on a CPU in a context. It is known when an event is read; its name is known only when events are
 * in time order, and then place and name are an origin.
 */
export class Tasks {
  readonly #table: EventTableBuilder;
  readonly #comms = new StringInterner();
  /** Number of the task of each tid, and by that number its tid and its name now. */
  readonly #tasks = new Map<number, number>();
  readonly #tids: number[] = [];
  readonly #commOf: number[] = [];
  readonly #places = new Map<number, number>();
  /** Of each place: its task, CPU, flags, and the origin with the name that was asked for last. */
  readonly #placeTask: number[] = [];
  readonly #placeCpu: number[] = [];
  readonly #placeFlags: number[] = [];
  readonly #placeComm: number[] = [];
  readonly #placeOrigin: number[] = [];
  readonly #origins = new Map<number, number>();
  #recentKey = -1;
  #recentPlace = -1;

  constructor(table: EventTableBuilder) {
    this.#table = table;
    this.rename(0, 'swapper');
  }

  /** The place of an event, or −1 if there are too many. @param cpu below 65,536 */
  place(tid: number, cpu: number, flags: number): number {
    const key = ((tid >>> 0) * 0x1_0000 + cpu) * 4 + ((flags & CONTEXT) >> 3);
    if (key === this.#recentKey) return this.#recentPlace;
    let place = this.#places.get(key);
    if (place === undefined) {
      const task = this.#task(tid);
      if (task < 0 || this.#places.size === MAX_PLACES) return -1;
      place = this.#places.size;
      this.#places.set(key, place);
      this.#placeTask.push(task);
      this.#placeCpu.push(cpu);
      this.#placeFlags.push(flags);
      this.#placeComm.push(-1);
      this.#placeOrigin.push(NO_ORIGIN);
    }
    this.#recentKey = key;
    this.#recentPlace = place;
    return place;
  }

  cpuOf(place: number): number {
    return this.#placeCpu[place];
  }

  /** The task has another name from now on. */
  rename(tid: number, comm: string): void {
    const task = this.#task(tid);
    if (task >= 0) this.#commOf[task] = this.#comm(comm);
  }

  /** A task begins with the name of the one that made it. */
  fork(tid: number, parent: number): void {
    const from = this.#task(parent);
    const task = this.#task(tid);
    if (from >= 0 && task >= 0) this.#commOf[task] = this.#commOf[from];
  }

  /** The origin of a place, with the name that its task has now; −1 if there are too many. */
  originOf(place: number): number {
    const comm = this.#commOf[this.#placeTask[place]];
    if (this.#placeComm[place] === comm) return this.#placeOrigin[place];
    // Names that come back get their origin back.
    const key = place * MAX_TASKS * 2 + comm;
    let origin = this.#origins.get(key);
    if (origin === undefined) {
      if (this.#origins.size === MAX_PLACES) return NO_ORIGIN;
      origin = this.#addOrigin(place, comm);
    }
    this.#origins.set(key, origin);
    this.#placeComm[place] = comm;
    this.#placeOrigin[place] = origin;
    return origin;
  }

  /** Gives origins to the places where only events were that are not kept. */
  addRemaining(): void {
    for (const [place, origin] of this.#placeOrigin.entries()) if (origin === NO_ORIGIN) this.originOf(place);
  }

  #addOrigin(place: number, comm: number): number {
    const flags = this.#placeFlags[place];
    const tid = this.#tids[this.#placeTask[place]];
    return this.#table.addOrigin({
      comm: this.#comms.text(comm),
      pid: tid < 0 ? NO_PID : tid,
      cpu: this.#placeCpu[place],
      softirq: (flags & TRACE_FLAG_SOFTIRQ) !== 0,
      hardirq: (flags & TRACE_FLAG_HARDIRQ) !== 0,
    });
  }

  /** The number of a task, or −1 if there are too many. */
  #task(tid: number): number {
    const known = this.#tasks.get(tid);
    if (known !== undefined) return known;
    const task = this.#tasks.size;
    if (task === MAX_TASKS) return -1;
    this.#tasks.set(tid, task);
    this.#tids.push(tid);
    // What perf calls a task whose name it did not learn.
    this.#commOf.push(this.#comm(`:${tid}`));
    return task;
  }

  /** The number of a name: with too many of them that of the idle task. */
  #comm(text: string): number {
    const comm = text.slice(0, MAX_COMM);
    return this.#comms.size < 2 * MAX_TASKS ? this.#comms.intern(comm) : (this.#comms.find(comm) ?? 0);
  }
}
