/**
 * The tracepoints that the replay uses (include/trace/events/{kmem,vmalloc,task,sched}.h). The index of a type in this
 * list is its number in typed columns. Every other event is counted by name and not kept.
 */
export const EVENT_TYPES = [
  'mm_page_alloc',
  'mm_page_free',
  'mm_page_free_batched',
  'kmem_cache_alloc',
  'kmem_cache_free',
  'kmalloc',
  'kfree',
  'alloc_vmap_area',
  'free_vmap_area_noflush',
  'task_newtask',
  'sched_process_exit',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** The numbers of the event types, by name. */
export const EVENT: { readonly [Name in EventType]: number } = {
  mm_page_alloc: 0,
  mm_page_free: 1,
  mm_page_free_batched: 2,
  kmem_cache_alloc: 3,
  kmem_cache_free: 4,
  kmalloc: 5,
  kfree: 6,
  alloc_vmap_area: 7,
  free_vmap_area_noflush: 8,
  task_newtask: 9,
  sched_process_exit: 10,
};

/**
 * Tracepoints that are another one under an older name. Up to 6.0 allocations that name a node had events of their own;
 * the frees of pages were renamed in 3.3 (commit b413d48aa70f).
 */
export const EVENT_ALIASES: ReadonlyMap<string, EventType> = new Map<string, EventType>([
  ['kmalloc_node', 'kmalloc'],
  ['kmem_cache_alloc_node', 'kmem_cache_alloc'],
  ['mm_page_free_direct', 'mm_page_free'],
  ['mm_pagevec_free', 'mm_page_free_batched'],
]);

/** The name of an event type's number. */
export const eventTypeName = (type: number): string => EVENT_TYPES[type] ?? 'unknown';
