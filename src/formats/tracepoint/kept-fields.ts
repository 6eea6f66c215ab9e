import { EVENT_ALIASES, EVENT_TYPES, type EventType } from '../../trace/event-type.ts';

/** Where a kept event has what its shape is made of. */
export interface KeptFields {
  /** Names of the field that says what the event is about: the first that there is. */
  readonly key: readonly string[];
  /** Fields without which it cannot be replayed, and fields that some kernels lack. All are numbers. */
  readonly needed: readonly ShapeField[];
  readonly optional: readonly ShapeField[];
  /** Whether the event may have the name of a slab cache. */
  readonly cache: boolean;
}

export type ShapeField =
  | 'call_site'
  | 'bytes_req'
  | 'bytes_alloc'
  | 'gfp_flags'
  | 'order'
  | 'migratetype'
  | 'size'
  | 'align'
  | 'failed';

const kept = (
  key: readonly string[],
  needed: readonly ShapeField[] = [],
  optional: readonly ShapeField[] = [],
  cache = false,
): KeptFields => ({ key, needed, optional, cache });

/**
 * Fields of include/trace/events/{kmem,vmalloc,task,sched}.h, 5.10 to 7.3. They are found by name, never by position:
 * their order and their sizes vary with the kernel.
 */
const FIELDS: { readonly [Name in EventType]: KeptFields } = {
  // Up to 3.19 the record has the address of the struct page.
  mm_page_alloc: kept(['pfn', 'page'], ['order', 'gfp_flags'], ['migratetype']),
  mm_page_free: kept(['pfn', 'page'], ['order']),
  mm_page_free_batched: kept(['pfn', 'page']),
  // The name of the cache came with 6.18, to the free already with 5.12.
  kmem_cache_alloc: kept(['ptr'], ['call_site', 'bytes_req', 'bytes_alloc', 'gfp_flags'], [], true),
  kmem_cache_free: kept(['ptr'], ['call_site'], [], true),
  kmalloc: kept(['ptr'], ['call_site', 'bytes_req', 'bytes_alloc', 'gfp_flags']),
  kfree: kept(['ptr'], ['call_site']),
  alloc_vmap_area: kept(['addr', 'va_start'], ['size'], ['align', 'failed']),
  free_vmap_area_noflush: kept(['va_start']),
  task_newtask: kept(['pid']),
  sched_process_exit: kept(['pid']),
};

/** The type and the fields of an event that is kept, by the name of its tracepoint; undefined for every other. */
export function keptFields(name: string): { readonly type: EventType; readonly fields: KeptFields } | undefined {
  const type = EVENT_TYPES.find((candidate) => candidate === name) ?? EVENT_ALIASES.get(name);
  return type === undefined ? undefined : { type, fields: FIELDS[type] };
}
