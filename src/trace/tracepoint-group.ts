import { EVENT_ALIASES, type EventType } from './event-type.ts';

const GROUPS: { readonly [Name in EventType]: string } = {
  mm_page_alloc: 'kmem',
  mm_page_free: 'kmem',
  mm_page_free_batched: 'kmem',
  kmem_cache_alloc: 'kmem',
  kmem_cache_free: 'kmem',
  kmalloc: 'kmem',
  kfree: 'kmem',
  alloc_vmap_area: 'vmalloc',
  free_vmap_area_noflush: 'vmalloc',
  task_newtask: 'task',
  sched_process_exit: 'sched',
};

const BY_NAME: ReadonlyMap<string, string> = new Map([
  ...Object.entries(GROUPS),
  ...[...EVENT_ALIASES].map(([alias, name]) => [alias, GROUPS[name]] as const),
]);

/**
 * The group (TRACE_SYSTEM) of a tracepoint that is kept, by its name or an older one; undefined for any other. Probes of
 * a user may bear the same names in groups of their own, and have other fields.
 */
export const tracepointGroup = (name: string): string | undefined => BY_NAME.get(name);
