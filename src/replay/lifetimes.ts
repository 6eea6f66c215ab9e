import { U64Map } from '../base/u64-map.ts';

/** Lengths of life are counted by their power of two in nanoseconds: up to 2^40, some 18 minutes. */
const BUCKETS = 41;

/** How long the things of one ledger row lived, of those that were seen to begin and to end. */
export interface RowLifetimes {
  readonly ended: number;
  /** Half of them, and nine of ten, lived no longer than this: nanoseconds, rounded up to a power of two. */
  readonly median: number;
  readonly ninetieth: number;
}

/**
 * How long pages and slab objects live, by the ledger row that pays for them. Kept only where somebody asks: a map of its
 * own for what lives.
 */
export class Lifetimes {
  /** The time of the event that is being replayed, in the clock's nanoseconds; a column of one, so that it is never boxed. */
  readonly now = new Float64Array(1);
  readonly pages = new Living(this.now);
  readonly objects = new Living(this.now);

  /** What is known of a row; undefined if nothing of it was seen to end. */
  ofRow(row: number): RowLifetimes | undefined {
    const counts = new Float64Array(BUCKETS);
    for (const living of [this.pages, this.objects]) living.addTo(counts, row);
    const ended = counts.reduce((sum, count) => sum + count, 0);
    return ended === 0
      ? undefined
      : { ended, median: quantile(counts, ended / 2), ninetieth: quantile(counts, ended * 0.9) };
  }
}

/** The power of two below which so many lie. */
function quantile(counts: Float64Array, wanted: number): number {
  let below = 0;
  const bucket = counts.findIndex((count) => (below += count) >= wanted);
  return 2 ** (bucket < 0 ? BUCKETS : bucket);
}

/** What lives, by key, since when and for which row. */
class Living {
  readonly #now: Float64Array;
  readonly #slots = new U64Map();
  #since = new Float64Array(1 << 10);
  #rows = new Int32Array(1 << 10);
  readonly #free: number[] = [];
  #used = 0;
  /** By row, then by bucket. */
  #counts = new Float64Array(BUCKETS * 64);

  constructor(now: Float64Array) {
    this.#now = now;
  }

  /** Something begins to live. What lived under its key ended unseen, and does not count. */
  begin(hi: number, lo: number, row: number): void {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot >= this.#since.length) this.#grow();
    this.#since[slot] = this.#now[0];
    this.#rows[slot] = row;
    const old = this.#slots.set(hi, lo, slot);
    if (old >= 0) this.#free.push(old);
  }

  end(hi: number, lo: number): void {
    const slot = this.#slots.delete(hi, lo);
    if (slot < 0) return;
    this.#free.push(slot);
    const age = Math.max(1, this.#now[0] - this.#since[slot]);
    const index = this.#rows[slot] * BUCKETS + Math.min(BUCKETS - 1, Math.ceil(Math.log2(age)));
    if (index >= this.#counts.length) {
      const grown = new Float64Array(Math.max(this.#counts.length * 2, index + 1));
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#counts[index]++;
  }

  addTo(counts: Float64Array, row: number): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) counts[bucket] += this.#counts[row * BUCKETS + bucket] ?? 0;
  }

  #grow(): void {
    const since = new Float64Array(this.#since.length * 2);
    since.set(this.#since);
    this.#since = since;
    const rows = new Int32Array(this.#rows.length * 2);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}
