/** How deep interrupts nest between an event and its stack trace: task, softirq, hardirq, NMI. */
const DEPTH = 4;

/** An event that is not kept: its stack trace belongs to it and is dropped with it. */
export const EVENT_NOT_KEPT = -2;
/** No event waits for a stack. */
export const NO_EVENT = -1;

/**
 * The events of one CPU that may still get their stack trace, latest last.
 *
 * The kernel writes an event and its stack as two entries, and an interrupt may come between them and write entries of
 * its own. So a stack belongs to the latest event in the same context (task and flags) that has none yet; where a
 * format does not always tell contexts apart, as text, to the latest event that has none.
 */
export class PendingStacks {
  readonly #events = new Int32Array(DEPTH);
  readonly #origins = new Int32Array(DEPTH);
  readonly #exact: boolean;
  #count = 0;
  #askedBefore = false;

  /** @param exact whether equal origins are equal contexts: then a stack goes to an event of its own, or to none */
  constructor(exact = false) {
    this.#exact = exact;
  }

  /** How many events may still get a stack. */
  get waiting(): number {
    return this.#count;
  }

  /**
   * Whether some stack would have gone to an event from before the first that is known here, had there been one that
   * waited. Where this is false, what came before makes no difference.
   */
  get askedBefore(): boolean {
    return this.#askedBefore;
  }

  push(event: number, origin: number): void {
    if (this.#count > 0 && this.#origins[this.#count - 1] === origin) {
      // The same context went on without a stack for its event before: none will come any more.
      this.#events[this.#count - 1] = event;
      return;
    }
    if (this.#count === DEPTH) {
      this.#events.copyWithin(0, 1);
      this.#origins.copyWithin(0, 1);
      this.#count--;
    }
    this.#events[this.#count] = event;
    this.#origins[this.#count] = origin;
    this.#count++;
  }

  /** Takes the event that a stack trace in context `origin` belongs to. */
  take(origin: number): number {
    if (this.#count === 0) {
      this.#askedBefore = true;
      return NO_EVENT;
    }
    let at = this.#count - 1;
    while (at > 0 && this.#origins[at] !== origin) at--;
    if (this.#origins[at] !== origin) {
      this.#askedBefore = true;
      if (this.#exact) return NO_EVENT;
      at = this.#count - 1;
    }
    const event = this.#events[at];
    // What was pushed after it belongs to interrupts that have ended.
    this.#count = at;
    return event;
  }

  /** Entries were lost: what comes next belongs to none of these events. */
  clear(): void {
    this.#count = 0;
  }
}
