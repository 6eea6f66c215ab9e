import type { EventTableBuilder } from '../../trace/event-table-builder.ts';

// kernel/trace/trace.h, enum trace_flag_type: bits of `common_flags`.
const TRACE_FLAG_HARDIRQ = 0x08;
const TRACE_FLAG_SOFTIRQ = 0x10;
const CONTEXT = TRACE_FLAG_HARDIRQ | TRACE_FLAG_SOFTIRQ;

/** CPUs are below this. */
const MAX_CPUS = 0x1_0000;
/** More tasks and CPUs than any trace has. */
const MAX_ORIGINS = 1 << 20;

/** The origins of events that say pid, CPU and flags by number. */
export class Origins {
  readonly #table: EventTableBuilder;
  readonly #commOf: (pid: number) => string;
  /** By pid, then by CPU and context. */
  readonly #tasks = new Map<number, Map<number, number>>();
  /** What was found last on each CPU: pid, context and origin. */
  readonly #recentPid = new Int32Array(MAX_CPUS).fill(-1);
  readonly #recentContext = new Uint8Array(MAX_CPUS);
  readonly #recentOrigin = new Int32Array(MAX_CPUS);
  #count = 0;
  #cpus = 0;

  /** @param commOf the name of a task, asked once for each of its origins */
  constructor(table: EventTableBuilder, commOf: (pid: number) => string) {
    this.#table = table;
    this.#commOf = commOf;
  }

  /**
   * The origin of an event, or −1 if there are too many.
   *
   * @param pid as a number with sign
   * @param cpu below 65,536
   * @param flags `common_flags`, which say whether an interrupt was being served
   */
  find(pid: number, cpu: number, flags: number): number {
    const context = flags & CONTEXT;
    if (this.#recentPid[cpu] === pid && this.#recentContext[cpu] === context) return this.#recentOrigin[cpu];
    let task = this.#tasks.get(pid);
    if (task === undefined) this.#tasks.set(pid, (task = new Map()));
    const origin = task.get(cpu * (CONTEXT + 1) + context) ?? this.#add(task, pid, cpu, context);
    // No task has pid −1, which stands for none.
    if (origin >= 0 && pid >= 0) {
      this.#recentPid[cpu] = pid;
      this.#recentContext[cpu] = context;
      this.#recentOrigin[cpu] = origin;
    }
    return origin;
  }

  /** The task has another name from now on: later events get an origin of their own. */
  renamed(pid: number): void {
    this.#tasks.delete(pid);
    for (let cpu = 0; cpu < this.#cpus; cpu++) if (this.#recentPid[cpu] === pid) this.#recentPid[cpu] = -1;
  }

  #add(task: Map<number, number>, pid: number, cpu: number, context: number): number {
    if (this.#count === MAX_ORIGINS) return -1;
    this.#count++;
    this.#cpus = Math.max(this.#cpus, cpu + 1);
    const origin = this.#table.addOrigin({
      comm: this.#commOf(pid),
      pid: pid >>> 0,
      cpu,
      softirq: (context & TRACE_FLAG_SOFTIRQ) !== 0,
      hardirq: (context & TRACE_FLAG_HARDIRQ) !== 0,
    });
    task.set(cpu * (CONTEXT + 1) + context, origin);
    return origin;
  }
}
