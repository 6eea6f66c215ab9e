/** A small generator of numbers that depend on nothing but the seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to 2^32 − 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number {
    return limit > 0 ? Math.floor((this.next() / 0x1_0000_0000) * limit) : 0;
  }

  chance(part: number): boolean {
    return this.below(1000) < part * 1000;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}
