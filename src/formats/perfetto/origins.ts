import { U64Map } from '../../base/u64-map.ts';
import type { EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { CpuStream } from './cpu-stream.ts';
import { OriginNames } from './origin-names.ts';
import type { TaskNames } from './task-names.ts';

/** Distinct tasks on CPUs: far more than real traces have. */
export const MAX_ORIGINS = 1 << 20;

/** Which tasks ran on which CPUs. What they are called is found when all events are read. */
export class Origins {
  readonly #numbers = new U64Map();
  readonly #pids: number[] = [];
  readonly #cpus: number[] = [];

  /** The number of a task on the CPU of a stream, or −1 if there is no room for it. */
  number(pid: number, stream: CpuStream): number {
    if (pid === stream.lastPid) return stream.lastOrigin;
    let origin = this.#numbers.get(stream.cpu, pid);
    if (origin < 0) {
      if (this.#pids.length >= MAX_ORIGINS) return -1;
      origin = this.#pids.push(pid) - 1;
      this.#cpus.push(stream.cpu);
      this.#numbers.set(stream.cpu, pid, origin);
    }
    stream.lastPid = pid;
    stream.lastOrigin = origin;
    return origin;
  }

  /** The names of each, by number. */
  names(tasks: TaskNames, table: EventTableBuilder): readonly OriginNames[] {
    return this.#pids.map((pid, origin) => new OriginNames(tasks.of(pid), pid, this.#cpus[origin], table));
  }
}
