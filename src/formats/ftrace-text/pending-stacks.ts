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
 * its own. So a stack belongs to the latest event in the same context (task and flags) that has none yet; where the
 * text does not tell contexts apart, to the latest event that has none.
 */
export class PendingStacks {
  readonly #events = new Int32Array(DEPTH);
  readonly #origins = new Int32Array(DEPTH);
  #count = 0;

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
    if (this.#count === 0) return NO_EVENT;
    let at = this.#count - 1;
    while (at > 0 && this.#origins[at] !== origin) at--;
    if (this.#origins[at] !== origin) at = this.#count - 1;
    const event = this.#events[at];
    // What was pushed after it belongs to interrupts that have ended.
    this.#count = at;
    return event;
  }
}
