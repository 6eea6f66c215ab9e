import { BATCH_MASK, BATCH_SHIFT, NO_STACK, type EventTable } from '../trace/event-table.ts';
import { EVENT_ALIASES, EVENT_TYPES } from '../trace/event-type.ts';
import { traceFacts, type PointerStyle } from '../trace/facts.ts';
import type { ReadLosses } from '../trace/losses.ts';
import type { Recording } from '../trace/recording.ts';
import { recorderOf, type Recorder } from '../trace/recorders.ts';
import type { TraceSource } from '../trace/trace-source.ts';

export const INFO_SCHEMA = 'tagscope.info';
/** Raised when a key changes its meaning or goes away; new keys do not raise it. */
export const INFO_VERSION = 2;

/** How a trace has gfp flags: by name, as numbers of the kernel that recorded it, or not at all. */
export type GfpStyle = 'names' | 'numbers' | 'none';

/** Something that a good report needs and the trace does not have. */
export interface Missing {
  /** What is not there. */
  readonly what: string;
  /** What a report lacks for it. */
  readonly consequence: string;
  /** What to do for that alone; empty where the command that records everything is enough. */
  readonly advice: string;
}

/** What is in a trace, without a replay. */
export interface InfoResult {
  readonly schema: typeof INFO_SCHEMA;
  readonly version: typeof INFO_VERSION;
  readonly source: TraceSource;
  readonly recording: Recording;
  /** Seconds on the trace's clock, of all events; `recording.timeUnit` says if they are ticks. */
  readonly time: { readonly first: number; readonly last: number; readonly seconds: number };
  /** Of all events. */
  readonly cpus: number;
  readonly tasks: number;
  readonly events: {
    readonly total: number;
    /** Those that results are made of. */
    readonly kept: number;
    readonly byType: readonly { readonly event: string; readonly count: number; readonly kept: boolean }[];
  };
  readonly stacks: { readonly events: number; readonly distinct: number };
  readonly pointers: PointerStyle;
  readonly gfp: GfpStyle;
  /** The trace shows that the kernel that recorded it has KASAN HW_TAGS. */
  readonly hwTags: boolean;
  /** The trace tells what ran in interrupts. */
  readonly interrupts: boolean;
  readonly losses: ReadLosses;
  readonly missing: readonly Missing[];
  /** How to record everything, with the recorder of this trace where it can. */
  readonly record: string;
  readonly tagscope: string;
}

/** What is in traces, in the order of the command line: one or several. */
export interface InfosResult {
  readonly schema: 'tagscope.infos';
  readonly version: typeof INFO_VERSION;
  readonly infos: readonly InfoResult[];
}

/** Says what is in a trace. `version`: of tagscope. */
export function describe(table: EventTable, source: TraceSource, version: string): InfoResult {
  const facts = traceFacts(table);
  const byType = [...table.byType]
    .map(([event, count]) => ({ event, count, kept: isKept(event) }))
    .toSorted((a, b) => Number(b.kept) - Number(a.kept) || b.count - a.count || (a.event < b.event ? -1 : 1));
  const known = {
    source,
    recording: table.recording,
    time: {
      first: table.baseSeconds + table.firstTime / 1e9,
      last: table.baseSeconds + table.lastTime / 1e9,
      seconds: (table.lastTime - table.firstTime) / 1e9,
    },
    cpus: table.cpus,
    tasks: new Set(table.origins.map(({ pid }) => pid)).size,
    events: { total: table.totalEvents, kept: table.length, byType },
    stacks: { events: eventsWithStacks(table), distinct: table.stacks.length },
    pointers: facts.pointers,
    gfp: gfpStyle(table),
    hwTags: facts.hwTags,
    interrupts: facts.interrupts,
    losses: table.losses,
  };
  const recorder = recorderOf(table.recording, source.format);
  const missing = [...unusable(table), ...missingIn(known, recorder)];
  return { schema: INFO_SCHEMA, version: INFO_VERSION, ...known, missing, record: recorder.record, tagscope: version };
}

const isKept = (event: string): boolean => EVENT_ALIASES.has(event) || EVENT_TYPES.some((name) => name === event);

function eventsWithStacks(table: EventTable): number {
  if (table.stacks.length === 0) return 0;
  let events = 0;
  for (let index = 0; index < table.length; index++) {
    if (table.batches[index >> BATCH_SHIFT].stack[index & BATCH_MASK] !== NO_STACK) events++;
  }
  return events;
}

function gfpStyle({ shapes }: EventTable): GfpStyle {
  const masks = shapes.filter(({ gfp }) => gfp !== '').map(({ gfp }) => gfp);
  if (masks.length === 0) return 'none';
  return masks.some((gfp) => /[A-Z]/.test(gfp)) ? 'names' : 'numbers';
}

/** Groups of events that a report is made of, and what it lacks without them (docs/recording.md). */
const GROUPS: readonly { readonly events: readonly string[]; readonly what: string; readonly consequence: string }[] = [
  {
    events: ['mm_page_alloc', 'mm_page_free'],
    what: 'events of the page allocator',
    consequence: 'no page tables, stacks, mmu_gather pages or user memory',
  },
  {
    events: ['mm_page_free_batched'],
    what: 'mm_page_free_batched',
    consequence: 'whether freed pages from before the recording were user memory is not known',
  },
  {
    events: ['kmem_cache_alloc', 'kmem_cache_free', 'kmalloc', 'kfree'],
    what: 'events of the slab allocator',
    consequence: 'no slab objects and no large kmalloc, or only one side of their lives',
  },
  {
    events: ['alloc_vmap_area', 'free_vmap_area_noflush'],
    what: 'events of vmalloc',
    consequence: 'no vmalloc areas, and on some kernels no fresh stacks',
  },
  { events: ['task_newtask'], what: 'task_newtask', consequence: 'stacks that are used again are not seen' },
];

type Known = Omit<InfoResult, 'schema' | 'version' | 'missing' | 'record' | 'tagscope'>;

/** Why there is nothing to make a report of. */
const unusable = ({ unusable: why }: EventTable): Missing[] =>
  why === undefined ? [] : [{ what: why.expected, consequence: `the trace is ${why.found}`, advice: '' }];

function missingIn({ events, stacks, pointers, gfp, losses, recording }: Known, recorder: Recorder): Missing[] {
  const seen = new Set(events.byType.map(({ event }) => EVENT_ALIASES.get(event) ?? event));
  const missing: Missing[] = GROUPS.flatMap(({ events: group, what, consequence }) => {
    const absent = group.filter((event) => !seen.has(event));
    if (absent.length === 0) return [];
    const all = absent.length === group.length;
    return [{ what: all ? what : `${what}: ${absent.join(', ')}`, consequence, advice: '' }];
  });
  const hasPages = events.byType.some(({ event }) => event === 'mm_page_alloc');
  if (recording.unnamedStacks > 0) {
    missing.push({
      what: 'symbols for the callchains',
      consequence: `no call sites of pages, though ${recording.unnamedStacks} events have a callchain`,
      advice: 'give the symbols of the recording kernel with --symbols',
    });
  } else if (stacks.events === 0 && hasPages) {
    missing.push({
      what: 'stack traces',
      consequence: 'no call sites of pages; their classes follow from masks and neighbouring events',
      advice: recorder.stacks,
    });
  }
  if (gfp === 'none' && [...seen].some((event) => event === 'mm_page_alloc' || event === 'kmalloc')) {
    missing.push({
      what: 'gfp flags',
      consequence: 'what pages are for is mostly a guess from their migratetype',
      advice: recording.recorder.startsWith('Perfetto')
        ? 'Perfetto leaves them out on kernels since 5.19, where the field has 64 bits and its message 32'
        : '',
    });
  }
  if (pointers === 'hashed') {
    missing.push({
      what: 'plain pointers',
      consequence: 'that an address was given out again shows less often',
      advice: 'boot with no_hash_pointers',
    });
  }
  if (losses.unresolvedAddresses > 0) {
    missing.push({
      what: 'symbols',
      consequence: 'call sites are addresses',
      advice: 'give those of the recording kernel with --symbols: its System.map, or its /proc/kallsyms read as root',
    });
  }
  if (losses.droppedEvents > 0) {
    missing.push({
      what: 'events that the tracer dropped',
      consequence: 'frees without allocations, allocations without frees',
      advice: recorder.buffer,
    });
  }
  return missing;
}
