import type { Site } from './site.ts';
import type { VmArea, Vmalloc, VmallocSites } from './vmalloc.ts';

/** NR_CACHED_SCS (kernel/scs.c). */
const NR_CACHED_SCS = 2;

/** What a task's return addresses are kept in (kernel/scs.c). */
export interface ShadowCallStacks {
  /** Undefined where memory is out. */
  scs_alloc(cpu: number): VmArea | undefined;
  scs_free(cpu: number, area: VmArea): void;
}

export interface ScsSites {
  readonly area: Site;
  readonly metadata: VmallocSites;
}

/**
 * kernel/scs.c, 7.3: a vmalloc area of SCS_SIZE, one page, for each task. It does not ask for untagged memory, so its page is
 * tagged and poisoned like any other; taken from the CPU's cache it is not tagged anew (under HW_TAGS,
 * kasan_unpoison_vmalloc does nothing without KASAN_VMALLOC_VM_ALLOC).
 */
export class VmallocScs implements ShadowCallStacks {
  readonly #vmalloc: Vmalloc;
  readonly #sites: ScsSites;
  readonly #cached: readonly (VmArea | undefined)[][];

  constructor(vmalloc: Vmalloc, sites: ScsSites, cpus: number) {
    this.#vmalloc = vmalloc;
    this.#sites = sites;
    this.#cached = Array.from({ length: cpus }, () => Array.from({ length: NR_CACHED_SCS }, () => undefined));
  }

  scs_alloc(cpu: number): VmArea | undefined {
    const { ledger } = this.#vmalloc.kmalloc.slub;
    const slots = this.#cached[cpu];
    const slot = slots.findIndex((cached) => cached !== undefined);
    const cached = slots[slot];
    if (cached !== undefined) {
      slots[slot] = undefined;
      ledger.countAllocation(cached.row, cached.mapped);
      return cached;
    }
    const { pageSize } = this.#vmalloc.space;
    return this.#vmalloc.vmalloc(cpu, pageSize, 1, this.#sites.area, this.#sites.metadata);
  }

  /** Into the cache of the CPU, or by a worker back to vmalloc. */
  scs_free(cpu: number, area: VmArea): void {
    const slots = this.#cached[cpu];
    const slot = slots.indexOf(undefined);
    if (slot < 0) this.#vmalloc.vfree_atomic(area);
    else slots[slot] = area;
  }
}
