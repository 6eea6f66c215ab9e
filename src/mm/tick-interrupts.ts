import type { Clock } from './clock.ts';
import type { Durations } from './durations.ts';
import type { Interrupts } from './interrupts.ts';
import { TickRcu } from './rcu.ts';
import type { WorkQueue } from './work-queue.ts';

/**
 * Interrupts of a kernel with lazy preemption (7.3): softirqs are restarted though somebody waits to be scheduled, so that a tick
 * invokes all callbacks that are ready; kthreads and workers run right after.
 */
export class TickInterrupts implements Interrupts {
  readonly rcu: TickRcu;
  readonly #clock: Clock;
  readonly #durations: Durations;
  readonly #work: WorkQueue;
  readonly #cpus: number;

  constructor(clock: Clock, durations: Durations, work: WorkQueue, cpus: number) {
    this.#clock = clock;
    this.#durations = durations;
    this.#work = work;
    this.#cpus = cpus;
    this.rcu = new TickRcu(cpus);
  }

  interruptible(cpu: number): boolean {
    const due = this.#clock.dueTicks();
    for (let ticks = due; ticks > 0; ticks--) {
      this.#clock.spend(this.#durations.tick);
      for (let each = 0; each < this.#cpus; each++) this.rcu.rcu_core(each);
    }
    this.#work.run(cpu);
    return due > 0;
  }

  taskSwitch(): void {}
}
