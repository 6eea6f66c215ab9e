import type { Clock } from './clock.ts';
import type { Durations } from './durations.ts';
import { RunQueue, SchedEntity } from './eevdf.ts';
import type { Interrupts } from './interrupts.ts';
import { TreeRcu } from './tree-rcu.ts';
import type { WorkQueue } from './work-queue.ts';

/** MAX_SOFTIRQ_RESTART (kernel/softirq.c); MAX_SOFTIRQ_TIME is a tick or less. */
const MAX_SOFTIRQ_RESTART = 10;
/** kernel/sched/fair.c:sysctl_sched_base_slice of one CPU, in nanoseconds, and the CPUs that it grows with (6.12). */
const BASE_SLICE = 750_000;
const MAX_SCALING_CPUS = 8;

/** What runs on a CPU. */
class CpuTime {
  readonly workload = new SchedEntity();
  readonly ksoftirqd = new SchedEntity();
  readonly worker = new SchedEntity();
  readonly gpKthread = new SchedEntity();
  readonly queue: RunQueue;
  /** A softirq is raised. */
  pending = false;
  ticks = 0;
  /** Up to when the running task's time is accounted. */
  accounted = 0;

  constructor(slice: number) {
    this.queue = new RunQueue(slice, this.workload);
  }
}

/**
 * What a kernel without preemption does beside the workload (6.12, CONFIG_PREEMPT_NONE): ticks and softirqs (kernel/softirq.c),
 * ksoftirqd, the kthread of grace periods and the worker that frees areas, which the scheduler gives the CPU in turn.
 *
 * Softirqs are restarted only as long as nobody is to be scheduled. So ten callbacks may run at a tick, and the rest when
 * ksoftirqd does: before or after the kthread, which ends one grace period and begins the next.
 */
export class Softirqs implements Interrupts {
  readonly rcu: TreeRcu;
  readonly #clock: Clock;
  readonly #durations: Durations;
  readonly #work: WorkQueue;
  readonly #cpus: readonly CpuTime[];
  /** The CPU whose code runs. */
  #cpu = 0;

  constructor(clock: Clock, durations: Durations, work: WorkQueue, cpus: number) {
    this.#clock = clock;
    this.#durations = durations;
    this.#work = work;
    const slice = BASE_SLICE * (1 + Math.floor(Math.log2(Math.min(cpus, MAX_SCALING_CPUS))));
    this.#cpus = Array.from({ length: cpus }, () => new CpuTime(slice));
    this.rcu = new TreeRcu(cpus, () => this.#cpus[0].queue.wake(this.#cpus[0].gpKthread));
    work.whenAdded = () => this.#cpus[this.#cpu].queue.wake(this.#cpus[this.#cpu].worker);
  }

  interruptible(cpu: number): boolean {
    const due = this.#clock.dueTicks();
    for (let tick = 0; tick < due; tick++) this.#onEach((each) => this.#tick(each));
    this.#cpu = cpu;
    this.#account(cpu);
    if (this.#cpus[cpu].queue.needResched) this.#schedule(cpu);
    return due > 0;
  }

  taskSwitch(cpu: number): void {
    this.interruptible(cpu);
    this.#cpus[cpu].queue.replace();
    this.#schedule(cpu);
  }

  #onEach(act: (cpu: number) => void): void {
    for (let cpu = 0; cpu < this.#cpus.length; cpu++) {
      this.#cpu = cpu;
      act(cpu);
      // Other CPUs have nothing else to do.
      if (this.#cpus[cpu].queue.needResched) this.#schedule(cpu);
    }
  }

  /** kernel/sched/fair.c:update_curr */
  #account(cpu: number): void {
    const time = this.#cpus[cpu];
    time.queue.update_curr(this.#clock.now - time.accounted);
    time.accounted = this.#clock.now;
  }

  /** The timer's interrupt; softirqs follow it (kernel/softirq.c:irq_exit_rcu). */
  #tick(cpu: number): void {
    this.#raise(cpu);
    if (this.#cpus[cpu].pending) this.#handle_softirqs(cpu);
  }

  #raise(cpu: number): void {
    const time = this.#cpus[cpu];
    this.#clock.spend(this.#durations.tick);
    time.ticks++;
    this.#account(cpu);
    if (this.rcu.rcu_pending(cpu)) time.pending = true;
  }

  /** Ticks that came while softirqs or kthreads run: softirqs that they raise are seen there. */
  #takeTicks(): void {
    for (let due = this.#clock.dueTicks(); due > 0; due--)
      for (let cpu = 0; cpu < this.#cpus.length; cpu++) this.#raise(cpu);
  }

  /** kernel/softirq.c:handle_softirqs */
  #handle_softirqs(cpu: number): void {
    const time = this.#cpus[cpu];
    const { ticks } = time;
    let restarts = MAX_SOFTIRQ_RESTART;
    do {
      time.pending = this.rcu.rcu_core(cpu);
      this.#account(cpu);
      // rcu_softirq_qs
      if (time.queue.curr === time.ksoftirqd) this.rcu.rcu_qs(cpu);
      this.#takeTicks();
      if (!time.pending) return;
      restarts--;
    } while (time.ticks === ticks && !time.queue.needResched && restarts > 0);
    time.queue.wake(time.ksoftirqd);
  }

  /** kernel/sched/core.c:__schedule, until the workload goes on. */
  #schedule(cpu: number): void {
    const time = this.#cpus[cpu];
    do {
      this.#account(cpu);
      const next = time.queue.schedule();
      this.rcu.rcu_qs(cpu);
      this.#clock.spend(this.#durations.contextSwitch);
      if (next === time.ksoftirqd) this.#run_ksoftirqd(cpu);
      else if (next === time.gpKthread) this.#runGpKthread(cpu);
      else if (next === time.worker) this.#runWorker(cpu);
      // The way back to user mode enables softirqs, and those that are raised run (__local_bh_enable_ip).
      else if (time.pending) this.#handle_softirqs(cpu);
    } while (time.queue.needResched || time.queue.curr !== time.workload);
  }

  #run_ksoftirqd(cpu: number): void {
    const time = this.#cpus[cpu];
    while (time.pending && !time.queue.needResched) this.#handle_softirqs(cpu);
    if (!time.pending) time.queue.sleep();
  }

  #runGpKthread(cpu: number): void {
    const time = this.#cpus[cpu];
    this.#clock.spend(this.#durations.gpKthread);
    this.#account(cpu);
    this.rcu.gpKthread(cpu);
    time.queue.sleep();
  }

  #runWorker(cpu: number): void {
    const time = this.#cpus[cpu];
    while (!time.queue.needResched && this.#work.runOne(cpu)) {
      this.#account(cpu);
      this.#takeTicks();
      if (time.pending) this.#handle_softirqs(cpu);
    }
    if (this.#work.isEmpty) time.queue.sleep();
  }
}
