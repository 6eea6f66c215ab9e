/** `struct sched_entity` of a task of nice 0, in virtual nanoseconds. */
export class SchedEntity {
  vruntime = 0;
  deadline = 0;
  /** How far it was behind the average when it went to sleep; what it was owed then is given back when it wakes. */
  vlag = 0;
  /** Its deadline when it was picked (RUN_TO_PARITY); undefined where it was not. */
  pickedDeadline: number | undefined;
  queued = false;
  /** It sleeps, but stays queued until it is owed nothing (DELAY_DEQUEUE). */
  delayed = false;
}

/**
 * The fair run queue of a CPU (kernel/sched/fair.c, EEVDF as in 6.12), for tasks of equal weight. Of those that are owed time
 * the one with the earliest deadline runs.
 */
export class RunQueue {
  curr: SchedEntity;
  /** TIF_NEED_RESCHED */
  needResched = false;
  readonly #slice: number;
  readonly #queued: SchedEntity[] = [];

  /**
   * @param slice base_slice_ns
   * @param first what runs
   */
  constructor(slice: number, first: SchedEntity) {
    this.#slice = slice;
    this.curr = first;
    this.#enqueue(first);
    first.deadline = slice;
    first.pickedDeadline = slice;
  }

  /** kernel/sched/fair.c:update_curr, after so many nanoseconds. */
  update_curr(nanoseconds: number): void {
    const { curr } = this;
    curr.vruntime += nanoseconds;
    const ended = curr.vruntime >= curr.deadline;
    if (ended) curr.deadline = curr.vruntime + this.#slice;
    if (this.#queued.length === 1) return;
    // did_preempt_short: what has lost its protection runs only while it is owed time.
    const unprotected = curr.pickedDeadline !== curr.deadline && !this.#isEligible(curr);
    if (ended || unprotected) this.needResched = true;
  }

  /** kernel/sched/core.c:try_to_wake_up, and check_preempt_wakeup_fair. */
  wake(entity: SchedEntity): void {
    if (entity.queued && !entity.delayed) return;
    if (entity.delayed) this.#requeue_delayed_entity(entity);
    else this.#place(entity);
    if (!this.needResched && this.#pick_eevdf() === entity) this.needResched = true;
  }

  /** The running task goes to sleep. */
  sleep(): void {
    const { curr } = this;
    if (this.#isEligible(curr)) this.#dequeue(curr);
    else curr.delayed = true;
  }

  /** Another task of the same kind goes on in place of the running one, which sleeps or has ended. It is owed nothing. */
  replace(): void {
    const { curr } = this;
    this.#dequeue(curr);
    curr.vlag = 0;
    this.#place(curr);
  }

  /** kernel/sched/core.c:__schedule */
  schedule(): SchedEntity {
    let next = this.#pick_eevdf();
    while (next.delayed) {
      this.#dequeue(next);
      next = this.#pick_eevdf();
    }
    this.needResched = false;
    if (next !== this.curr) next.pickedDeadline = next.deadline;
    this.curr = next;
    return next;
  }

  /** avg_vruntime */
  #average(): number {
    let sum = 0;
    for (const { vruntime } of this.#queued) sum += vruntime;
    return this.#queued.length === 0 ? this.curr.vruntime : sum / this.#queued.length;
  }

  #isEligible({ vruntime }: SchedEntity): boolean {
    return vruntime <= this.#average();
  }

  #pick_eevdf(): SchedEntity {
    const { curr } = this;
    const average = this.#average();
    const mayStay = curr.queued && !curr.delayed && curr.vruntime <= average;
    if (mayStay && curr.pickedDeadline === curr.deadline) return curr;
    let best: SchedEntity | undefined;
    for (const entity of this.#queued)
      if (entity.vruntime <= average && (best === undefined || entity.deadline < best.deadline)) best = entity;
    // Rounding may leave nobody at or below the average of equal ones.
    return best ?? this.#queued[0];
  }

  #place(entity: SchedEntity): void {
    const others = this.#queued.length;
    const average = this.#average();
    // Joining moves the average towards it: it is placed so that it is owed as much afterwards.
    const lag = others === 0 ? 0 : (entity.vlag * (others + 1)) / others;
    entity.vruntime = average - lag;
    entity.deadline = entity.vruntime + this.#slice;
    entity.pickedDeadline = undefined;
    this.#enqueue(entity);
  }

  #requeue_delayed_entity(entity: SchedEntity): void {
    entity.delayed = false;
    if (entity.vruntime >= this.#average()) return;
    // DELAY_ZERO: what it would be owed by now is forgotten.
    this.#dequeue(entity);
    entity.vlag = 0;
    this.#place(entity);
  }

  #enqueue(entity: SchedEntity): void {
    entity.queued = true;
    this.#queued.push(entity);
  }

  #dequeue(entity: SchedEntity): void {
    const lag = Math.max(-this.#slice, Math.min(this.#slice, this.#average() - entity.vruntime));
    entity.vlag = entity.delayed ? Math.min(lag, 0) : lag;
    entity.delayed = false;
    entity.queued = false;
    this.#queued.splice(this.#queued.indexOf(entity), 1);
  }
}
