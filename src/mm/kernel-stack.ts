import type { Pointer } from '../mte/pointer.ts';
import type { Kmalloc } from './kmalloc.ts';
import { KmemCache } from './kmem-cache.ts';
import { PageStacks } from './page-stack.ts';
import type { Rcu } from './rcu.ts';
import type { Release } from './release.ts';
import type { KernelSites } from './sites.ts';
import { SlabStacks } from './slab-stack.ts';
import { VmapStacks } from './vmap-stack.ts';
import type { Vmalloc } from './vmalloc.ts';

/** How many stacks tasks were given, by where they came from, and how many went back to where they came from. */
export interface StackCounts {
  fresh: number;
  reused: number;
  freed: number;
}

/** Kernel stacks of tasks (kernel/fork.c, 7.3). */
export interface KernelStacks {
  readonly counts: StackCounts;
  /** kernel/fork.c:alloc_thread_stack_node: `task->stack`, which matches all. NULL where memory is out. */
  alloc_thread_stack_node(cpu: number): Pointer;
  /** kernel/fork.c:free_thread_stack */
  free_thread_stack(cpu: number, stack: Pointer): void;
}

export interface StackSurroundings {
  readonly vmalloc: Vmalloc;
  readonly kmalloc: Kmalloc;
  readonly rcu: Rcu;
  readonly sites: KernelSites;
  readonly cpus: number;
  readonly release: Pick<Release, 'sheaves'>;
}

/** The stacks of a kernel: areas of vmalloc; without CONFIG_VMAP_STACK pages, or objects where pages are larger than a stack. */
export function kernelStacks({
  vmalloc,
  kmalloc,
  rcu,
  sites,
  cpus,
  release: { sheaves },
}: StackSurroundings): KernelStacks {
  const { slub } = kmalloc;
  const { vmapStack, threadSize, pageSize, build, slubCpuPartial: cpuPartial } = slub.kasan.config;
  if (vmapStack) return new VmapStacks(vmalloc, rcu, sites.stack, cpus);
  if (threadSize >= pageSize) return new PageStacks(slub.pages, rcu, sites.stackPages);
  const cache = new KmemCache(
    { name: 'thread_stack', objectSize: threadSize, align: threadSize, sheaves, cpuPartial },
    pageSize,
    cpus,
    build,
  );
  return new SlabStacks(slub, cache, rcu, sites.stackObject);
}
