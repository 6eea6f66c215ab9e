/** What `intern` gives for a new key when there is no room for it. */
export const FULL = -0x8000_0000;

/** How much an interner holds. Input from strangers may have nothing that repeats. */
export interface InternerLimits {
  readonly keys: number;
  readonly bytes: number;
}

/** The runs that an interner knows, by number, as plain data: for an interner of another thread. */
export interface InternedRuns {
  readonly count: number;
  /** Of each run where it begins in `bytes`. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** Of each run four numbers: salt, length of the first part, length of the second, hash. */
  readonly keys: Int32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** There was no room for some run. */
  readonly isFull: boolean;
}

/** The bytes of a run that has one part. */
export const runOf = ({ bytes, starts, keys }: InternedRuns, number: number): Uint8Array =>
  bytes.subarray(starts[number], starts[number] + keys[(number << 2) + 1]);

const NO_LIMITS: InternerLimits = { keys: 1 << 28, bytes: 0xffff_ffff };

/**
 * Gives each distinct run of bytes a small number, without making a string of it.
 *
 * Trace text repeats itself: the same call site, flags and stack stand in it thousands of times. Interning the bytes
 * means that each distinct piece is decoded once, and that a repeated one costs a hash and a comparison.
 */
export class ByteInterner {
  readonly #limits: InternerLimits;
  #arena = new Uint8Array(1 << 16);
  #arenaView = new DataView(this.#arena.buffer);
  #arenaUsed = 0;
  #starts = new Uint32Array(1 << 10);
  /** Of each key: salt, length of the first run, length of the second, hash. */
  #keys = new Int32Array(1 << 12);
  #slots = new Int32Array(1 << 11).fill(-1);
  #count = 0;
  /** The number that was found last. */
  #last = -1;
  #isFull = false;
  /** Of each number the one that was found after it the last time: what a kernel does it does again, in the same order. */
  #next = new Int32Array(1 << 10);

  constructor(limits = NO_LIMITS) {
    this.#limits = limits;
  }

  /** How many distinct runs there are; their numbers are 0 … size − 1, in order of first appearance. */
  get size(): number {
    return this.#count;
  }

  /** The number of the run `data[start, end)`, and whether it is new: `number` if seen before, `~number` if new, or `FULL`. */
  intern(data: Uint8Array, view: DataView, start: number, end: number): number {
    return this.intern2(data, view, start, end, end, end, 0);
  }

  /**
   * As `intern`, for the key made of a small number and two runs. Keys that differ in where the first run ends are
   * different keys.
   */
  intern2(
    data: Uint8Array,
    view: DataView,
    start1: number,
    end1: number,
    start2: number,
    end2: number,
    salt: number,
  ): number {
    const length1 = end1 - start1;
    const length2 = end2 - start2;
    const recent = this.#last;
    if (recent >= 0) {
      const expected = this.#next[recent];
      if (this.#isKey(expected, view, start1, length1, start2, length2, salt)) {
        this.#last = expected;
        return expected;
      }
    }
    const hash = hash2(view, start1, end1, start2, end2, salt);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const id = this.#slots[slot];
      if (id < 0) break;
      if (this.#keys[(id << 2) + 3] === hash && this.#isKey(id, view, start1, length1, start2, length2, salt)) {
        if (recent >= 0) this.#next[recent] = id;
        this.#last = id;
        return id;
      }
      slot = (slot + 1) & mask;
    }
    if (this.#count >= this.#limits.keys || this.#arenaUsed + length1 + length2 > this.#limits.bytes) {
      this.#isFull = true;
      return FULL;
    }
    const id = this.#add(data, start1, end1, start2, end2);
    if (recent >= 0) this.#next[recent] = id;
    // Nothing is known yet of what follows; a run often repeats at once.
    this.#next[id] = id;
    this.#last = id;
    this.#keys.set([salt, length1, length2, hash], id << 2);
    this.#slots[slot] = id;
    if (this.#count * 2 > this.#slots.length) this.#rehash();
    return ~id;
  }

  /**
   * Whether the run that was found last stands at `start` once more: its length, or −1. What follows it may tell that it
   * goes on, and is another run.
   */
  lastAt(view: DataView, start: number, end: number): number {
    if (this.#last < 0) return -1;
    const length = this.#keys[(this.#last << 2) + 1];
    if (start + length > end) return -1;
    return equalRun(view, start, this.#arenaView, this.#starts[this.#last], length) ? length : -1;
  }

  /** The number of the key made of a small number and the run `[start, end)`, or −1 if it has not been met. */
  find(view: DataView, start: number, end: number, salt: number): number {
    const length = end - start;
    const recent = this.#last;
    if (recent < 0) return -1;
    const expected = this.#next[recent];
    if (this.#isRun(expected, view, start, length, salt)) {
      this.#last = expected;
      return expected;
    }
    const hash = hash2(view, start, end, end, end, salt);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const id = this.#slots[slot];
      if (id < 0) return -1;
      if (this.#keys[(id << 2) + 3] === hash && this.#isRun(id, view, start, length, salt)) {
        this.#next[recent] = id;
        this.#last = id;
        return id;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** All runs, copied. */
  runs(): InternedRuns {
    return {
      count: this.#count,
      starts: this.#starts.slice(0, this.#count),
      keys: this.#keys.slice(0, this.#count << 2),
      bytes: this.#arena.slice(0, this.#arenaUsed),
      isFull: this.#isFull,
    };
  }

  /** Whether there is room for all runs of others, even if they have none in common, and none of them was full. */
  hasRoomFor(others: readonly InternedRuns[]): boolean {
    const keys = others.reduce((sum, { count }) => sum + count, this.#count);
    const bytes = others.reduce((sum, other) => sum + other.bytes.length, this.#arenaUsed);
    const isAnyFull = this.#isFull || others.some(({ isFull }) => isFull);
    return !isAnyFull && keys <= this.#limits.keys && bytes <= this.#limits.bytes;
  }

  /** Interns all runs of another, in their order, and gives the number of each. There must be room for them. */
  internAll({ count, starts, keys, bytes }: InternedRuns): Int32Array {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const numbers = new Int32Array(count);
    for (let id = 0; id < count; id++) {
      const [salt, length1, length2] = keys.subarray(id << 2);
      const middle = starts[id] + length1;
      const number = this.intern2(bytes, view, starts[id], middle, middle, middle + length2, salt);
      numbers[id] = number >= 0 ? number : ~number;
    }
    return numbers;
  }

  /** The number of the run that was found last, or −1. */
  get last(): number {
    return this.#last;
  }

  #isRun(id: number, view: DataView, start: number, length: number, salt: number): boolean {
    const key = id << 2;
    if (this.#keys[key] !== salt || this.#keys[key + 1] !== length || this.#keys[key + 2] !== 0) return false;
    return equalRun(view, start, this.#arenaView, this.#starts[id], length);
  }

  #isKey(
    id: number,
    view: DataView,
    start1: number,
    length1: number,
    start2: number,
    length2: number,
    salt: number,
  ): boolean {
    const key = id << 2;
    if (this.#keys[key] !== salt || this.#keys[key + 1] !== length1 || this.#keys[key + 2] !== length2) return false;
    const at = this.#starts[id];
    return (
      equalRun(view, start1, this.#arenaView, at, length1) &&
      equalRun(view, start2, this.#arenaView, at + length1, length2)
    );
  }

  /** Keeps the bytes of a new key. */
  #add(data: Uint8Array, start1: number, end1: number, start2: number, end2: number): number {
    const id = this.#count;
    const length1 = end1 - start1;
    this.#reserve(length1 + end2 - start2);
    this.#arena.set(data.subarray(start1, end1), this.#arenaUsed);
    this.#arena.set(data.subarray(start2, end2), this.#arenaUsed + length1);
    this.#starts[id] = this.#arenaUsed;
    this.#arenaUsed += length1 + end2 - start2;
    this.#count = id + 1;
    return id;
  }

  #reserve(length: number): void {
    if (this.#arenaUsed + length > this.#arena.length) {
      const grown = new Uint8Array(Math.max(this.#arena.length * 2, this.#arenaUsed + length));
      grown.set(this.#arena);
      this.#arena = grown;
      this.#arenaView = new DataView(grown.buffer);
    }
    if (this.#count >= this.#starts.length) {
      const starts = new Uint32Array(this.#starts.length * 2);
      starts.set(this.#starts);
      this.#starts = starts;
      const next = new Int32Array(this.#next.length * 2);
      next.set(this.#next);
      this.#next = next;
    }
    if ((this.#count << 2) + 4 > this.#keys.length) {
      const keys = new Int32Array(this.#keys.length * 2);
      keys.set(this.#keys);
      this.#keys = keys;
    }
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#count; id++) {
      let slot = this.#keys[(id << 2) + 3] & mask;
      while (slots[slot] >= 0) slot = (slot + 1) & mask;
      slots[slot] = id;
    }
    this.#slots = slots;
  }
}

function hash2(view: DataView, start1: number, end1: number, start2: number, end2: number, salt: number): number {
  const seed = salt ^ Math.imul(end1 - start1, 0x9e3779b1);
  return finish(hashRun(view, start2, end2, hashRun(view, start1, end1, seed)));
}

/** Hashes four bytes at a time: a hash byte by byte would cost more than finding where the run ends. */
function hashRun(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed;
  let at = start;
  for (const last = end - 3; at < last; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x01000193);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  return hash;
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function equalRun(a: DataView, startA: number, b: DataView, startB: number, length: number): boolean {
  let at = 0;
  // Four words in each turn: one branch for sixteen bytes.
  for (const last = length - 15; at < last; at += 16) {
    const one = a.getInt32(startA + at, true) ^ b.getInt32(startB + at, true);
    const two = a.getInt32(startA + at + 4, true) ^ b.getInt32(startB + at + 4, true);
    const three = a.getInt32(startA + at + 8, true) ^ b.getInt32(startB + at + 8, true);
    const four = a.getInt32(startA + at + 12, true) ^ b.getInt32(startB + at + 12, true);
    if ((one | two | three | four) !== 0) return false;
  }
  for (const last = length - 3; at < last; at += 4) {
    if (a.getInt32(startA + at, true) !== b.getInt32(startB + at, true)) return false;
  }
  if (at === length) return true;
  // What is left are the last bytes of a word that begins before them.
  if (length >= 4) return a.getInt32(startA + length - 4, true) === b.getInt32(startB + length - 4, true);
  for (; at < length; at++) if (a.getUint8(startA + at) !== b.getUint8(startB + at)) return false;
  return true;
}
