import { EVENT, EVENT_ALIASES, EVENT_TYPES, type EventType } from '../../trace/event-type.ts';

/** How the text of a tracepoint is read. */
export interface EventSpec {
  /** Number of the event type. */
  readonly type: number;
  /**
   * The first four bytes of the field whose value identifies what the event is about, as a little-endian number:
   * fields are found by name, never by position, because their order varies with the kernel.
   */
  readonly keyWord: number;
  /** Length of the key field's name with its separator. */
  readonly keyLength: number;
  /** Radix of a key without `0x`: pointers are printed bare in hexadecimal, pfns and pids in decimal. */
  readonly keyRadix: 10 | 16;
  /** Whether the text before the key and after it says something that is kept (see `EventShape`). */
  readonly before: boolean;
  readonly after: boolean;
  /** How it is read where the key has another name. */
  readonly otherwise?: EventSpec;
}

const word = (text: string): number =>
  text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24);

type Row = readonly [key: string, radix: 10 | 16, before: boolean, after: boolean];

/**
 * Formats of include/trace/events/{kmem,vmalloc,task,sched}.h. The `page=` before a pfn is an address that says
 * nothing more, and the counters after an address of `free_vmap_area_noflush` change with every event.
 */
const ROWS: { readonly [Name in EventType]: Row } = {
  mm_page_alloc: ['pfn=', 10, false, true],
  mm_page_free: ['pfn=', 10, false, true],
  mm_page_free_batched: ['pfn=', 10, false, false],
  kmem_cache_alloc: ['ptr=', 16, true, true],
  kmem_cache_free: ['ptr=', 16, true, true],
  kmalloc: ['ptr=', 16, true, true],
  kfree: ['ptr=', 16, true, false],
  // Written `va_start: 123` at allocation and `va_start=0x7b` at free.
  alloc_vmap_area: ['va_start', 10, false, true],
  free_vmap_area_noflush: ['va_start', 10, false, false],
  task_newtask: ['pid=', 10, false, false],
  sched_process_exit: ['pid=', 10, false, false],
};

/**
 * Names of keys where fields are printed as the record has them, not as the event's own format says: by tracefs with the
 * option `fields`, and by `trace-cmd report -R`.
 */
const RECORD_KEYS: { readonly [Name in EventType]?: string } = { alloc_vmap_area: 'addr=' };

function specOf(name: EventType): EventSpec {
  const [key, keyRadix, before, after] = ROWS[name];
  const rest = { type: EVENT[name], keyRadix, before, after };
  const spec = { ...rest, keyWord: word(key), keyLength: key.length };
  const other = RECORD_KEYS[name];
  return other === undefined
    ? spec
    : { ...spec, otherwise: { ...rest, keyWord: word(other), keyLength: other.length } };
}

/** The tracepoints that are kept, by name as it stands in the trace. */
export const EVENT_SPECS: ReadonlyMap<string, EventSpec> = new Map<string, EventSpec>([
  ...EVENT_TYPES.map((name) => [name, specOf(name)] as const),
  ...[...EVENT_ALIASES].map(([alias, name]) => [alias, specOf(name)] as const),
]);
