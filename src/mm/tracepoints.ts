import type { Pointer } from '../mte/pointer.ts';
import type { Site } from './site.ts';
import type { SlabCache } from './slab-cache.ts';

/**
 * The kernel's tracepoints (include/trace/events/{kmem,vmalloc,task,sched}.h), as far as they tell of allocations. Who
 * listens sees each operation of the model, also those that leave no event in a real kernel: see `unseen`.
 */
export interface Tracepoints {
  mm_page_alloc(cpu: number, pfn: number, order: number, site: Site): void;
  mm_page_free(cpu: number, pfn: number, order: number): void;
  kmem_cache_alloc(cpu: number, object: Pointer, cache: SlabCache, requested: number, site: Site): void;
  /** @param unseen the kernel frees it without an event: in bulk, or by a sheaf of RCU */
  kmem_cache_free(cpu: number, object: Pointer, cache: SlabCache, unseen: boolean): void;
  kmalloc_large(cpu: number, object: Pointer, requested: number, allocated: number, site: Site): void;
  kfree_large(cpu: number, object: Pointer): void;
  alloc_vmap_area(cpu: number, address: number, size: number): void;
  free_vmap_area_noflush(cpu: number, address: number): void;
  task_newtask(cpu: number, pid: number, site: Site): void;
  sched_process_exit(cpu: number, pid: number): void;
}
