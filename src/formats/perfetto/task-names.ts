import { ByteInterner, FULL } from '../../base/byte-interner.ts';

/** Distinct names, and how often tasks get another one: far more than real traces have. */
const NAME_LIMITS = { keys: 1 << 18, bytes: 1 << 23 };
const MAX_CHANGES = 1 << 20;

const NO_NAME = -1;
/** As ftrace prints them: the idle task, and a task whose name is not known. */
const IDLE = '<idle>';
const UNKNOWN = '<...>';

interface Timeline {
  readonly times: number[];
  readonly names: number[];
  sorted: boolean;
}

/**
 * What tasks are called, and from when on. Perfetto's events have the number of the task only; its name stands in
 * events of the scheduler, which come in any order between CPUs.
 */
export class TaskNames {
  readonly #decoder = new TextDecoder();
  readonly #keys = new ByteInterner(NAME_LIMITS);
  readonly #texts: string[] = [];
  readonly #timelines = new Map<number, Timeline>();
  /** Names that are worth less than those of events: from lists of processes, and of tasks that had a child. */
  readonly #listed = new Map<number, number>();
  #changes = 0;

  /** The number of the name `data[start, end)`, or −1 if there is no room for more. */
  intern(data: Uint8Array, view: DataView, start: number, end: number): number {
    const key = this.#keys.intern(data, view, start, end);
    if (key === FULL) return NO_NAME;
    if (key >= 0) return key;
    this.#texts.push(this.#decoder.decode(data.subarray(start, end)));
    return ~key;
  }

  /** From `time` on, or in the order of the calls if equal, task `pid` is called so. */
  set(pid: number, time: number, name: number): void {
    if (name === NO_NAME || pid === 0) return;
    const known = this.#timelines.get(pid);
    if (known === undefined) {
      if (this.#changes++ < MAX_CHANGES) this.#timelines.set(pid, { times: [time], names: [name], sorted: true });
      return;
    }
    const last = known.times.length - 1;
    if (known.names[last] === name && time >= known.times[last]) return;
    if (this.#changes++ >= MAX_CHANGES) return;
    if (time < known.times[last]) known.sorted = false;
    known.times.push(time);
    known.names.push(name);
  }

  /** Task `pid` is called so, if no event says otherwise. */
  list(pid: number, name: number): void {
    if (name === NO_NAME || this.#listed.has(pid) || this.#listed.size >= MAX_CHANGES) return;
    this.#listed.set(pid, name);
  }

  /** Whether the name of the task is known, from whatever source. */
  knows(pid: number): boolean {
    return this.#timelines.has(pid) || this.#listed.has(pid);
  }

  /** The names of a task, in order of time: the first one also holds for the time before it. */
  of(pid: number): { readonly times: readonly number[]; readonly names: readonly string[] } {
    if (pid === 0) return { times: [0], names: [IDLE] };
    const timeline = this.#timelines.get(pid);
    if (timeline === undefined) {
      const listed = this.#listed.get(pid);
      return { times: [0], names: [listed === undefined ? UNKNOWN : this.#texts[listed]] };
    }
    const { times, names } = timeline;
    const order = times.map((_, index) => index);
    if (!timeline.sorted) order.sort((a, b) => times[a] - times[b] || a - b);
    return { times: order.map((index) => times[index]), names: order.map((index) => this.#texts[names[index]]) };
  }
}
