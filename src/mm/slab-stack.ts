import { addressOf, NULL_POINTER, pointer, type Pointer } from '../mte/pointer.ts';
import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import type { KernelStacks } from './kernel-stack.ts';
import type { KmemCache } from './kmem-cache.ts';
import type { Rcu } from './rcu.ts';
import type { Site } from './site.ts';
import type { Slub } from './slub.ts';

/**
 * Kernel stacks without VMAP_STACK where pages are larger than a stack (kernel/fork.c, 7.3): objects of a cache, freed
 * after a grace period. SLUB knows nothing of __GFP_SKIP_KASAN: they are tagged under every policy.
 */
export class SlabStacks implements KernelStacks {
  readonly #slub: Slub;
  readonly #cache: KmemCache;
  readonly #rcu: Rcu;
  readonly #site: Site;
  /** What SLUB gave, tag and all, by the address. */
  readonly #objects = new Map<number, Pointer>();
  readonly counts = { fresh: 0, reused: 0, freed: 0 };

  constructor(slub: Slub, cache: KmemCache, rcu: Rcu, site: Site) {
    this.#slub = slub;
    this.#cache = cache;
    this.#rcu = rcu;
    this.#site = site;
  }

  alloc_thread_stack_node(cpu: number): Pointer {
    const object = this.#slub.alloc(cpu, this.#cache, this.#site);
    if (object === NULL_POINTER) return NULL_POINTER;
    this.counts.fresh++;
    this.#objects.set(addressOf(object), object);
    return pointer(KASAN_TAG_KERNEL, addressOf(object));
  }

  free_thread_stack(cpu: number, stack: Pointer): void {
    const object = this.#objects.get(addressOf(stack));
    if (object === undefined) return;
    this.#objects.delete(addressOf(stack));
    this.#rcu.call_rcu(cpu, {
      rcuCallback: (onCpu) => {
        this.counts.freed++;
        this.#slub.free(onCpu, object);
      },
    });
  }
}
