import type { Rcu, RcuHead } from './rcu.ts';
import { RcuSegcblist } from './rcu-segcblist.ts';

/** DEFAULT_RCU_BLIMIT, and how much of what is ready is invoked at once where that is more (rcu_divisor: a 128th). */
const BLIMIT = 10;
const RCU_DIVISOR = 7;

/** `struct rcu_data` of a CPU. */
class RcuData {
  readonly cblist = new RcuSegcblist();
  /** The grace period that it knows of, and whether that had begun only. */
  gpSeq = 0;
  coreNeedsQs = false;
  /** It has not passed through a quiescent state in it. */
  noQs = false;
}

/**
 * RCU without preemption (kernel/rcu/tree.c, 6.12, CONFIG_PREEMPT_NONE), step by step: a CPU notices grace periods, reports its
 * quiescent states and invokes at most ten callbacks at a time in rcu_core; a kthread begins and ends grace periods.
 */
export class TreeRcu implements Rcu {
  readonly #cpus: readonly RcuData[];
  readonly #wakeKthread: () => void;
  /** Twice the grace periods that have ended, and one more while one runs (rcu_seq). */
  #gpSeq = 0;
  /** The last one that somebody asked for. */
  #needed = 0;
  /** CPUs that the one that runs waits for. */
  readonly #qsmask = new Set<number>();
  #shouldBegin = false;

  /** @param wakeKthread rcu_gp_kthread_wake */
  constructor(cpus: number, wakeKthread: () => void) {
    this.#cpus = Array.from({ length: cpus }, () => new RcuData());
    this.#wakeKthread = wakeKthread;
  }

  call_rcu(cpu: number, head: RcuHead): void {
    this.#cpus[cpu].cblist.enqueue(head);
  }

  get pending(): number {
    return this.#cpus.reduce((sum, { cblist }) => sum + cblist.length, 0);
  }

  /** Grace periods that have ended. */
  get ended(): number {
    return this.#gpSeq >> 1;
  }

  get #isRunning(): boolean {
    return (this.#gpSeq & 1) === 1;
  }

  /** kernel/rcu/tree_plugin.h:rcu_qs: the CPU schedules, runs user code, or has ended a round of softirqs in ksoftirqd. */
  rcu_qs(cpu: number): void {
    this.#cpus[cpu].noQs = false;
  }

  /** kernel/rcu/tree.c:rcu_pending, asked at each tick: there is something for rcu_core to do. */
  rcu_pending(cpu: number): boolean {
    const data = this.#cpus[cpu];
    return (
      (this.#isRunning && data.coreNeedsQs && !data.noQs) ||
      data.cblist.ready > 0 ||
      (!this.#isRunning && data.cblist.hasNew) ||
      data.gpSeq !== this.#gpSeq
    );
  }

  /** kernel/rcu/tree.c:rcu_core. @returns whether there are callbacks left that may be invoked: then softirqs are raised again */
  rcu_core(cpu: number): boolean {
    const data = this.#cpus[cpu];
    this.#rcu_check_quiescent_state(cpu, data);
    if (!this.#isRunning && data.cblist.hasNew && this.#rcu_accelerate_cbs(data)) this.#wakeKthread();
    if (data.cblist.ready === 0) return false;
    this.#rcu_do_batch(cpu, data);
    return data.cblist.ready > 0;
  }

  /** What the kthread does when it runs (rcu_gp_kthread), until it has to wait again. @param cpu where */
  gpKthread(cpu: number): void {
    if (this.#isRunning && this.#qsmask.size === 0) this.#rcu_gp_cleanup(cpu);
    if (!this.#isRunning && this.#shouldBegin) this.#rcu_gp_init(cpu);
  }

  #rcu_check_quiescent_state(cpu: number, data: RcuData): void {
    if (data.gpSeq !== this.#gpSeq && this.#note_gp_changes(cpu, data)) this.#wakeKthread();
    if (!data.coreNeedsQs || data.noQs) return;
    // rcu_report_qs_rdp: this one cannot end before, so all that is queued by now can wait for the next.
    data.coreNeedsQs = false;
    this.#rcu_accelerate_cbs(data);
    this.#qsmask.delete(cpu);
    if (this.#qsmask.size === 0) this.#wakeKthread();
  }

  #rcu_do_batch(cpu: number, { cblist }: RcuData): void {
    const limit = Math.max(BLIMIT, cblist.ready >> RCU_DIVISOR);
    for (let count = 0; count < limit; count++) {
      const head = cblist.dequeue();
      if (head === undefined) return;
      head.rcuCallback(cpu);
    }
  }

  /** __note_gp_changes. @returns whether the kthread has to be woken */
  #note_gp_changes(cpu: number, data: RcuData): boolean {
    const ended = this.#gpSeq >> 1 > data.gpSeq >> 1;
    if (ended) data.cblist.advance(this.ended);
    const wake = this.#rcu_accelerate_cbs(data);
    const begun = this.#isRunning && data.gpSeq !== this.#gpSeq;
    if (ended || begun) {
      data.coreNeedsQs = begun && this.#qsmask.has(cpu);
      data.noQs = data.coreNeedsQs;
    }
    data.gpSeq = this.#gpSeq;
    return wake;
  }

  /** @returns whether the kthread has to be woken to begin a grace period */
  #rcu_accelerate_cbs({ cblist }: RcuData): boolean {
    // rcu_seq_snap: a whole grace period from now on.
    const needed = this.ended + (this.#isRunning ? 2 : 1);
    if (!cblist.accelerate(needed)) return false;
    // rcu_start_this_gp
    this.#needed = Math.max(this.#needed, needed);
    if (this.#isRunning || this.#shouldBegin) return false;
    this.#shouldBegin = true;
    return true;
  }

  #rcu_gp_init(cpu: number): void {
    this.#shouldBegin = false;
    this.#gpSeq++;
    for (let each = 0; each < this.#cpus.length; each++) this.#qsmask.add(each);
    this.#note_gp_changes(cpu, this.#cpus[cpu]);
  }

  #rcu_gp_cleanup(cpu: number): void {
    this.#gpSeq++;
    this.#note_gp_changes(cpu, this.#cpus[cpu]);
    if (this.#needed > this.ended) this.#shouldBegin = true;
  }
}
