import { addressOf, NULL_POINTER, pointer, type Pointer } from '../mte/pointer.ts';
import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import type { KernelStacks } from './kernel-stack.ts';
import type { PageAllocator } from './page-allocator.ts';
import { NO_PAGE } from './page-map.ts';
import type { Rcu } from './rcu.ts';
import type { Site } from './site.ts';

/** Kernel stacks without VMAP_STACK (kernel/fork.c, 7.3): blocks of THREAD_SIZE_ORDER, freed after a grace period. */
export class PageStacks implements KernelStacks {
  readonly #pages: PageAllocator;
  readonly #rcu: Rcu;
  readonly #site: Site;
  readonly #threadSizeOrder: number;
  readonly counts = { fresh: 0, reused: 0, freed: 0 };

  constructor(pages: PageAllocator, rcu: Rcu, site: Site) {
    const { threadSize, pageSize } = pages.kasan.config;
    this.#pages = pages;
    this.#rcu = rcu;
    this.#site = site;
    this.#threadSizeOrder = Math.log2(threadSize / pageSize);
  }

  alloc_thread_stack_node(cpu: number): Pointer {
    const pfn = this.#pages.alloc_pages(cpu, this.#threadSizeOrder, this.#site);
    if (pfn === NO_PAGE) return NULL_POINTER;
    this.counts.fresh++;
    return pointer(KASAN_TAG_KERNEL, pfn * this.#pages.map.pageSize);
  }

  free_thread_stack(cpu: number, stack: Pointer): void {
    this.#rcu.call_rcu(cpu, {
      rcuCallback: (onCpu) => {
        this.counts.freed++;
        this.#pages.free_pages(onCpu, addressOf(stack) / this.#pages.map.pageSize);
      },
    });
  }
}
