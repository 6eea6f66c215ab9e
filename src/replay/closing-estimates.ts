import { ALLOCATION_CLASSES, classId, type ClassId } from '../base/allocation-class.ts';
import { assertUnreachable } from '../base/assert.ts';
import { __free_pages_prepare } from '../kasan/page-alloc.ts';
import { __kasan_slab_alloc, __kasan_slab_free, type SlabCache } from '../kasan/slab.ts';
import { COUNTED_TAG, countedTag } from '../mte/counting-machine.ts';
import { EVENT } from '../trace/event-type.ts';
import { enterCompaction } from './compaction.ts';
import { NOTHING, times, type Piece } from './estimates.ts';
import { kmallocCache, sizeFromPointers, SMALLEST_KMALLOC } from './kfree-sizes.ts';
import { AREA_CLASSES, blockPiece, FOLIO_CLASSES, isTaggedFromBefore } from './page-events.ts';
import { COUNTED, LARGE, objectPiece, offsetOf, poisonPiece, SKIPPED } from './slab-events.ts';
import { EVERYTHING, selectsSome } from './selection.ts';
import type { TracedCache } from './slab-caches.ts';
import type { ReplayState, UnknownKfrees } from './state.ts';
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

/** What the end of the trace leaves open: enters the best estimates and says how far off they can be. */
export function enterClosingEstimates(state: ReplayState): void {
  state.ledger.beginEstimates();
  enterCompaction(state);
  unknownPages(state);
  unknownKfrees(state);
  unseenObjectAllocations(state);
  unseenObjectFrees(state);
}

/** Freed pages from before the trace of which no neighbouring event told the class. */
function unknownPages(state: ReplayState): void {
  const tellsAreas = state.table.byType.has('free_vmap_area_noflush');
  // Without this event in the trace, a page that did not go through a folio batch may still be user memory.
  const tellsFolios = state.table.byType.has('mm_page_free_batched');
  for (const group of state.unknownPages.unresolved()) {
    const isArea = group.hint === 'area';
    const isFolio = group.hint === 'folio';
    const eligible = (id: ClassId): boolean =>
      isArea
        ? AREA_CLASSES.has(id)
        : (!tellsFolios || FOLIO_CLASSES.has(id) === isFolio) && !(tellsAreas && AREA_CLASSES.has(id));
    freeFromBeforeTrace(state, {
      order: group.order,
      blocksEach: 1,
      shares: sharesOf(state, group, eligible),
      eligible,
      // Folios are not tagged unless the policy says so, and then all are.
      isCertain: isFolio && tellsFolios,
    });
  }
  for (const { pages, areas, known } of state.areaSizes.unresolved()) {
    const isStack = pages * state.kasan.config.pageSize === state.kasan.config.threadSize;
    const one = isStack ? KERNEL_STACK : VMALLOC;
    const shares = known.size > 0 ? largestRemainder([...known], areas) : new Map([[one, areas]]);
    freeFromBeforeTrace(state, {
      order: 0,
      blocksEach: pages,
      shares: new Map([...shares].map(([id, count]) => [id, count * pages])),
      // An area may be of anybody; one that is not as large as a stack is none.
      eligible: (id) => id === VMALLOC || id === one || known.has(id),
      isCertain: false,
    });
  }
}

/** Blocks from before the trace, as they are taken to divide by class. */
interface DividedBlocks {
  readonly order: number;
  /** Blocks that one free gives back: an area gives back all of its pages. */
  readonly blocksEach: number;
  readonly shares: ReadonlyMap<ClassId, number>;
  /** What they may be. */
  readonly eligible: (id: ClassId) => boolean;
  readonly isCertain: boolean;
}

function freeFromBeforeTrace(
  state: ReplayState,
  { order, blocksEach, shares, eligible, isCertain }: DividedBlocks,
): void {
  const { kasan, ledger, attributor, estimates, counts } = state;
  const tags = ALLOCATION_CLASSES.map((_, id) => id).filter(eligible);
  const isTagged = (id: ClassId): boolean => isTaggedFromBefore(state, id);
  const mayBeTagged = tags.some(isTagged);
  const mayBeUntagged = !tags.every(isTagged);
  for (const [id, blocks] of shares) {
    if (blocks === 0) continue;
    const given = attributor.beforeTrace(id);
    // Of pages of which nothing is known it is not taken for granted that they were tagged: most memory is not.
    const tagged = id !== UNKNOWN && isTaggedFromBefore(state, id);
    ledger.chargeTo(given.row);
    if (FOLIO_CLASSES.has(id)) counts.userMemoryFrees += blocks / blocksEach;
    for (let block = 0; block < blocks; block++) {
      if (block % blocksEach === 0) ledger.countFree(given.row);
      __free_pages_prepare(kasan, 0, order, countedTag(tagged));
    }
    const all = blockPiece(state, order, blocks);
    const best = tagged ? all : NOTHING;
    const low = isCertain || !mayBeUntagged ? best : NOTHING;
    const high = isCertain || !mayBeTagged ? best : all;
    estimates.pagesFromBeforeTrace.add(low, best, high);
  }
}

/** What unknown pages are taken to be. Classes of which nothing in the trace speaks are not among them. */
function sharesOf(
  { unknownPages: unknown, areaSizes, attributor }: ReplayState,
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
      const freesTables = group.order === 0 && group.softirq && TABLE_CLASSES.some((id) => attributor.hasSeen(id));
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
function unknownKfrees(state: ReplayState): void {
  const { kasan, ledger, attributor, estimates } = state;
  for (const [shapeId, kfrees] of state.unknownKfrees) {
    const sizes = likelySizes(state, shapeId, kfrees);
    const given = attributor.beforeTraceObject();
    ledger.chargeTo(given.row);
    const poisons = kasan.config.kasan && given.action !== 'skip';
    const caches = [...sizes.possible, ...sizes.best.map(([cache]) => cache)];
    const pieces = caches.map((cache) => poisonPiece(state, cache));
    const low = bound(pieces, Math.min);
    const high = bound(pieces, Math.max);
    if (sizes.best.length === 0) {
      // Not even what sizes there are is known.
      for (let free = 0; free < kfrees.frees; free++) ledger.countFree(given.row);
      if (poisons) estimates.objectsFromBeforeTrace.add(NOTHING, NOTHING, times(high, kfrees.frees));
    }
    for (const [cache, count] of largestRemainder(sizes.best, kfrees.frees)) {
      const best = poisonPiece(state, cache);
      for (let free = 0; free < count; free++) {
        ledger.chargeTo(given.row);
        ledger.countFree(given.row);
        if (!poisons) continue;
        __kasan_slab_free(kasan, cache, 0, COUNTED_TAG);
        estimates.objectsFromBeforeTrace.add(low, best, high);
      }
    }
  }
}

/** Caches that unknown objects may be from. */
interface LikelySizes {
  /** With weights. */
  readonly best: readonly (readonly [cache: SlabCache, weight: number])[];
  readonly possible: readonly SlabCache[];
}

function likelySizes(state: ReplayState, shapeId: number, { pointers }: UnknownKfrees): LikelySizes {
  const { caches } = state.caches;
  if (state.table.shapes[shapeId].type === EVENT.kmem_cache_free) return sizesOfOtherCaches(state);
  const weighted = (counts: ReadonlyMap<number, number>): [SlabCache, number][] =>
    [...counts].map(([id, weight]) => [caches[id], weight]);
  const same = state.kfreeCaches.get(shapeId);
  if (same !== undefined) {
    const best = weighted(same);
    return { best, possible: best.map(([cache]) => cache) };
  }
  const evidence = sizeFromPointers(pointers, state.kasan.config.kmallocMaxCacheSize);
  const everywhere = weighted(mergeCounts(state.kfreeCaches.values()));
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
function sizesOfOtherCaches({ caches: { caches }, kasan }: ReplayState): LikelySizes {
  const best = caches
    .filter((cache) => !cache.kmalloc && !cache.typesafeByRcu && cache.frees > 0)
    .map((cache): readonly [SlabCache, number] => [cache, cache.frees]);
  return { best, possible: [kmallocCache(SMALLEST_KMALLOC), kmallocCache(kasan.config.kmallocMaxCacheSize)] };
}

/** Objects that were freed without an event, as far as no reuse of their address proved it. */
function unseenObjectFrees(state: ReplayState): void {
  const { kasan, ledger, attributor, objects, objectRecords, caches, estimates } = state;
  const live = liveObjects(state);
  objects.forEach((record) => {
    const cacheId = objectRecords.value(record);
    const flags = objectRecords.flags(record);
    if (cacheId <= LARGE || (flags & COUNTED) === 0) return;
    const cache = caches.caches[cacheId];
    const poisons = kasan.config.kasan && (flags & SKIPPED) === 0;
    const piece = poisons ? poisonPiece(state, cache) : NOTHING;
    const row = objectRecords.row(record);
    ledger.chargeTo(row);
    if (freesUnseen(state, cache, live[cacheId])) {
      ledger.countFree(row);
      if (!poisons) return;
      __kasan_slab_free(kasan, cache, offsetOf(flags), COUNTED_TAG);
      // As many objects as are on their way at the end were on their way at the beginning, if the workload is steady.
      estimates.unseenObjectFrees.add(NOTHING, piece, times(piece, 2));
    } else if (cache.kfreeRcu || cache.reuses > 0 || cache.frees === 0) {
      estimates.unseenObjectFrees.add(NOTHING, NOTHING, piece);
    }
  });
  if (!kasan.config.kasan) return;
  // Whose the objects in sheaves are is not known.
  if (selectsSome(state.options.selection ?? EVERYTHING)) return;
  for (const cache of caches.caches) {
    if (!cache.kfreeRcu || !attributor.mayTagObjects()) continue;
    const piece = times(poisonPiece(state, cache), 2 * SHEAF_OBJECTS * state.table.cpus);
    estimates.unseenObjectFrees.add(NOTHING, NOTHING, piece);
  }
}

/**
 * Whether objects that live at the end stand for those of before the beginning, which were freed without an event.
 *
 * A free by kfree_rcu poisons nothing until the sheaf of its CPU is full and a grace period is over
 * (mm/slub.c:rcu_free_sheaf): fewer objects than a sheaf holds were most likely not poisoned within the trace. And where the
 * trace has what came before the part that is counted, addresses that are given out again tell of all such frees.
 */
function freesUnseen({ options }: ReplayState, cache: TracedCache, live: number): boolean {
  const isKnown = cache.kfreeRcu && options.since === undefined;
  return cache.reuses > 0
    ? isKnown || cache.reuses >= UNSEEN_SHARE * (cache.reuses + cache.frees)
    : isKnown && live >= SHEAF_OBJECTS;
}

/** Objects whose allocation left no event, as their frees show. */
function unseenObjectAllocations(state: ReplayState): void {
  const { kasan, ledger, attributor, estimates } = state;
  const live = liveObjects(state);
  state.caches.caches.forEach((cache, id) => {
    const proved = cache.unseenAllocations;
    const allFrees = cache.frees + cache.unmatchedFrees;
    if (!cache.bulk && (proved === 0 || proved < UNSEEN_SHARE * allFrees)) return;
    // As many as live at the end were allocated before the trace, if the workload is steady.
    const best = Math.max(proved, cache.unmatchedFrees - live[id]);
    if (best === 0) return;
    const given = attributor.beforeTrace(SLAB_OBJECT, 'kmem_cache_alloc_bulk');
    const piece = given.action === 'skip' || !kasan.config.kasan ? NOTHING : objectPiece(state, cache);
    ledger.chargeTo(given.row);
    estimates.unseenObjectAllocations.add(
      times(piece, proved),
      times(piece, best),
      times(piece, cache.unmatchedFrees + live[id]),
    );
    for (let object = 0; object < best; object++) {
      ledger.chargeTo(given.row);
      ledger.countAllocation(given.row, cache.size);
      if (given.action !== 'skip') __kasan_slab_alloc(kasan, cache, 0, COUNTED_TAG, false);
    }
  });
}

/** How many objects of each cache live at the end of the trace. */
function liveObjects({ objects, objectRecords, caches }: ReplayState): readonly number[] {
  const live = caches.caches.map(() => 0);
  objects.forEach((record) => {
    const cacheId = objectRecords.value(record);
    if (cacheId >= 0) live[cacheId]++;
  });
  return live;
}

function mergeCounts(all: Iterable<ReadonlyMap<number, number>>): ReadonlyMap<number, number> {
  const merged = new Map<number, number>();
  for (const counts of all) for (const [id, count] of counts) merged.set(id, (merged.get(id) ?? 0) + count);
  return merged;
}

/** The least or the most of each figure: what is small in one need not be small in another. */
const bound = (pieces: readonly Piece[], pick: (...values: readonly number[]) => number): Piece =>
  pieces.length === 0
    ? NOTHING
    : {
        calls: pick(...pieces.map((piece) => piece.calls)),
        bytes: pick(...pieces.map((piece) => piece.bytes)),
        instructions: pick(...pieces.map((piece) => piece.instructions)),
      };
