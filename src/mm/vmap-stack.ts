import { alloc_thread_stack_node_from_cache } from '../kasan/thread-stack.ts';
import { addressOf, NULL_POINTER, pointer, tagOf, type Pointer } from '../mte/pointer.ts';
import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import type { KernelStacks } from './kernel-stack.ts';
import type { Rcu, RcuHead } from './rcu.ts';
import type { Site } from './site.ts';
import type { VmArea, Vmalloc } from './vmalloc.ts';

/** NR_CACHED_STACKS (kernel/fork.c). */
const NR_CACHED_STACKS = 2;
/** THREAD_ALIGN (arch/arm64/include/asm/memory.h), in stacks: overflow shows in one bit of the stack pointer. */
const THREAD_ALIGN = 2;

/** Kernel stacks with VMAP_STACK (kernel/fork.c, 7.3): vmalloc areas, some of which a CPU keeps for the next task. */
export class VmapStacks implements KernelStacks {
  readonly #vmalloc: Vmalloc;
  readonly #rcu: Rcu;
  readonly #site: Site;
  readonly #cached: readonly (VmArea | undefined)[][];
  readonly counts = { fresh: 0, reused: 0, freed: 0 };

  constructor(vmalloc: Vmalloc, rcu: Rcu, site: Site, cpus: number) {
    this.#vmalloc = vmalloc;
    this.#rcu = rcu;
    this.#site = site;
    this.#cached = Array.from({ length: cpus }, () => Array.from({ length: NR_CACHED_STACKS }, () => undefined));
  }

  alloc_thread_stack_node(cpu: number): Pointer {
    const { slub } = this.#vmalloc.kmalloc;
    const { threadSize } = slub.kasan.config;
    const slots = this.#cached[cpu];
    const slot = slots.findIndex((cached) => cached !== undefined);
    const cached = slots[slot];
    if (cached !== undefined) {
      slots[slot] = undefined;
      this.counts.reused++;
      slub.ledger.chargeTo(cached.row);
      slub.ledger.countAllocation(cached.row, threadSize);
      alloc_thread_stack_node_from_cache(slub.kasan, cached.address, tagOf(cached.pointer), cached.skip);
      return pointer(KASAN_TAG_KERNEL, cached.address);
    }
    const fresh = this.#vmalloc.vmalloc(cpu, threadSize, THREAD_ALIGN * threadSize, this.#site);
    if (fresh === undefined) return NULL_POINTER;
    this.counts.fresh++;
    return pointer(KASAN_TAG_KERNEL, fresh.address);
  }

  /** Into the cache of the CPU, or after a grace period once more, or back to vmalloc. */
  free_thread_stack(cpu: number, stack: Pointer): void {
    const area = this.#vmalloc.find(addressOf(stack));
    if (area === undefined || this.#try_release_thread_stack_to_cache(cpu, area)) return;
    const head: RcuHead = {
      rcuCallback: (onCpu) => {
        if (this.#try_release_thread_stack_to_cache(onCpu, area)) return;
        this.counts.freed++;
        this.#vmalloc.vfree_atomic(area);
      },
    };
    this.#rcu.call_rcu(cpu, head);
  }

  #try_release_thread_stack_to_cache(cpu: number, stack: VmArea): boolean {
    const slots = this.#cached[cpu];
    const slot = slots.indexOf(undefined);
    if (slot < 0) return false;
    slots[slot] = stack;
    return true;
  }
}
