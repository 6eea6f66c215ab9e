/**
 * Numbers that look random and depend on the seed alone: xoshiro128** (Blackman and Vigna, 2018), its state filled from
 * the seed by splitmix32. Everything in the model that a real machine leaves to chance draws from one of these, so that
 * the same seed gives the same run.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed any whole number; only its lower 32 bits count */
  constructor(seed: number) {
    let state = seed | 0;
    // splitmix32
    const word = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    this.#a = word();
    this.#b = word();
    this.#c = word();
    this.#d = word();
  }

  /** A number from 0 to 2^32 − 1. */
  nextUint32(): number {
    const scaled = Math.imul(this.#b, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** A whole number from 0 to `limit` − 1, each as likely; `limit` from 1 to 2^20. */
  below(limit: number): number {
    // The upper half of the product (Lemire, 2019). Only where the lower half is small could a number come too often, and
    // only there the remainder, which is slow, is looked at.
    let product = this.nextUint32() * limit;
    let lower = product >>> 0;
    if (lower < limit) {
      const least = 0x1_0000_0000 % limit;
      while (lower < least) {
        product = this.nextUint32() * limit;
        lower = product >>> 0;
      }
    }
    return (product - lower) / 0x1_0000_0000;
  }
}
