import { ALLOCATION_CLASSES, classId, type ClassId } from '../../base/allocation-class.ts';
import { assertUnreachable } from '../../base/assert.ts';
import type { SlabCache } from '../../kasan/slab.ts';
import { EVENT } from '../../trace/event-type.ts';
import { EVERYTHING, selectsSome } from '../selection.ts';
import type { FollowOptions } from '../options.ts';
import type { AllocationKind } from './allocation-kinds.ts';
import type { AreaSizes } from './area-sizes.ts';
import type { Following } from './following.ts';
import { kmallocCache, sizeFromPointers, SMALLEST_KMALLOC } from './kfree-sizes.ts';
import { AREA_CLASSES, FOLIO_CLASSES } from './page-classes.ts';
import type { PageEvents, PageMemory } from './page-events.ts';
import { NO_CACHE, type TracedCache, type TracedCaches } from './slab-caches.ts';
import type { SlabEvents, UnknownKfrees } from './slab-events.ts';
import { largestRemainder, type UnknownGroup } from './unknown-pages.ts';

const KERNEL_STACK = classId('kernel-stack');
const VMALLOC = classId('vmalloc');
const PAGE_TABLE = classId('page-table');
const MMU_GATHER = classId('mmu-gather');
/** What the work of mmu_gather shows in a trace. */
const TABLE_CLASSES = [PAGE_TABLE, MMU_GATHER];
const SLAB_OBJECT = classId('slab-object');
const UNKNOWN = classId('unknown');

/**
 * Share of a cache's frees that must be proved to have had no event, before all of its objects that are live at the end
 * are taken to be freed without one as well.
 */
const UNSEEN_SHARE = 0.05;

/**
 * Objects that kfree_rcu gathers on each CPU before it frees them together (mm/slub.c, capacity of the sheaves of
 * maple_node). One such sheaf may be filling and one waiting for its grace period when the trace begins.
 */
const SHEAF_OBJECTS = 32;

/** Blocks of pages that compaction allocated without an event. */
export interface CompactionWork {
  readonly kind: AllocationKind;
  readonly order: number;
  readonly blocks: number;
  /** They were free blocks, and were given back. */
  readonly isGivenBack: boolean;
}

/** Blocks from before the trace, as they are taken to divide by class. */
export interface DividedBlocks {
  readonly order: number;
  readonly shares: readonly { readonly kind: AllocationKind; readonly blocks: number }[];
  /** What they may be. */
  readonly eligible: readonly ClassId[];
  /** The classes that they may be are tagged all or none. */
  readonly isCertain: boolean;
}

/** Objects of unknown size that one kind of event freed, and the caches that they may be from. */
export interface ObjectsOfUnknownSize {
  readonly kind: AllocationKind;
  readonly frees: number;
  /** As they are taken to divide; empty if not even what sizes there are is known. */
  readonly best: readonly (readonly [cache: SlabCache, objects: number])[];
  readonly possible: readonly SlabCache[];
}

/** Objects of a cache whose allocation left no event. */
export interface UnseenAllocations {
  readonly kind: AllocationKind;
  readonly cache: TracedCache;
  readonly low: number;
  readonly best: number;
  readonly high: number;
}

/** Live objects whose free may have left no event, by the group of the work that allocated them. */
export interface UnseenFrees {
  readonly group: number;
  readonly objects: number;
  /** They are taken to be freed. */
  readonly isFreed: boolean;
}

/** What the end of a trace leaves open: the best estimates, and between what bounds they are. */
export interface Closing {
  readonly compaction: readonly CompactionWork[];
  readonly pagesFromBefore: readonly DividedBlocks[];
  readonly unknownObjects: readonly ObjectsOfUnknownSize[];
  readonly unseenAllocations: readonly UnseenAllocations[];
  readonly unseenFrees: readonly UnseenFrees[];
  /** Objects of some caches that were in the sheaves of kfree_rcu when the trace began, at most. */
  readonly inSheaves: readonly { readonly cache: TracedCache; readonly objects: number }[];
  /** Classes that the recording kernel tags although 7.3 does not, see `AllocationKinds`. */
  readonly taggedByOwnFlags: ReadonlySet<ClassId>;
  /** Freed blocks of those from before the trace that are taken to be user memory. */
  readonly userMemoryFrees: number;
}

/** Who knows what is open. */
interface Open {
  readonly following: Following;
  readonly memory: PageMemory;
  readonly pages: PageEvents;
  readonly slab: SlabEvents;
  readonly caches: TracedCaches;
  readonly options: Pick<FollowOptions, 'since' | 'selection'>;
}

/** Settles what is open at the end of a trace, and counts in the rows what was allocated and freed. */
export function closingOf(open: Open): Closing {
  const { following } = open;
  const compaction = compactionWork(open);
  const { blocks, userMemoryFrees } = pagesFromBefore(open);
  const live = liveObjects(open);
  return {
    compaction,
    pagesFromBefore: blocks,
    unknownObjects: unknownKfrees(open),
    unseenAllocations: unseenAllocations(open, live),
    unseenFrees: unseenFrees(open, live),
    inSheaves: inSheaves(open),
    taggedByOwnFlags: new Set(
      ALLOCATION_CLASSES.map((_, id) => id).filter((id) => following.kinds.isTaggedByOwnFlags(id)),
    ),
    userMemoryFrees,
  };
}

/**
 * What compaction allocates has no event (mm/compaction.c:compaction_alloc, mark_allocated). For each page that was moved
 * there was a new one; a block of free pages that was not needed is tagged and poisoned for nothing.
 */
function compactionWork({ following: { kinds }, pages: { compaction } }: Open): readonly CompactionWork[] {
  return [
    { site: 'compaction_alloc', counts: compaction.moved, isGivenBack: false },
    { site: 'release_free_list', counts: compaction.freeBlocks, isGivenBack: true },
  ].flatMap(({ site, counts, isGivenBack }) =>
    [...counts].map(([order, blocks]) => ({ kind: kinds.beforeTrace(UNKNOWN, site), order, blocks, isGivenBack })),
  );
}

/** Freed pages from before the trace of which no neighbouring event told the class. */
function pagesFromBefore(open: Open): { readonly blocks: readonly DividedBlocks[]; readonly userMemoryFrees: number } {
  const { following, memory } = open;
  const { byType } = following.cursor.table;
  const tellsAreas = byType.has('free_vmap_area_noflush');
  // Without this event in the trace, a page that did not go through a folio batch may still be user memory.
  const tellsFolios = byType.has('mm_page_free_batched');
  const blocks: DividedBlocks[] = [];
  let userMemoryFrees = 0;

  /** @param blocksEach blocks that one free gives back: an area gives back all of its pages */
  const divide = (
    { order, isCertain }: Pick<DividedBlocks, 'order' | 'isCertain'>,
    shares: ReadonlyMap<ClassId, number>,
    isEligible: (id: ClassId) => boolean,
    blocksEach = 1,
  ): void => {
    const divided = [...shares]
      .filter(([, count]) => count !== 0)
      .map(([id, count]) => ({ kind: following.kinds.beforeTrace(id), blocks: count }));
    for (const { kind, blocks: count } of divided) {
      if (FOLIO_CLASSES.has(kind.class)) userMemoryFrees += count / blocksEach;
      following.rows.countFree(kind.row, Math.ceil(count / blocksEach));
    }
    const eligible = ALLOCATION_CLASSES.map((_, id) => id).filter(isEligible);
    blocks.push({ order, isCertain, shares: divided, eligible });
  };

  for (const group of memory.unknown.unresolved()) {
    const isArea = group.hint === 'area';
    const isFolio = group.hint === 'folio';
    const isEligible = (id: ClassId): boolean =>
      isArea
        ? AREA_CLASSES.has(id)
        : (!tellsFolios || FOLIO_CLASSES.has(id) === isFolio) && !(tellsAreas && AREA_CLASSES.has(id));
    // Folios are not tagged unless the policy says so, and then all are.
    const about = { order: group.order, isCertain: isFolio && tellsFolios };
    divide(about, sharesOf(following, memory, group, isEligible), isEligible);
  }
  const { pageSize, threadSize } = following.sizes;
  for (const { pages, areas, known } of memory.areaSizes.unresolved()) {
    const one = pages * pageSize === threadSize ? KERNEL_STACK : VMALLOC;
    const shares = known.size > 0 ? largestRemainder([...known], areas) : new Map([[one, areas]]);
    // An area may be of anybody; one that is not as large as a stack is none.
    const isEligible = (id: ClassId): boolean => id === VMALLOC || id === one || known.has(id);
    const ofPages = new Map([...shares].map(([id, count]) => [id, count * pages]));
    divide({ order: 0, isCertain: false }, ofPages, isEligible, pages);
  }
  return { blocks, userMemoryFrees };
}

/** What unknown pages are taken to be. Classes of which nothing in the trace speaks are not among them. */
function sharesOf(
  { kinds }: Pick<Following, 'kinds'>,
  { unknown, areaSizes }: { readonly unknown: PageMemory['unknown']; readonly areaSizes: AreaSizes },
  group: UnknownGroup,
  eligible: (id: ClassId) => boolean,
): ReadonlyMap<ClassId, number> {
  const asKnown = unknown.apportion(group, eligible);
  if (asKnown.size > 0) return asKnown;
  switch (group.hint) {
    case 'folio':
      return new Map([[classId('user-anon'), group.pages]]);
    case 'area': {
      const shares = largestRemainder([...areaSizes.pagesByClass()], group.pages);
      return shares.size > 0 ? shares : new Map([[KERNEL_STACK, group.pages]]);
    }
    case 'none': {
      const freesTables = group.order === 0 && group.softirq && TABLE_CLASSES.some((id) => kinds.hasSeen(id));
      return freesTables ? tablesAndBatches(group) : new Map([[UNKNOWN, group.pages]]);
    }
    default:
      return assertUnreachable(group.hint);
  }
}

/**
 * mm/mmu_gather.c:tlb_remove_table_rcu frees the tables of a batch one after the other, and then the page that lists them.
 * A page that RCU frees alone may be anything.
 */
const tablesAndBatches = ({ pages, runs, pagesInRuns }: UnknownGroup): ReadonlyMap<ClassId, number> =>
  new Map([
    [PAGE_TABLE, pagesInRuns - runs],
    [MMU_GATHER, runs],
    [UNKNOWN, pages - pagesInRuns],
  ]);

/** kfree of objects from before the trace: of the sizes that the same function frees otherwise, or that addresses tell. */
function unknownKfrees(open: Open): readonly ObjectsOfUnknownSize[] {
  const { kinds, rows } = open.following;
  return [...open.slab.unknownKfrees].map(([shapeId, kfrees]) => {
    const { best, possible } = likelySizes(open, shapeId, kfrees);
    const divided = [...largestRemainder(best, kfrees.frees)];
    const counted = best.length === 0 ? kfrees.frees : divided.reduce((sum, [, objects]) => sum + objects, 0);
    const kind = kinds.beforeTraceObject();
    rows.countFree(kind.row, counted);
    return { kind, frees: kfrees.frees, best: divided, possible: [...possible, ...best.map(([cache]) => cache)] };
  });
}

/** Caches that unknown objects may be from. */
interface LikelySizes {
  /** With weights. */
  readonly best: readonly (readonly [cache: SlabCache, weight: number])[];
  readonly possible: readonly SlabCache[];
}

function likelySizes(open: Open, shapeId: number, { pointers }: UnknownKfrees): LikelySizes {
  const { following, slab } = open;
  const { caches } = open.caches;
  if (following.cursor.table.shapes[shapeId].type === EVENT.kmem_cache_free) return sizesOfOtherCaches(open);
  const weighted = (counts: ReadonlyMap<number, number>): [SlabCache, number][] =>
    [...counts].map(([id, weight]) => [caches[id], weight]);
  const same = slab.kfreeCaches.get(shapeId);
  if (same !== undefined) {
    const best = weighted(same);
    return { best, possible: best.map(([cache]) => cache) };
  }
  const evidence = sizeFromPointers(pointers, following.sizes.kmallocMaxCacheSize);
  const everywhere = weighted(mergeCounts(slab.kfreeCaches.values()));
  if (evidence === undefined) {
    return { best: everywhere, possible: [kmallocCache(SMALLEST_KMALLOC), ...everywhere.map(([cache]) => cache)] };
  }
  const largest = kmallocCache(evidence.largest);
  const fitting = everywhere.filter(([cache]) => cache.objectSize <= evidence.largest);
  return {
    best: evidence.likely || fitting.length === 0 ? [[largest, 1]] : fitting,
    possible: [kmallocCache(SMALLEST_KMALLOC), largest],
  };
}

/** Of an object of a cache that the trace has no allocation of: it is taken to be as large as others that have a cache of their own. */
function sizesOfOtherCaches({ caches: { caches }, following: { sizes } }: Open): LikelySizes {
  const best = caches
    .filter((cache) => !cache.kmalloc && !cache.typesafeByRcu && cache.frees > 0)
    .map((cache): readonly [SlabCache, number] => [cache, cache.frees]);
  return { best, possible: [kmallocCache(SMALLEST_KMALLOC), kmallocCache(sizes.kmallocMaxCacheSize)] };
}

/** Objects that were freed without an event, as far as no reuse of their address proved it. */
function unseenFrees(open: Open, live: readonly number[]): readonly UnseenFrees[] {
  const { following, slab } = open;
  const { kinds, rows, work } = following;
  const byGroup = new Map<number, number>();
  const cacheOfGroup = new Map<number, number>();
  slab.live.forEach((record) => {
    const cacheId = slab.live.cacheId(record);
    if (cacheId === NO_CACHE || !slab.live.isCounted(record)) return;
    const group = slab.live.work(record);
    byGroup.set(group, (byGroup.get(group) ?? 0) + 1);
    cacheOfGroup.set(group, cacheId);
  });
  return [...byGroup].flatMap(([group, objects]): UnseenFrees[] => {
    const cacheId = cacheOfGroup.get(group) ?? NO_CACHE;
    const cache = open.caches.caches[cacheId];
    if (freesUnseen(open, cache, live[cacheId])) {
      rows.countFree(kinds.all[work.kind(group)].row, objects);
      return [{ group, objects, isFreed: true }];
    }
    const mayBe = cache.kfreeRcu || cache.reuses > 0 || cache.frees === 0;
    return mayBe ? [{ group, objects, isFreed: false }] : [];
  });
}

/** What may have been in the sheaves of kfree_rcu at first. Whose the objects are is not known. */
function inSheaves({ following: { cursor }, caches: { caches }, options }: Open): Closing['inSheaves'] {
  if (selectsSome(options.selection ?? EVERYTHING)) return [];
  const objects = 2 * SHEAF_OBJECTS * cursor.table.cpus;
  return caches.filter(({ kfreeRcu }) => kfreeRcu).map((cache) => ({ cache, objects }));
}

/**
 * Whether objects that live at the end stand for those of before the beginning, which were freed without an event.
 *
 * A free by kfree_rcu poisons nothing until the sheaf of its CPU is full and a grace period is over
 * (mm/slub.c:rcu_free_sheaf): fewer objects than a sheaf holds were most likely not poisoned within the trace. And where the
 * trace has what came before the part that is counted, addresses that are given out again tell of all such frees.
 */
function freesUnseen({ options }: Open, cache: TracedCache, live: number): boolean {
  const isKnown = cache.kfreeRcu && options.since === undefined;
  return cache.reuses > 0
    ? isKnown || cache.reuses >= UNSEEN_SHARE * (cache.reuses + cache.frees)
    : isKnown && live >= SHEAF_OBJECTS;
}

/** Objects whose allocation left no event, as their frees show. */
function unseenAllocations({ following, caches }: Open, live: readonly number[]): readonly UnseenAllocations[] {
  return caches.caches.flatMap((cache, id): UnseenAllocations[] => {
    const low = cache.unseenAllocations;
    const allFrees = cache.frees + cache.unmatchedFrees;
    if (!cache.bulk && (low === 0 || low < UNSEEN_SHARE * allFrees)) return [];
    // As many as live at the end were allocated before the trace, if the workload is steady.
    const best = Math.max(low, cache.unmatchedFrees - live[id]);
    if (best === 0) return [];
    const kind = following.kinds.beforeTrace(SLAB_OBJECT, 'kmem_cache_alloc_bulk');
    following.rows.countAllocation(kind.row, cache.size, best);
    return [{ kind, cache, low, best, high: cache.unmatchedFrees + live[id] }];
  });
}

/** How many objects of each cache live at the end of the trace. */
function liveObjects({ slab, caches }: Open): readonly number[] {
  const live = caches.caches.map(() => 0);
  slab.live.forEach((record) => {
    const cacheId = slab.live.cacheId(record);
    if (cacheId !== NO_CACHE) live[cacheId]++;
  });
  return live;
}

function mergeCounts(all: Iterable<ReadonlyMap<number, number>>): ReadonlyMap<number, number> {
  const merged = new Map<number, number>();
  for (const counts of all) for (const [id, count] of counts) merged.set(id, (merged.get(id) ?? 0) + count);
  return merged;
}
