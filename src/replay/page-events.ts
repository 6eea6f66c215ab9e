import { classId, type AllocationClass, type ClassId } from '../base/allocation-class.ts';
import type { CompactionFree } from '../classify/compaction.ts';
import { GFP_COMP, GFP_HIGHMEM, gfpHasAll, type Gfp } from '../gfp/flags.ts';
import { __free_pages_prepare, post_alloc_hook } from '../kasan/page-alloc.ts';
import {
  __kasan_kfree_large,
  __kasan_poison_slab,
  alloc_slab_page_gfp,
  kmalloc_large_gfp,
  setsUpObjects,
  setup_object,
  tagsLargeKmalloc,
} from '../kasan/slab.ts';
import { vmallocTags } from '../kasan/vmalloc.ts';
import { COUNTED_TAG, countedTag } from '../mte/counting-machine.ts';
import { KASAN_TAG_KERNEL, type Tag } from '../mte/tag-machine.ts';
import { rangeInstructions } from '../mte/tag-range.ts';
import { EVENT } from '../trace/event-type.ts';
import { NO_STACK } from '../trace/event-table.ts';
import { classInFork, onAreaPages } from './area-events.ts';
import type { Attribution } from './attribution.ts';
import { NOTHING, type Piece } from './estimates.ts';
import { NO_CACHE } from './slab-caches.ts';
import { nextInContext, type ReplayState } from './state.ts';
import { noteUnseenFree } from './unseen-frees.ts';

const KERNEL_STACK = classId('kernel-stack');
const SHADOW_CALL_STACK = classId('shadow-call-stack');
const VMALLOC = classId('vmalloc');
const SLAB_PAGE = classId('slab-page');
const KMALLOC_LARGE = classId('kmalloc-large');
const UNKNOWN = classId('unknown');

/** MAX_OBJS_PER_PAGE (mm/slub.c): a slab has at most that many objects. */
const MAX_OBJECTS = 32767;

/** Functions that allocate what slab itself needs for a new page (mm/slub.c, through the versions). */
const SLAB_METADATA: ReadonlySet<string> = new Set([
  'alloc_slab_obj_exts',
  'memcg_alloc_slab_cgroups',
  'memcg_alloc_page_obj_cgroups',
]);

const isSlabAlloc = (type: number): boolean => type === EVENT.kmem_cache_alloc || type === EVENT.kmalloc;
const isTaskEnd = (type: number): boolean => type === EVENT.task_newtask || type === EVENT.sched_process_exit;

/** mm_page_alloc. */
export function onPageAlloc(state: ReplayState): void {
  const { event, kasan, ledger, pages, counts } = state;
  const { hi, lo, shape, shapeId, context } = event;
  context.endUnknownFrees();
  // A failed allocation prints pfn 0, or −1 in binary formats.
  if ((hi === 0 && lo === 0) || (hi === -1 && lo === -1)) return;
  counts.unknownFlags += state.shapes.unknownGfp[shapeId];

  const told = largeKmalloc(state) ?? classInFork(state);
  const given = state.attributor.pages(shapeId, event.stack, event.origin, context.tasks, told);
  const blockPages = 1 << shape.order;
  counts.pages += blockPages;
  if (given.evidence !== 'mask') counts.pagesFromEvidence += blockPages;
  if (given.class === UNKNOWN) counts.pagesUnclassified += blockPages;

  const inArea = given.class === VMALLOC || given.class === KERNEL_STACK || given.class === SHADOW_CALL_STACK;
  if (inArea && gfpHasAll(state.shapes.gfp[shapeId], GFP_HIGHMEM)) {
    onAreaPages(state, given);
    return;
  }
  if (given.class === KERNEL_STACK) context.freshStack = true;

  ledger.chargeTo(given.row);
  ledger.countAllocation(given.row, kasan.config.pageSize * blockPages);
  state.lifetimes?.pages.begin(hi, lo, given.row);
  const slab = given.class === SLAB_PAGE;
  const mask = pageMask(state, given);
  const allocated = post_alloc_hook(kasan, event.cpu, 0, shape.order, mask);
  const pageTag = slab ? makeSlab(state, given) : allocated;
  const tagged = pageTag !== KASAN_TAG_KERNEL && !given.skipsPoison;
  if (given.class === KMALLOC_LARGE) context.largeTagged = tagged || tagsLargeKmalloc(kasan);
  noteUnseenFree(state, pages.add(hi, lo, shape.order, given.row, given.class, tagged, false));
}

/** The mask that slab and kmalloc make of what is passed to them. */
function pageMask({ kasan }: ReplayState, { action, class: classOf, gfp }: Attribution): Gfp {
  if (classOf === SLAB_PAGE) return alloc_slab_page_gfp(kasan, gfp);
  return classOf === KMALLOC_LARGE && action !== 'skip' ? kmalloc_large_gfp(kasan, gfp) : gfp;
}

/**
 * The rest of mm/slub.c:allocate_slab for a page that becomes a slab.
 *
 * @returns its page tag
 */
function makeSlab(state: ReplayState, given: Attribution): Tag {
  if (given.action === 'skip') return KASAN_TAG_KERNEL;
  const { kasan, event } = state;
  const slabBytes = kasan.config.pageSize * (1 << event.shape.order);
  const pageTag = __kasan_poison_slab(kasan, 0, slabBytes);
  // The allocation that made the slab necessary comes next in its context and names the cache.
  const next = nextInContext(
    state,
    (shape, shapeId) =>
      isSlabAlloc(shape.type) &&
      state.caches.ofShape[shapeId] !== NO_CACHE &&
      !SLAB_METADATA.has(state.shapes.callSite[shapeId]),
    (shape) => isTaskEnd(shape.type),
  );
  if (next === undefined) return pageTag;
  const cache = state.caches.caches[state.caches.ofShape[next]];
  if (!setsUpObjects(kasan, cache)) return pageTag;
  const objects = Math.min(Math.floor(slabBytes / cache.size), MAX_OBJECTS);
  for (let object = 0; object < objects; object++) setup_object(kasan, cache, object * cache.size);
  return pageTag;
}

/**
 * Whether compound pages are a kmalloc that is too large for the slab caches: its own event follows in the same context.
 * Without a stack the mask alone cannot tell it from a slab page (kvmalloc passes the same flags).
 */
function largeKmalloc(state: ReplayState): AllocationClass | undefined {
  const { event, kasan } = state;
  const size = kasan.config.pageSize * (1 << event.shape.order);
  if (event.stack !== NO_STACK || size <= kasan.config.kmallocMaxCacheSize) return undefined;
  if (!gfpHasAll(state.shapes.gfp[event.shapeId], GFP_COMP)) return undefined;
  let first = true;
  const found = nextInContext(
    state,
    (shape) => {
      const isNext = first && shape.type === EVENT.kmalloc && shape.bytesAlloc === size;
      first = false;
      return isNext;
    },
    () => true,
  );
  return found === undefined ? undefined : 'kmalloc-large';
}

/**
 * Whether the current event, an mm_page_free, is compaction's: as its stack tells, or, for kcompactd without stacks, the
 * order. What kcompactd moves is mostly single pages; larger blocks that nobody was seen to allocate were free before.
 *
 * @param known the allocation is in the trace
 */
function compactionFreeOf(state: ReplayState, known: boolean): CompactionFree | undefined {
  const { event, contexts, attributor } = state;
  if (event.stack !== NO_STACK) return attributor.compactionFree(event.stack);
  if (contexts.inCompaction[event.origin] === 0) return undefined;
  return event.shape.order > 0 && !known ? 'free-block' : 'moved';
}

/** mm_page_free. */
export function onPageFree(state: ReplayState): void {
  const { event, kasan, ledger, pages } = state;
  const { hi, lo, context } = event;
  const { order } = event.shape;
  const { freesLarge } = context;
  context.freesLarge = false;
  const block = pages.take(hi, lo, order);
  state.lifetimes?.pages.end(hi, lo);
  const byCompaction = compactionFreeOf(state, block !== undefined);
  if (byCompaction !== undefined && ledger.isOpen) {
    state.compaction.note(byCompaction, order);
    state.counts.compactionFrees++;
  }
  if (block !== undefined) {
    ledger.chargeTo(block.row);
    if (!block.part) ledger.countFree(block.row);
    __free_pages_prepare(kasan, 0, order, countedTag(block.tagged));
    state.unknownPages.knownFree(order, event.softirq, block.class);
    context.endUnknownFrees();
    return;
  }
  // The bulk allocator has no events, but the area that it worked for has.
  if (context.unmapping !== undefined && context.unmapping.row >= 0) {
    ledger.chargeTo(context.unmapping.row);
    __free_pages_prepare(kasan, 0, order, countedTag(context.unmapping.tagged));
    return;
  }
  if (byCompaction === 'free-block') return;
  const byStack = freesLarge
    ? 'kmalloc-large'
    : byCompaction === 'moved'
      ? 'user-anon'
      : state.attributor.freedMemory(event.stack);
  if (byStack === 'boot-memory') return;
  state.counts.unmatchedFrees++;
  if (!ledger.isOpen) return;
  if (byStack !== undefined && byStack !== 'area') {
    freeFromBeforeTrace(state, byStack, order);
    return;
  }
  const run = context.unknownFrees[0];
  context.unknownFrees.push(
    state.unknownPages.add({ hi, lo, order, softirq: event.softirq, run, area: byStack === 'area' }),
  );
}

/** Functions that free the metadata of a vmalloc area right after its pages, through the versions. */
const VFREE_FUNCTIONS: ReadonlySet<string> = new Set(['vfree', 'kvfree', '__vunmap', '__vfree', '__vfree_deferred']);

/** A kfree that follows frees of unknown pages tells whether vfree freed them. */
export function settleVfreePages(state: ReplayState): void {
  const { event, kasan, unknownPages, facts } = state;
  const { unknownFrees, unmapping } = event.context;
  // kvfree also frees what kmalloc gave: if areas have events, one must have been unmapped just before.
  const mayBeVfree = unmapping !== undefined || !state.table.byType.has('free_vmap_area_noflush');
  if (mayBeVfree && unknownFrees.length > 0 && VFREE_FUNCTIONS.has(state.shapes.callSite[event.shapeId])) {
    const stackPages = kasan.config.threadSize / kasan.config.pageSize;
    const stack = unknownFrees.slice(0, stackPages);
    // Where the trace does not tell interrupts apart, pages that RCU freed in between are part of the row.
    const mixed = unknownFrees.length > stackPages && !facts.interrupts && unknownPages.areBlock(stack);
    const ids = mixed ? stack : unknownFrees;
    for (const id of ids) unknownPages.settle(id);
    state.areaSizes.freedFromBeforeTrace(ids.length);
  }
  event.context.endUnknownFrees();
}

/** Frees a block from before the trace whose class an event or a stack tells. */
function freeFromBeforeTrace(state: ReplayState, name: AllocationClass, order: number): void {
  const { kasan, ledger, attributor, estimates } = state;
  const given = attributor.beforeTrace(classId(name));
  const tagged = isTaggedFromBefore(state, given.class);
  if (FOLIO_CLASSES.has(given.class)) state.counts.userMemoryFrees++;
  ledger.chargeTo(given.row);
  ledger.countFree(given.row);
  const byHook = tagged && given.class === KMALLOC_LARGE && tagsLargeKmalloc(kasan);
  if (byHook) __kasan_kfree_large(kasan, 0, COUNTED_TAG, kasan.config.pageSize << order);
  __free_pages_prepare(kasan, 0, order, countedTag(tagged && !byHook));
  const piece = tagged ? blockPiece(state, order, 1) : NOTHING;
  estimates.pagesFromBeforeTrace.add(piece, piece, piece);
}

/** Classes whose pages are folios: only these go through folio batches. */
export const FOLIO_CLASSES: ReadonlySet<number> = new Set([classId('user-anon'), classId('user-file')]);

/** Classes whose pages vmalloc allocates, and tags. */
export const AREA_CLASSES: ReadonlySet<ClassId> = new Set([KERNEL_STACK, SHADOW_CALL_STACK, VMALLOC]);

/** Whether pages of a class that were allocated before the trace began are tagged. */
export const isTaggedFromBefore = ({ kasan, attributor }: ReplayState, classOf: ClassId): boolean =>
  kasan.config.kasan &&
  attributor.tagsPages(classOf) &&
  (!AREA_CLASSES.has(classOf) || !kasan.config.vmapStack || vmallocTags(kasan.config, false));

/** The work of poisoning blocks of pages. */
export function blockPiece(state: ReplayState, order: number, blocks: number): Piece {
  const { kasan, options } = state;
  if (kasan.changes.freedPages === 'keep') return NOTHING;
  const size = kasan.config.pageSize * (1 << order);
  return { calls: blocks, bytes: size * blocks, instructions: rangeInstructions(options.cpu, 0, size) * blocks };
}
