import { NULL_POINTER, type Pointer } from '../mte/pointer.ts';
import type { Kernel } from './kernel.ts';
import type { NodeMemory, StoreType } from './maple-tree.ts';
import type { Sheaf } from './sheaf.ts';
import type { Site } from './site.ts';

/** Memory of the nodes of an address space's tree. */
export interface VmaTreeMemory extends NodeMemory<Pointer> {
  /** Where its owner runs. */
  cpu: number;
}

/** As the kernel's release has it. */
export const vmaTreeMemory = (kernel: Kernel): VmaTreeMemory =>
  kernel.release.mapleSheaves ? new SheafNodes(kernel) : new PreallocatedNodes(kernel);

/** The place that allocates nodes for a write. */
function siteOf({ sites }: Kernel, type: StoreType): Site {
  switch (type) {
    case 'wr_rebalance':
    case 'wr_spanning_store':
      return sites.mapleRebalance;
    case 'wr_split_store':
      return sites.mapleSplit;
    case 'wr_exact_fit':
    case 'wr_slot_store':
    case 'wr_node_store':
    case 'wr_new_root':
      return sites.maplePreallocate;
  }
}

/** Several nodes are taken from a sheaf, one alone from its cache (lib/maple_tree.c, 7.3: mas_alloc_nodes, ma_free_rcu, mas_destroy). */
class SheafNodes implements VmaTreeMemory {
  readonly sharing = 'halves';
  readonly #kernel: Kernel;
  #sheaf: Sheaf | undefined;
  cpu = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  prepare(_type: StoreType, nodes: number): void {
    if (nodes > 1) this.#sheaf = this.#kernel.slub.prefillSheaf(this.cpu, this.#kernel.caches.mapleNode, nodes);
  }

  allocate(type: StoreType): Pointer {
    const { slub, caches } = this.#kernel;
    const site = siteOf(this.#kernel, type);
    return this.#sheaf === undefined
      ? slub.alloc(this.cpu, caches.mapleNode, site)
      : slub.allocFromSheaf(this.cpu, caches.mapleNode, this.#sheaf, site);
  }

  retire(memory: Pointer): void {
    if (memory !== NULL_POINTER) this.#kernel.slub.kfree_rcu(this.cpu, memory);
  }

  finish(): void {
    const sheaf = this.#sheaf;
    this.#sheaf = undefined;
    if (sheaf !== undefined) this.#kernel.slub.returnSheaf(this.cpu, this.#kernel.caches.mapleNode, sheaf);
  }
}

/**
 * lib/maple_tree.c:mas_prealloc_calc, 6.12: nodes that a write may take at most, whatever it takes.
 *
 * @param height of the tree, in levels
 */
export function mas_prealloc_calc(type: StoreType, height: number): number {
  switch (type) {
    case 'wr_exact_fit':
    case 'wr_slot_store':
      return 0;
    case 'wr_node_store':
    case 'wr_new_root':
      return 1;
    case 'wr_rebalance':
      return height * 2 - 1;
    case 'wr_split_store':
      return height * 2 + 1;
    case 'wr_spanning_store':
      return height * 3 + 1;
  }
}

/** As many nodes as a write may take are allocated before it, and freed after it if it took fewer (lib/maple_tree.c, 6.12: mas_alloc_nodes, mas_destroy). */
class PreallocatedNodes implements VmaTreeMemory {
  readonly sharing = 'fill';
  readonly #kernel: Kernel;
  #nodes: Pointer[] = [];
  cpu = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  prepare(type: StoreType, nodes: number, height: number): void {
    const { slub, caches } = this.#kernel;
    const wanted = Math.max(nodes, mas_prealloc_calc(type, height));
    const site = siteOf(this.#kernel, type);
    for (let node = 0; node < wanted; node++) this.#nodes.push(slub.alloc(this.cpu, caches.mapleNode, site));
  }

  allocate(): Pointer {
    return this.#nodes.pop() ?? NULL_POINTER;
  }

  /** lib/maple_tree.c:ma_free_rcu, 6.12. */
  retire(memory: Pointer): void {
    const { rcu, slub } = this.#kernel;
    if (memory !== NULL_POINTER) rcu.call_rcu(this.cpu, { rcuCallback: (onCpu) => slub.free(onCpu, memory) });
  }

  finish(): void {
    for (const node of this.#nodes) this.#kernel.slub.free(this.cpu, node);
    this.#nodes = [];
  }
}
