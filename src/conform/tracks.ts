import type { ObjectTracks } from '../kasan/report/address-info.ts';
import type { StackRing } from '../kasan/stack-ring.ts';
import { addressOf, type Pointer } from '../mte/pointer.ts';
import type { KmemCache } from '../mm/kmem-cache.ts';
import type { SlabCache } from '../mm/slab-cache.ts';
import type { Tracepoints } from '../mm/tracepoints.ts';

/** A free that was announced, and is recorded unless KASAN refuses it. */
interface PendingFree {
  readonly object: Pointer;
  readonly cache: SlabCache;
  readonly frames: readonly string[];
  readonly pid: number;
}

/** Who runs, for the stacks that are recorded. */
export interface Running {
  readonly pid: number;
  readonly frames: readonly string[];
}

/** Records the stacks of slab objects as they are allocated and freed (mm/kasan/tags.c: kasan_save_alloc_info, …). */
export class Tracks implements Tracepoints {
  readonly #ring: StackRing;
  readonly #running: () => Running;
  #pending: PendingFree | undefined;
  /** By address: what generic KASAN keeps in the objects themselves. */
  readonly #objects = new Map<number, ObjectTracks>();

  constructor(ring: StackRing, running: () => Running) {
    this.#ring = ring;
    this.#running = running;
  }

  /** The ring, up to date. */
  get ring(): StackRing {
    this.#commit();
    return this.#ring;
  }

  /** The stacks that an object keeps. */
  tracksOf(address: number): ObjectTracks {
    this.#commit();
    return this.#objects.get(address) ?? { allocated: undefined, freed: undefined };
  }

  /** KASAN refused the last free. */
  refuse(): void {
    this.#pending = undefined;
  }

  /** An object changes its size in place, or leaves a mempool: that counts as an allocation. */
  saveAllocation(hook: string, object: Pointer, objectSize: number): void {
    this.#commit();
    const { pid, frames } = this.#running();
    this.#save(object, objectSize, pid, [...ALLOC_FRAMES, hook, ...frames], false);
  }

  /** An object goes into a mempool: that counts as a free. */
  saveFree(hook: string, object: Pointer, objectSize: number): void {
    this.#commit();
    const { pid, frames } = this.#running();
    this.#save(object, objectSize, pid, [...FREE_FRAMES, hook, ...frames], true);
  }

  kmem_cache_alloc(_cpu: number, object: Pointer, cache: KmemCache | SlabCache): void {
    const [hook, entry] = cache.kmalloc ? ['__kasan_kmalloc', 'kmalloc'] : ['__kasan_slab_alloc', 'kmem_cache_alloc'];
    this.#commit();
    const { pid, frames } = this.#running();
    this.#save(object, cache.objectSize, pid, [...ALLOC_FRAMES, hook, entry, ...frames], false);
  }

  kmem_cache_free(_cpu: number, object: Pointer, cache: SlabCache): void {
    this.#commit();
    const { pid, frames } = this.#running();
    this.#pending = { object, cache, pid, frames };
  }

  #commit(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const { object, cache, pid, frames } = pending;
    const entry = cache.kmalloc ? 'kfree' : 'kmem_cache_free';
    const all = [...FREE_FRAMES, '__kasan_slab_free', entry, ...frames];
    this.#save(object, cache.objectSize, pid, all, true);
  }

  #save(object: Pointer, objectSize: number, pid: number, frames: readonly string[], isFree: boolean): void {
    this.#ring.save_stack_info(object, objectSize, pid, frames, isFree);
    const address = addressOf(object);
    const track = { pid, frames };
    if (isFree) this.#objects.set(address, { allocated: this.#objects.get(address)?.allocated, freed: track });
    else this.#objects.set(address, { allocated: track, freed: undefined });
  }

  mm_page_alloc(): void {}
  mm_page_free(): void {}
  kmalloc_large(): void {}
  kfree_large(): void {}
  alloc_vmap_area(): void {}
  free_vmap_area_noflush(): void {}
  task_newtask(): void {}
  sched_process_exit(): void {}
}

const ALLOC_FRAMES = ['kasan_save_stack', 'save_stack_info', 'kasan_save_alloc_info'] as const;
const FREE_FRAMES = ['kasan_save_stack', 'save_stack_info', 'kasan_save_free_info'] as const;
