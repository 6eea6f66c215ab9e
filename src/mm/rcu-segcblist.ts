import type { RcuHead } from './rcu.ts';

/** Callbacks that wait for the same grace period. */
interface Segment {
  /** How many grace periods must have ended in all. */
  needed: number;
  callbacks: RcuHead[];
}

/**
 * The callbacks of a CPU by the grace period that they wait for (kernel/rcu/rcu_segcblist.c): those that may be invoked, two
 * lists that have been given one, and those that came since.
 */
export class RcuSegcblist {
  #done: RcuHead[] = [];
  #invoked = 0;
  /** RCU_WAIT_TAIL and RCU_NEXT_READY_TAIL. */
  readonly #waiting: Segment[] = [];
  #next: RcuHead[] = [];

  get length(): number {
    return this.ready + this.#waiting.reduce((sum, { callbacks }) => sum + callbacks.length, 0) + this.#next.length;
  }

  /** rcu_segcblist_ready_cbs: how many may be invoked. */
  get ready(): number {
    return this.#done.length - this.#invoked;
  }

  /** rcu_segcblist_pend_cbs: some wait. */
  get isPending(): boolean {
    return this.#waiting.length > 0 || this.#next.length > 0;
  }

  /** Some have not been given a grace period. */
  get hasNew(): boolean {
    return this.#next.length > 0;
  }

  enqueue(head: RcuHead): void {
    this.#next.push(head);
  }

  /** The next of those that may be invoked. */
  dequeue(): RcuHead | undefined {
    const head = this.#done.at(this.#invoked);
    if (head === undefined) return undefined;
    this.#invoked++;
    if (this.#invoked === this.#done.length) {
      this.#done = [];
      this.#invoked = 0;
    }
    return head;
  }

  /** rcu_segcblist_advance: what waited for no more than so many grace periods may be invoked. */
  advance(ended: number): void {
    while (this.#waiting.length > 0 && this.#waiting[0].needed <= ended) {
      const [{ callbacks }] = this.#waiting.splice(0, 1);
      this.#done = this.#done.length === 0 ? callbacks : [...this.#done, ...callbacks];
    }
  }

  /**
   * rcu_segcblist_accelerate: all that came since wait for so many grace periods. What is to wait longer anyway waits no longer
   * than they; with both lists taken by earlier ones they are left as they are.
   *
   * @returns whether somebody has to see to it that the grace period happens
   */
  accelerate(needed: number): boolean {
    if (!this.isPending) return false;
    const later = this.#waiting.findIndex((segment) => segment.needed >= needed);
    const at = later < 0 ? this.#waiting.length : later;
    if (at === this.#waiting.length && this.#next.length === 0) return false;
    if (at >= 2) return false;
    const callbacks = [...this.#waiting.slice(at).flatMap((segment) => segment.callbacks), ...this.#next];
    this.#waiting.splice(at, this.#waiting.length - at, { needed, callbacks });
    this.#next = [];
    return true;
  }
}
