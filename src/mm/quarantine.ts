import type { KmemCache } from './kmem-cache.ts';

/** mm/kasan/quarantine.c: QUARANTINE_PERCPU_SIZE, and how much of memory may wait. */
const PERCPU_BYTES = 1 << 20;
const MEMORY_FRACTION = 32;
const MIN_BATCHES = 1024;
const BATCHES_PER_CPU = 4;

/** Objects that wait together. */
class Batch {
  readonly addresses: number[] = [];
  readonly caches: KmemCache[] = [];
  bytes = 0;

  add(address: number, cache: KmemCache): void {
    this.addresses.push(address);
    this.caches.push(cache);
    this.bytes += cache.size;
  }
}

/** Gives an object back to its cache. */
export type Evict = (cpu: number, cache: KmemCache, address: number) => void;

/**
 * Freed objects of generic KASAN (mm/kasan/quarantine.c, 7.3): they wait before they can be given out again, first with
 * their CPU, then in batches, until more than a share of memory waits.
 */
export class Quarantine {
  readonly #evict: Evict;
  readonly #ram: number;
  readonly #cpus: Batch[];
  readonly #batches: Batch[] = [];
  #bytes = 0;

  /** @param ram bytes of memory */
  constructor(ram: number, cpus: number, evict: Evict) {
    this.#ram = ram;
    this.#evict = evict;
    this.#cpus = Array.from({ length: cpus }, () => new Batch());
  }

  /** mm/kasan/quarantine.c:kasan_quarantine_put. */
  put(cpu: number, cache: KmemCache, address: number): void {
    const own = this.#cpus[cpu];
    own.add(address, cache);
    if (own.bytes <= PERCPU_BYTES) return;
    this.#cpus[cpu] = new Batch();
    this.#bytes += own.bytes;
    const tail = this.#batches.at(-1);
    if (tail === undefined || tail.bytes >= this.#batchBytes) {
      this.#batches.push(own);
      return;
    }
    for (const [index, waiting] of own.addresses.entries()) tail.add(waiting, own.caches[index]);
  }

  /** mm/kasan/quarantine.c:kasan_quarantine_reduce, before allocations that may wait: frees one batch if too much waits. */
  reduce(cpu: number): void {
    if (this.#bytes <= this.#maxBytes) return;
    const oldest = this.#batches.shift();
    if (oldest === undefined) return;
    this.#bytes -= oldest.bytes;
    for (const [index, address] of oldest.addresses.entries()) this.#evict(cpu, oldest.caches[index], address);
  }

  get #totalBytes(): number {
    return Math.floor(this.#ram / MEMORY_FRACTION);
  }

  get #maxBytes(): number {
    return Math.max(0, this.#totalBytes - PERCPU_BYTES * this.#cpus.length);
  }

  get #batchBytes(): number {
    const batches = Math.max(MIN_BATCHES, BATCHES_PER_CPU * this.#cpus.length);
    return Math.max(PERCPU_BYTES, Math.floor((2 * this.#totalBytes) / batches));
  }
}
