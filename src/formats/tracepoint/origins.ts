import type { EventTableBuilder } from '../../trace/event-table-builder.ts';

// kernel/trace/trace.h, enum trace_flag_type: bits of `common_flags`.
const TRACE_FLAG_HARDIRQ = 0x08;
const TRACE_FLAG_SOFTIRQ = 0x10;
const CONTEXT = TRACE_FLAG_HARDIRQ | TRACE_FLAG_SOFTIRQ;

/** More tasks and CPUs than any trace has. */
const MAX_ORIGINS = 1 << 20;

/** The origins of events that say pid, CPU and flags by number. */
export class Origins {
  readonly #table: EventTableBuilder;
  readonly #commOf: (pid: number) => string;
  readonly #numbers = new Map<number, number>();
  #recentKey = -1;
  #recent = -1;

  /** @param commOf the name of a task, asked once for each of its origins */
  constructor(table: EventTableBuilder, commOf: (pid: number) => string) {
    this.#table = table;
    this.#commOf = commOf;
  }

  /**
   * The origin of an event, or −1 if there are too many.
   *
   * @param cpu below 65,536
   * @param flags `common_flags`, which say whether an interrupt was being served
   */
  find(pid: number, cpu: number, flags: number): number {
    const key = ((pid >>> 0) * 0x1_0000 + cpu) * 4 + ((flags & CONTEXT) >> 3);
    if (key === this.#recentKey) return this.#recent;
    const origin = this.#numbers.get(key) ?? this.#add(key, pid, cpu, flags);
    if (origin >= 0) {
      this.#recentKey = key;
      this.#recent = origin;
    }
    return origin;
  }

  /** The task has another name from now on: later events get an origin of their own. */
  renamed(pid: number): void {
    const first = (pid >>> 0) * 0x4_0000;
    for (const key of this.#numbers.keys()) if (key >= first && key < first + 0x4_0000) this.#numbers.delete(key);
    this.#recentKey = -1;
  }

  #add(key: number, pid: number, cpu: number, flags: number): number {
    if (this.#numbers.size === MAX_ORIGINS) return -1;
    const origin = this.#table.addOrigin({
      comm: this.#commOf(pid),
      pid: pid >>> 0,
      cpu,
      softirq: (flags & TRACE_FLAG_SOFTIRQ) !== 0,
      hardirq: (flags & TRACE_FLAG_HARDIRQ) !== 0,
    });
    this.#numbers.set(key, origin);
    return origin;
  }
}
