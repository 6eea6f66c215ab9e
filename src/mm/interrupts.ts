import type { Rcu } from './rcu.ts';

/** What takes the CPU from the workload: ticks, softirqs, and tasks of the kernel's own. */
export interface Interrupts {
  readonly rcu: Rcu;
  /** The workload is where it can be interrupted, and gives way. @returns whether there was a tick */
  interruptible(cpu: number): boolean;
  /** The task that ran sleeps or has ended, and another one of the workload goes on. */
  taskSwitch(cpu: number): void;
}
