const EMPTY = -1;

/**
 * A map from 64-bit keys, given as two 32-bit halves with or without sign, to a non-negative 32-bit number.
 *
 * Open addressing with linear probing; deletion shifts later entries back, so that a table through which millions of
 * short lifetimes pass keeps no tombstones. Twelve bytes a slot.
 */
export class U64Map {
  #hi = new Int32Array(1 << 10);
  #lo = new Int32Array(1 << 10);
  #values = new Int32Array(1 << 10).fill(EMPTY);
  #mask = (1 << 10) - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value of a key, or −1. */
  get(upper: number, lower: number): number {
    const hi = upper | 0;
    const lo = lower | 0;
    let slot = slotOf(hi, lo) & this.#mask;
    for (;;) {
      const value = this.#values[slot];
      if (value === EMPTY || (this.#lo[slot] === lo && this.#hi[slot] === hi)) return value;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** The value of a key; if it has none, it gets this one (≥ 0), and −1 is returned. */
  setIfNew(upper: number, lower: number, value: number): number {
    const known = this.get(upper, lower);
    if (known === EMPTY) this.set(upper, lower, value);
    return known;
  }

  /** Sets the value (≥ 0) of a key and returns the value that it had, or −1. */
  set(upper: number, lower: number, value: number): number {
    const hi = upper | 0;
    const lo = lower | 0;
    let slot = slotOf(hi, lo) & this.#mask;
    for (;;) {
      const old = this.#values[slot];
      if (old === EMPTY) break;
      if (this.#lo[slot] === lo && this.#hi[slot] === hi) {
        this.#values[slot] = value;
        return old;
      }
      slot = (slot + 1) & this.#mask;
    }
    this.#hi[slot] = hi;
    this.#lo[slot] = lo;
    this.#values[slot] = value;
    if (++this.#size * 3 > this.#values.length * 2) this.#grow();
    return EMPTY;
  }

  /** Removes a key and returns the value that it had, or −1. */
  delete(upper: number, lower: number): number {
    const hi = upper | 0;
    const lo = lower | 0;
    let slot = slotOf(hi, lo) & this.#mask;
    let value: number;
    for (;;) {
      value = this.#values[slot];
      if (value === EMPTY) return EMPTY;
      if (this.#lo[slot] === lo && this.#hi[slot] === hi) break;
      slot = (slot + 1) & this.#mask;
    }
    this.#size--;
    let hole = slot;
    for (;;) {
      slot = (slot + 1) & this.#mask;
      if (this.#values[slot] === EMPTY) break;
      const home = slotOf(this.#hi[slot], this.#lo[slot]) & this.#mask;
      // An entry may move back into the hole only if the hole lies between its home and where it is now.
      if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue;
      this.#hi[hole] = this.#hi[slot];
      this.#lo[hole] = this.#lo[slot];
      this.#values[hole] = this.#values[slot];
      hole = slot;
    }
    this.#values[hole] = EMPTY;
    return value;
  }

  /** Calls `visit` for each value and its key (halves with sign), in an order that depends only on the operations made. */
  forEach(visit: (value: number, hi: number, lo: number) => void): void {
    for (let slot = 0; slot < this.#values.length; slot++) {
      const value = this.#values[slot];
      if (value !== EMPTY) visit(value, this.#hi[slot], this.#lo[slot]);
    }
  }

  #grow(): void {
    const hi = this.#hi;
    const lo = this.#lo;
    const values = this.#values;
    const capacity = values.length * 2;
    this.#hi = new Int32Array(capacity);
    this.#lo = new Int32Array(capacity);
    this.#values = new Int32Array(capacity).fill(EMPTY);
    this.#mask = capacity - 1;
    for (let old = 0; old < values.length; old++) {
      if (values[old] === EMPTY) continue;
      let slot = slotOf(hi[old], lo[old]) & this.#mask;
      while (this.#values[slot] !== EMPTY) slot = (slot + 1) & this.#mask;
      this.#hi[slot] = hi[old];
      this.#lo[slot] = lo[old];
      this.#values[slot] = values[old];
    }
  }
}

function slotOf(hi: number, lo: number): number {
  let hash = Math.imul(lo ^ Math.imul(hi, 0x9e3779b1), 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
