/** What is called back after a grace period (include/linux/rcupdate.h: call_rcu). */
export interface RcuHead {
  /** @param cpu where it is called, in softirq context */
  rcuCallback(cpu: number): void;
}

/** Read-copy-update, for those who queue callbacks. */
export interface Rcu {
  /** kernel/rcu/tree.c:call_rcu. */
  call_rcu(cpu: number, head: RcuHead): void;
  /** Callbacks that have not been invoked. */
  readonly pending: number;
}

/** The callbacks of one CPU (kernel/rcu/rcu_segcblist.c): those of the grace period that runs, and those of the next. */
class CallbackList {
  waiting: RcuHead[] = [];
  next: RcuHead[] = [];
}

/**
 * RCU on a busy machine (kernel/rcu/tree.c, 7.3). Its grace periods follow one another: one begins right after a tick has
 * invoked callbacks, with everything that is queued by then, and has ended by the next tick, since in between every CPU
 * schedules or runs user code. So what is queued between two ticks waits for the second one after it, and what a callback
 * queues waits for the next: in the traces of the oracle this holds for each callback.
 */
export class TickRcu implements Rcu {
  readonly #cpus: readonly CallbackList[];

  constructor(cpus: number) {
    this.#cpus = Array.from({ length: cpus }, () => new CallbackList());
  }

  call_rcu(cpu: number, head: RcuHead): void {
    this.#cpus[cpu].next.push(head);
  }

  get pending(): number {
    return this.#cpus.reduce((sum, { waiting, next }) => sum + waiting.length + next.length, 0);
  }

  /** kernel/rcu/tree.c:rcu_core, from a tick: invokes what a grace period has passed for, and begins another. */
  rcu_core(cpu: number): void {
    const list = this.#cpus[cpu];
    const done = list.waiting;
    list.waiting = [];
    for (const head of done) head.rcuCallback(cpu);
    list.waiting = list.next;
    list.next = done;
    done.length = 0;
  }
}
