/** HZ of the kernels that the durations were measured on; a period in nanoseconds. */
export const HZ = 250;
const TICK_NS = 1e9 / HZ;

/**
 * Time in the model, in nanoseconds since it began. Work makes it pass by `spend`; ticks are due at fixed times and are
 * taken where the kernel could be interrupted, at `interruptible`.
 */
export class Clock {
  now = 0;
  #nextTick: number;

  /** @param phase of the ticks: how much of a period has passed when time begins, from 0 to less than 1 */
  constructor(phase = 0) {
    this.#nextTick = TICK_NS * (1 - phase);
  }

  spend(nanoseconds: number): void {
    this.now += nanoseconds;
  }

  /** How many ticks became due since this was last asked. */
  dueTicks(): number {
    let ticks = 0;
    while (this.now >= this.#nextTick) {
      this.#nextTick += TICK_NS;
      ticks++;
    }
    return ticks;
  }

  /** Nothing is left to do until the next tick. */
  idle(): void {
    this.now = this.#nextTick;
  }
}
