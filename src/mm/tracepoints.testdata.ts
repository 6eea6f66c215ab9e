import type { Tracepoints } from './tracepoints.ts';

const nothing = (): void => {};

/** Nobody listens, but to what is put in the place of one of these. */
export const NO_TRACE: Tracepoints = {
  mm_page_alloc: nothing,
  mm_page_free: nothing,
  kmem_cache_alloc: nothing,
  kmem_cache_free: nothing,
  kmalloc_large: nothing,
  kfree_large: nothing,
  alloc_vmap_area: nothing,
  free_vmap_area_noflush: nothing,
  task_newtask: nothing,
  sched_process_exit: nothing,
};
