import { alloc_thread_stack_node_from_cache } from '../kasan/thread-stack.ts';
import { tagOf } from '../mte/pointer.ts';
import type { Rcu, RcuHead } from './rcu.ts';
import type { Site } from './site.ts';
import type { VmArea, Vmalloc } from './vmalloc.ts';

/** NR_CACHED_STACKS (kernel/fork.c). */
const NR_CACHED_STACKS = 2;
/** THREAD_ALIGN (arch/arm64/include/asm/memory.h), in stacks: overflow shows in one bit of the stack pointer. */
const THREAD_ALIGN = 2;

/** Kernel stacks with VMAP_STACK (kernel/fork.c, 7.3): vmalloc areas, some of which a CPU keeps for the next task. */
export class KernelStacks {
  readonly #vmalloc: Vmalloc;
  readonly #rcu: Rcu;
  readonly #site: Site;
  readonly #cached: readonly (VmArea | undefined)[][];
  /** How many stacks tasks were given, by where they came from, and how many went back to vmalloc. */
  readonly counts = { fresh: 0, reused: 0, freed: 0 };

  constructor(vmalloc: Vmalloc, rcu: Rcu, site: Site, cpus: number) {
    this.#vmalloc = vmalloc;
    this.#rcu = rcu;
    this.#site = site;
    this.#cached = Array.from({ length: cpus }, () => Array.from({ length: NR_CACHED_STACKS }, () => undefined));
  }

  /** kernel/fork.c:alloc_thread_stack_node. Undefined where memory is out. */
  alloc_thread_stack_node(cpu: number): VmArea | undefined {
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
      return cached;
    }
    const fresh = this.#vmalloc.vmalloc(cpu, threadSize, THREAD_ALIGN * threadSize, this.#site);
    if (fresh !== undefined) this.counts.fresh++;
    return fresh;
  }

  /** kernel/fork.c:free_thread_stack: into the cache of the CPU, or after a grace period once more, or back to vmalloc. */
  free_thread_stack(cpu: number, stack: VmArea): void {
    if (this.#try_release_thread_stack_to_cache(cpu, stack)) return;
    const head: RcuHead = {
      rcuCallback: (onCpu) => {
        if (this.#try_release_thread_stack_to_cache(onCpu, stack)) return;
        this.counts.freed++;
        this.#vmalloc.vfree_atomic(stack);
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
