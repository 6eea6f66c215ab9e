import { NULL_POINTER, type Pointer } from '../mte/pointer.ts';
import type { Kmalloc } from './kmalloc.ts';
import type { Rcu } from './rcu.ts';
import type { Site } from './site.ts';
import type { WorkQueue } from './work-queue.ts';

/** `struct bucket_table` before its buckets, and one bucket (lib/rhashtable.c). */
const HEADER = 64;
const BUCKET = 8;
const MIN_BUCKETS = 64;

/**
 * The hash table of pids that pidfs keeps (fs/pidfs.c, lib/rhashtable.c): it grows and shrinks with the tasks that there
 * are, and a worker allocates the new table.
 */
export class PidTable {
  readonly #kmalloc: Pick<Kmalloc, 'kmalloc' | 'kfree'>;
  readonly #rcu: Rcu;
  readonly #work: WorkQueue;
  readonly #site: Site;
  #buckets = MIN_BUCKETS;
  #elements: number;
  #memory: Pointer = NULL_POINTER;
  #pending = false;

  /** @param elements pids that the system has at rest */
  constructor(kmalloc: Pick<Kmalloc, 'kmalloc' | 'kfree'>, rcu: Rcu, work: WorkQueue, site: Site, elements: number) {
    this.#kmalloc = kmalloc;
    this.#rcu = rcu;
    this.#work = work;
    this.#site = site;
    this.#elements = elements;
  }

  add(): void {
    this.#elements++;
    this.#consider();
  }

  remove(): void {
    this.#elements--;
    this.#consider();
  }

  /** rht_grow_above_75 and rht_shrink_below_30. */
  #consider(): void {
    if (this.#pending || this.#wanted() === this.#buckets) return;
    this.#pending = true;
    this.#work.add((cpu) => this.#rehash(cpu));
  }

  #wanted(): number {
    if (this.#elements > (this.#buckets / 4) * 3) return this.#buckets * 2;
    return this.#elements < (this.#buckets * 3) / 10 && this.#buckets > MIN_BUCKETS ? this.#buckets / 2 : this.#buckets;
  }

  /** lib/rhashtable.c:rht_deferred_worker. */
  #rehash(cpu: number): void {
    this.#pending = false;
    const wanted = this.#wanted();
    if (wanted === this.#buckets) return;
    const old = this.#memory;
    const memory = this.#kmalloc.kmalloc(cpu, HEADER + wanted * BUCKET, this.#site);
    if (memory === NULL_POINTER) return;
    this.#memory = memory;
    this.#buckets = wanted;
    this.#rcu.call_rcu(cpu, { rcuCallback: (onCpu) => this.#kmalloc.kfree(onCpu, old) });
    this.#consider();
  }
}
