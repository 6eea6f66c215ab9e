import { classId } from '../base/allocation-class.ts';
import { __free_pages_prepare } from '../kasan/page-alloc.ts';
import { __kasan_slab_free, type SlabCache } from '../kasan/slab.ts';
import { COUNTED_TAG, countedTag } from '../mte/counting-machine.ts';
import { NOTHING, type Piece } from './estimates.ts';
import { kmallocCache, sizeFromPointers, SMALLEST_KMALLOC } from './kfree-sizes.ts';
import { blockPiece } from './page-events.ts';
import { COUNTED, LARGE, offsetOf, poisonPiece, SKIPPED } from './slab-events.ts';
import type { TracedCache } from './slab-caches.ts';
import type { ReplayState, UnknownKfrees } from './state.ts';
import { largestRemainder } from './unknown-pages.ts';

/** Classes whose pages are folios: only these go through folio batches. */
const FOLIO_CLASSES: ReadonlySet<number> = new Set([classId('user-anon'), classId('user-file')]);

/** Classes whose pages are freed with their vmalloc area: where areas have events, these have told which they were. */
const AREA_CLASSES: ReadonlySet<number> = new Set([classId('kernel-stack'), classId('vmalloc')]);

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
  unknownPages(state);
  unknownKfrees(state);
  unseenObjectFrees(state);
}

/** Freed pages from before the trace of which no neighbouring event told the class. */
function unknownPages(state: ReplayState): void {
  const { kasan, ledger, attributor, table, estimates } = state;
  const tellsAreas = table.byType.has('free_vmap_area_noflush');
  // Without this event in the trace, a page that did not go through a folio batch may still be user memory.
  const tellsFolios = table.byType.has('mm_page_free_batched');
  for (const group of state.unknownPages.unresolved()) {
    const eligible = (id: number): boolean =>
      (!tellsFolios || FOLIO_CLASSES.has(id) === group.folio) && !(tellsAreas && AREA_CLASSES.has(id));
    const shares = state.unknownPages.apportion(group, eligible);
    const mayBeTagged = kasan.config.kasan && attributor.mayTagPages(eligible);
    const divided = shares.size > 0 ? shares : new Map([[classId(group.folio ? 'user-anon' : 'unknown'), group.pages]]);
    for (const [id, blocks] of divided) {
      if (blocks === 0) continue;
      const given = attributor.beforeTrace(id);
      const tagged = attributor.tagsPages(given) && kasan.config.kasan;
      ledger.chargeTo(given.row);
      for (let block = 0; block < blocks; block++) {
        ledger.countFree(given.row);
        __free_pages_prepare(kasan, 0, group.order, countedTag(tagged));
      }
      const all = blockPiece(state, group.order, blocks);
      // Folios are not tagged unless the policy says so, and then all are.
      const certain = group.folio && tellsFolios;
      const best = tagged ? all : NOTHING;
      estimates.pagesFromBeforeTrace.add(certain ? best : NOTHING, best, certain || !mayBeTagged ? best : all);
    }
  }
}

/** kfree of objects from before the trace: of the sizes that the same function frees otherwise, or that addresses tell. */
function unknownKfrees(state: ReplayState): void {
  const { kasan, ledger, attributor, estimates } = state;
  for (const [shapeId, kfrees] of state.unknownKfrees) {
    const sizes = likelySizes(state, shapeId, kfrees);
    if (sizes.best.length === 0) continue;
    const given = attributor.beforeTraceObject();
    const poisons = kasan.config.kasan && given.action !== 'skip';
    const caches = [...sizes.possible, ...sizes.best.map(([cache]) => cache)];
    const pieces = caches.map((cache) => poisonPiece(state, cache));
    const low = bound(pieces, Math.min);
    const high = bound(pieces, Math.max);
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

/** Objects that were freed without an event, as far as no reuse of their address proved it. */
function unseenObjectFrees(state: ReplayState): void {
  const { kasan, ledger, attributor, objects, objectRecords, caches, estimates } = state;
  objects.forEach((record) => {
    const cacheId = objectRecords.value(record);
    const flags = objectRecords.flags(record);
    if (cacheId === LARGE || (flags & COUNTED) === 0) return;
    const cache = caches.caches[cacheId];
    const poisons = kasan.config.kasan && (flags & SKIPPED) === 0;
    const piece = poisons ? poisonPiece(state, cache) : NOTHING;
    if (freesUnseen(cache)) {
      const row = objectRecords.row(record);
      ledger.chargeTo(row);
      ledger.countFree(row);
      if (!poisons) return;
      __kasan_slab_free(kasan, cache, offsetOf(flags), COUNTED_TAG);
      // As many objects as are on their way at the end were on their way at the beginning, if the workload is steady.
      estimates.unseenObjectFrees.add(NOTHING, piece, times(piece, 2));
    } else if (cache.reuses > 0 || cache.frees === 0) {
      estimates.unseenObjectFrees.add(NOTHING, NOTHING, piece);
    }
  });
  if (!kasan.config.kasan) return;
  for (const cache of caches.caches) {
    if (!cache.kfreeRcu || !attributor.mayTagObjects()) continue;
    const piece = times(poisonPiece(state, cache), 2 * SHEAF_OBJECTS * state.table.cpus);
    estimates.unseenObjectFrees.add(NOTHING, NOTHING, piece);
  }
}

const freesUnseen = (cache: TracedCache): boolean =>
  cache.reuses > 0 && cache.reuses >= UNSEEN_SHARE * (cache.reuses + cache.frees);

const times = (piece: Piece, factor: number): Piece => ({
  calls: factor * piece.calls,
  bytes: factor * piece.bytes,
  instructions: factor * piece.instructions,
});

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
