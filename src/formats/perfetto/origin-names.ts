import type { EventTableBuilder } from '../../trace/event-table-builder.ts';

/** The origins of one task on one CPU: one for each name that it has. */
export class OriginNames {
  readonly #times: readonly number[];
  readonly #names: readonly string[];
  readonly #pid: number;
  readonly #cpu: number;
  readonly #table: EventTableBuilder;
  readonly #origins = new Map<string, number>();
  #next = 0;
  /** When the origin that `at` gave holds no longer. */
  until = Number.NEGATIVE_INFINITY;
  #origin = -1;

  constructor(
    { times, names }: { readonly times: readonly number[]; readonly names: readonly string[] },
    pid: number,
    cpu: number,
    table: EventTableBuilder,
  ) {
    this.#table = table;
    this.#times = times;
    this.#names = names;
    this.#pid = pid;
    this.#cpu = cpu;
  }

  /** There is an origin, though no event that is kept may have it. */
  addOne(): void {
    if (this.#origins.size === 0) this.at(Number.NEGATIVE_INFINITY);
  }

  /** The origin at a time; times go up, nearly. */
  at(time: number): number {
    return time < this.until ? this.#origin : this.#goTo(time);
  }

  #goTo(time: number): number {
    while (this.#next < this.#times.length && (this.#next === 0 || this.#times[this.#next] <= time)) this.#next++;
    this.until = this.#times[this.#next] ?? Number.POSITIVE_INFINITY;
    const comm = this.#names[this.#next - 1];
    let origin = this.#origins.get(comm);
    if (origin === undefined) {
      origin = this.#table.addOrigin({ comm, pid: this.#pid, cpu: this.#cpu, softirq: false, hardirq: false });
      this.#origins.set(comm, origin);
    }
    this.#origin = origin;
    return origin;
  }
}
