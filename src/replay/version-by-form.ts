import { isAtLeast, versionText, type KernelVersion } from '../base/kernel-version.ts';
import { gfpPrintOrder } from '../gfp/print-order.ts';
import type { EventTable } from '../trace/event-table.ts';
import { EVENT } from '../trace/event-type.ts';
import type { ReplayOptions } from './options.ts';

/** What a trace shows of the kernel that recorded it beside its events: how they are printed, and what names there are. */
interface Form {
  readonly events: ReadonlySet<string>;
  readonly caches: ReadonlySet<string>;
  readonly callSites: ReadonlySet<string>;
  /** Masks as they are printed, each as its words. */
  readonly masks: readonly (readonly string[])[];
  readonly flags: ReadonlySet<string>;
  /** Whether kmem_cache_alloc names the cache; undefined where no slab event does, which may be the format's doing. */
  readonly allocationsNamed: boolean | undefined;
}

/** One thing that not all kernels print, and which do: both ends included. */
interface FormFact {
  readonly what: string;
  readonly since?: KernelVersion;
  readonly until?: KernelVersion;
  readonly shows: (form: Form) => boolean;
}

const v = (major: number, minor: number): KernelVersion => ({ major, minor });

/** The order of single flags changed with commit ca29a0bf1221, see gfp/print-order.ts. */
const OLD_ORDER = orderOf(v(6, 14));
const NEW_ORDER = orderOf(v(6, 15));

const FACTS: readonly FormFact[] = [
  { what: 'kmalloc_node is an event of its own', until: v(6, 0), shows: ({ events }) => events.has('kmalloc_node') },
  {
    what: 'kmem_cache_alloc_node is an event of its own',
    until: v(6, 0),
    shows: ({ events }) => events.has('kmem_cache_alloc_node'),
  },
  // "kmem/tracing: Add kmem name to kmem_cache_alloc tracepoint" was sent on 25 August 2025, when 6.17 was nearly finished, and is
  // in 6.18 (include/trace/events/kmem.h; 20250825125927.59816-1-wander@redhat.com).
  {
    what: 'kmem_cache_alloc does not name the cache',
    until: v(6, 17),
    shows: ({ allocationsNamed }) => allocationsNamed === false,
  },
  {
    what: 'kmem_cache_alloc names the cache',
    since: v(6, 18),
    shows: ({ allocationsNamed }) => allocationsNamed === true,
  },
  {
    what: 'gfp flags are printed in the old order',
    until: v(6, 14),
    shows: ({ masks }) => isOrdered(masks, OLD_ORDER) && !isOrdered(masks, NEW_ORDER),
  },
  {
    what: 'gfp flags are printed in the order of their bits',
    since: v(6, 15),
    shows: ({ masks }) => isOrdered(masks, NEW_ORDER) && !isOrdered(masks, OLD_ORDER),
  },
  { what: '__GFP_ATOMIC', until: v(6, 2), shows: ({ flags }) => flags.has('__GFP_ATOMIC') },
  {
    what: '__GFP_SKIP_KASAN_POISON',
    since: v(5, 14),
    until: v(6, 3),
    shows: ({ flags }) => flags.has('__GFP_SKIP_KASAN_POISON'),
  },
  {
    what: '__GFP_SKIP_KASAN_UNPOISON',
    since: v(5, 18),
    until: v(6, 3),
    shows: ({ flags }) => flags.has('__GFP_SKIP_KASAN_UNPOISON'),
  },
  { what: '__GFP_SKIP_KASAN', since: v(6, 4), shows: ({ flags }) => flags.has('__GFP_SKIP_KASAN') },
  { what: 'the cache maple_node', since: v(6, 1), shows: ({ caches }) => caches.has('maple_node') },
  // mm/memory.c: a lock for each area had an object of its own until it became part of the area.
  { what: 'the cache vma_lock', since: v(6, 4), until: v(6, 14), shows: ({ caches }) => caches.has('vma_lock') },
  { what: 'the cache swap_table', since: v(6, 18), shows: ({ caches }) => caches.has('swap_table') },
  {
    what: 'functions with the suffix _noprof',
    since: v(6, 10),
    shows: ({ callSites }) => [...callSites].some((site) => site.endsWith('_noprof')),
  },
  // lib/maple_tree.c: gone with the prefilled sheaves.
  { what: 'the function mas_alloc_nodes', until: v(6, 17), shows: ({ callSites }) => callSites.has('mas_alloc_nodes') },
];

/** A bound of the recording kernel's version, and what it follows from. */
export interface VersionBound {
  readonly version: KernelVersion;
  readonly what: string;
}

/** Between which releases the recording kernel is, as the form of its trace tells; an end that nothing tells is absent. */
export interface VersionBounds {
  readonly since?: VersionBound;
  readonly until?: VersionBound;
}

/**
 * Bounds the version of the recording kernel. Facts that contradict each other (a vendor's kernel with changes from newer
 * ones) leave only what the older end says: what a kernel prints it may have from a newer one, but not the reverse.
 */
export function versionBounds(table: EventTable): VersionBounds {
  const form = formOf(table);
  const shown = FACTS.filter(({ shows }) => shows(form));
  const since = shown.reduce<VersionBound | undefined>(
    (found, { since: version, what }) =>
      version !== undefined && (found === undefined || !isAtLeast(found.version, version)) ? { version, what } : found,
    undefined,
  );
  const until = shown.reduce<VersionBound | undefined>(
    (found, { until: version, what }) =>
      version !== undefined && (found === undefined || !isAtLeast(version, found.version)) ? { version, what } : found,
    undefined,
  );
  const contradict = since !== undefined && until !== undefined && !isAtLeast(until.version, since.version);
  return {
    ...(since === undefined || contradict ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

/** A version that is only assumed, moved to where the form of the trace allows it; one that somebody gave stays. */
export function assumedVersion(
  table: EventTable,
  { recordedBy, versionFrom }: Pick<ReplayOptions, 'recordedBy' | 'versionFrom'>,
): KernelVersion {
  if (versionFrom !== 'assumed') return recordedBy;
  const { since, until } = versionBounds(table);
  if (until !== undefined && !isAtLeast(until.version, recordedBy)) return until.version;
  return since !== undefined && !isAtLeast(recordedBy, since.version) ? since.version : recordedBy;
}

/** The bounds in words: `at most 6.14: gfp flags are printed in the old order`. Empty if there are none. */
export function boundsText({ since, until }: VersionBounds): string {
  const ends = [
    ...(since === undefined ? [] : [`at least ${versionText(since.version)}: ${since.what}`]),
    ...(until === undefined ? [] : [`at most ${versionText(until.version)}: ${until.what}`]),
  ];
  return ends.join('; ');
}

function formOf({ shapes, byType }: EventTable): Form {
  const masks = [...new Set(shapes.map(({ gfp }) => gfp))].filter((gfp) => gfp !== '').map((gfp) => gfp.split('|'));
  const named = (type: number): readonly boolean[] =>
    shapes.filter((shape) => shape.type === type).map(({ cache }) => cache !== '');
  const freesNamed = named(EVENT.kmem_cache_free).some(Boolean);
  const allocations = named(EVENT.kmem_cache_alloc);
  const isNamed = allocations.some(Boolean);
  return {
    events: new Set(byType.keys()),
    caches: new Set(shapes.map(({ cache }) => cache)),
    callSites: new Set(shapes.map(({ callSite }) => callSite)),
    masks,
    flags: new Set(masks.flat()),
    allocationsNamed: isNamed ? true : freesNamed && allocations.length > 0 ? false : undefined,
  };
}

/** The place of each name in the order in which a kernel tries them. */
function orderOf(version: KernelVersion): ReadonlyMap<string, number> {
  const names = gfpPrintOrder(version, { hwTags: true, lockdep: false, slabObjExt: false });
  return new Map(names.map(({ name }, index) => [name, index]));
}

/** Whether the words of all masks stand in this order, as far as they have a place in it. */
const isOrdered = (masks: Form['masks'], order: ReadonlyMap<string, number>): boolean =>
  masks.every((words) => {
    const places = words.flatMap((word) => order.get(word) ?? []);
    return places.every((place, index) => index === 0 || places[index - 1] < place);
  });
