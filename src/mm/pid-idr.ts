import type { Pointer } from '../mte/pointer.ts';
import type { KmemCache } from './kmem-cache.ts';
import type { Rcu } from './rcu.ts';
import type { Site } from './site.ts';
import type { Slub } from './slub.ts';

/** Bits of a number that a node of the tree decides (RADIX_TREE_MAP_SHIFT, include/linux/radix-tree.h). */
const BITS = 6;
/** pid_max (PID_MAX_LIMIT, include/linux/threads.h): then numbers begin anew, above those that boot took. */
const PID_MAX = 4 * 1024 * 1024;
const RESERVED_PIDS = 300;

interface RadixNode {
  readonly memory: Pointer;
  used: number;
}

/**
 * The tree of pids (kernel/pid.c, lib/idr.c): which nodes it has follows from the numbers in use, and pids go up, so that
 * nodes come and go with processes.
 */
export class PidIdr {
  readonly #slub: Slub;
  readonly #rcu: Rcu;
  readonly #cache: KmemCache;
  readonly #extendSite: Site;
  readonly #nodeSite: Site;
  /** By level from the leaves up: nodes by the numbers that they hold. */
  readonly #levels: Map<number, RadixNode>[] = [];
  #last: number;

  /** @param used the highest pid that the system had given out; those below it stay */
  constructor(slub: Slub, rcu: Rcu, cache: KmemCache, extendSite: Site, nodeSite: Site, used: number, cpu: number) {
    this.#slub = slub;
    this.#rcu = rcu;
    this.#cache = cache;
    this.#extendSite = extendSite;
    this.#nodeSite = nodeSite;
    this.#last = 0;
    for (let pid = 1; pid <= used; pid++) this.alloc(cpu);
  }

  /** kernel/pid.c:alloc_pid: the next pid. */
  alloc(cpu: number): number {
    this.#last = this.#last + 1 < PID_MAX ? this.#last + 1 : RESERVED_PIDS;
    const pid = this.#last;
    // radix_tree_extend: the tree grows until it can hold the number.
    while (pid >>> (BITS * this.#levels.length) > 0) {
      const below = this.#levels.at(-1);
      this.#levels.push(new Map(below === undefined ? [] : [[0, this.#node(cpu, this.#extendSite, below.size)]]));
    }
    for (let level = 0; level < this.#levels.length; level++) {
      const nodes = this.#levels[level];
      const index = pid >>> (BITS * (level + 1));
      const node = nodes.get(index);
      if (node !== undefined) {
        node.used++;
        break;
      }
      nodes.set(index, this.#node(cpu, this.#nodeSite, 1));
    }
    return pid;
  }

  /** lib/idr.c:idr_remove. */
  remove(cpu: number, pid: number): void {
    for (let level = 0; level < this.#levels.length; level++) {
      const nodes = this.#levels[level];
      const index = pid >>> (BITS * (level + 1));
      const node = nodes.get(index);
      if (node === undefined || --node.used > 0) break;
      nodes.delete(index);
      this.#free(cpu, node);
    }
    // radix_tree_shrink: a root with nothing but its first slot is not needed.
    while (this.#levels.length > 1) {
      const root = this.#levels[this.#levels.length - 1].get(0);
      const below = this.#levels[this.#levels.length - 2];
      if (root === undefined || root.used !== 1 || !below.has(0)) break;
      this.#levels.pop();
      this.#free(cpu, root);
    }
  }

  #node(cpu: number, site: Site, used: number): RadixNode {
    return { memory: this.#slub.alloc(cpu, this.#cache, site), used };
  }

  #free(cpu: number, { memory }: RadixNode): void {
    this.#rcu.call_rcu(cpu, { rcuCallback: (onCpu) => this.#slub.free(onCpu, memory) });
  }
}
