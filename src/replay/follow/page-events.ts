import { classId, type AllocationClass } from '../../base/allocation-class.ts';
import type { CompactionFree } from '../../classify/compaction.ts';
import { GFP_COMP, GFP_HIGHMEM, gfpHasAll } from '../../gfp/flags.ts';
import { NO_STACK } from '../../trace/event-table.ts';
import { EVENT } from '../../trace/event-type.ts';
import type { AllocationKind } from './allocation-kinds.ts';
import type { AreaEvents } from './area-events.ts';
import type { AreaSizes } from './area-sizes.ts';
import { CompactionFrees } from './compaction-frees.ts';
import type { Following } from './following.ts';
import type { LivePages, PageBlock } from './live-pages.ts';
import { AREA_CLASSES, FOLIO_CLASSES } from './page-classes.ts';
import { NO_CACHE, type TracedCaches } from './slab-caches.ts';
import { NONE, WORK } from './tag-work.ts';
import type { UnknownPages } from './unknown-pages.ts';

const KERNEL_STACK = classId('kernel-stack');
const SLAB_PAGE = classId('slab-page');
const KMALLOC_LARGE = classId('kmalloc-large');
const UNKNOWN = classId('unknown');

/** Functions that allocate what slab itself needs for a new page (mm/slub.c, through the versions). */
const SLAB_METADATA: ReadonlySet<string> = new Set([
  'alloc_slab_obj_exts',
  'memcg_alloc_slab_cgroups',
  'memcg_alloc_page_obj_cgroups',
]);

/** Functions that free the metadata of a vmalloc area right after its pages, through the versions. */
const VFREE_FUNCTIONS: ReadonlySet<string> = new Set(['vfree', 'kvfree', '__vunmap', '__vfree', '__vfree_deferred']);

const isSlabAlloc = (type: number): boolean => type === EVENT.kmem_cache_alloc || type === EVENT.kmalloc;
const isTaskEnd = (type: number): boolean => type === EVENT.task_newtask || type === EVENT.sched_process_exit;

/** What is remembered of pages. */
export interface PageMemory {
  readonly live: LivePages;
  readonly unknown: UnknownPages;
  readonly areaSizes: AreaSizes;
}

/** mm_page_alloc and mm_page_free: which pages live, and what is known of those that were there before. */
export class PageEvents {
  readonly compaction = new CompactionFrees();
  readonly counts = {
    pages: 0,
    pagesFromEvidence: 0,
    pagesUnclassified: 0,
    unknownFlags: 0,
    missedPageFrees: 0,
    compactionFrees: 0,
    unmatchedFrees: 0,
    userMemoryFrees: 0,
  };
  readonly #following: Following;
  readonly #memory: PageMemory;
  readonly #caches: TracedCaches;
  readonly #areas: AreaEvents;
  readonly #unmapsAreVisible: boolean;

  constructor(following: Following, memory: PageMemory, caches: TracedCaches, areas: AreaEvents) {
    this.#following = following;
    this.#memory = memory;
    this.#caches = caches;
    this.#areas = areas;
    this.#unmapsAreVisible = following.cursor.table.byType.has('free_vmap_area_noflush');
  }

  /** mm_page_alloc. */
  onAlloc(): void {
    const { cursor, shapes, kinds, rows, work, sizes, lifetimes } = this.#following;
    const { hi, lo, shape, shapeId, context } = cursor;
    context.endUnknownFrees();
    // A failed allocation prints pfn 0, or −1 in binary formats.
    if ((hi === 0 && lo === 0) || (hi === -1 && lo === -1)) return;
    this.counts.unknownFlags += shapes.unknownGfp[shapeId];

    const told = this.#largeKmalloc() ?? this.#areas.classInFork();
    const kind = kinds.pages(shapeId, cursor.stack, cursor.origin, context.tasks, told);
    this.#countPages(kind, 1 << shape.order);

    if (AREA_CLASSES.has(kind.class) && gfpHasAll(shapes.gfp[shapeId], GFP_HIGHMEM)) {
      this.#noteLive(this.#areas.onPages(kind));
      return;
    }
    if (kind.class === KERNEL_STACK) context.freshStack = true;

    const blockBytes = sizes.pageSize * (1 << shape.order);
    if (work.isOpen) rows.countAllocation(kind.row, blockBytes);
    const cache = kind.class === SLAB_PAGE ? this.#cacheOfSlab() : NO_CACHE;
    const handle = work.addOrdered(work.group(WORK.allocPages, kind.id, cache), NONE, cursor.cpu);
    if (kind.class === KMALLOC_LARGE) context.largePages = handle;
    const life =
      lifetimes?.begin({
        what: kind.class === KERNEL_STACK ? 'stack' : 'page',
        kind: kind.id,
        bytes: blockBytes,
        parts: 1 << shape.order,
      }) ?? NONE;
    this.#noteLive({ work: handle, order: shape.order, part: false, life });
  }

  #countPages({ evidence, class: classOf }: AllocationKind, blockPages: number): void {
    this.counts.pages += blockPages;
    if (evidence !== 'mask') this.counts.pagesFromEvidence += blockPages;
    if (classOf === UNKNOWN) this.counts.pagesUnclassified += blockPages;
  }

  /** Notes pages that are allocated. Where others are noted still these must have been freed: the free left no event, or was dropped. */
  #noteLive(block: PageBlock): void {
    const { cursor, lifetimes } = this.#following;
    const unseen = this.#memory.live.add(cursor.hi, cursor.lo, block);
    if (unseen === undefined) return;
    this.counts.missedPageFrees++;
    lifetimes?.reuse(unseen.life);
    // Of a larger block only the part that is given out again is known to be free.
    this.#free(unseen, Math.min(block.order, unseen.order));
  }

  #free({ work: of, part }: PageBlock, order: number): void {
    const { cursor, kinds, rows, work } = this.#following;
    if (!part && work.isOpen) rows.countFree(kinds.all[work.kindOf(of)].row);
    work.addOrdered(work.groupAfter(WORK.freePages, work.groupOf(of), order), of, cursor.cpu);
  }

  /** The cache of a page that becomes a slab: the allocation that made it necessary comes next in its context and names it. */
  #cacheOfSlab(): number {
    const { cursor, shapes } = this.#following;
    const { ofShape } = this.#caches;
    const next = cursor.next(
      (shape, shapeId) =>
        isSlabAlloc(shape.type) && ofShape[shapeId] !== NO_CACHE && !SLAB_METADATA.has(shapes.callSite[shapeId]),
      (shape) => isTaskEnd(shape.type),
    );
    return next === undefined ? NO_CACHE : ofShape[next];
  }

  /**
   * Whether compound pages are a kmalloc that is too large for the slab caches: its own event follows in the same context.
   * Without a stack the mask alone cannot tell it from a slab page (kvmalloc passes the same flags).
   */
  #largeKmalloc(): AllocationClass | undefined {
    const { cursor, shapes, sizes } = this.#following;
    const size = sizes.pageSize * (1 << cursor.shape.order);
    if (cursor.stack !== NO_STACK || size <= sizes.kmallocMaxCacheSize) return undefined;
    if (!gfpHasAll(shapes.gfp[cursor.shapeId], GFP_COMP)) return undefined;
    let first = true;
    const found = cursor.next(
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
  #compactionFree(known: boolean): CompactionFree | undefined {
    const { cursor, kinds } = this.#following;
    if (cursor.stack !== NO_STACK) return kinds.compactionFree(cursor.stack);
    if (!cursor.inCompaction) return undefined;
    return cursor.shape.order > 0 && !known ? 'free-block' : 'moved';
  }

  /** mm_page_free. */
  onFree(): void {
    const { cursor, kinds, work, lifetimes } = this.#following;
    const { hi, lo, context, softirq } = cursor;
    const { unknown } = this.#memory;
    const { order } = cursor.shape;
    const { freesLarge } = context;
    context.freesLarge = false;
    const block = this.#memory.live.take(hi, lo, order);
    const byCompaction = this.#compactionFree(block !== undefined);
    if (byCompaction !== undefined && work.isOpen) {
      this.compaction.note(byCompaction, order);
      this.counts.compactionFrees++;
    }
    if (block !== undefined) {
      lifetimes?.free(block.life, 1 << order);
      this.#free(block, order);
      unknown.knownFree(order, softirq, kinds.all[work.kindOf(block.work)].class);
      context.endUnknownFrees();
      return;
    }
    // The bulk allocator has no events, but the area that it worked for has.
    if (context.unmapping !== undefined && context.unmapping.work !== NONE) {
      this.#free({ work: context.unmapping.work, order, part: true, life: NONE }, order);
      return;
    }
    if (byCompaction === 'free-block') return;
    const byStack = freesLarge
      ? 'kmalloc-large'
      : byCompaction === 'moved'
        ? 'user-anon'
        : kinds.freedMemory(cursor.stack);
    if (byStack === 'boot-memory') return;
    this.counts.unmatchedFrees++;
    if (!work.isOpen) return;
    if (byStack !== undefined && byStack !== 'area') {
      this.#freeFromBeforeTrace(byStack, order);
      return;
    }
    const run = context.unknownFrees[0];
    context.unknownFrees.push(unknown.add({ hi, lo, order, softirq, run, area: byStack === 'area' }));
  }

  /** Frees a block from before the trace whose class an event or a stack tells. */
  #freeFromBeforeTrace(name: AllocationClass, order: number): void {
    const { kinds, rows, work } = this.#following;
    const kind = kinds.beforeTrace(classId(name));
    if (FOLIO_CLASSES.has(kind.class)) this.counts.userMemoryFrees++;
    rows.countFree(kind.row);
    const detail = order * 2 + (kinds.isTaggedByOwnFlags(kind.class) ? 1 : 0);
    work.add(work.group(WORK.freePagesFromBefore, kind.id, detail));
  }

  /** A kfree that follows frees of unknown pages tells whether vfree freed them. */
  settleVfreePages(): void {
    const { cursor, shapes, facts, sizes } = this.#following;
    const { unknown, areaSizes } = this.#memory;
    const { unknownFrees, unmapping } = cursor.context;
    // kvfree also frees what kmalloc gave: if areas have events, one must have been unmapped just before.
    const mayBeVfree = unmapping !== undefined || !this.#unmapsAreVisible;
    if (mayBeVfree && unknownFrees.length > 0 && VFREE_FUNCTIONS.has(shapes.callSite[cursor.shapeId])) {
      const stackPages = sizes.threadSize / sizes.pageSize;
      const stack = unknownFrees.slice(0, stackPages);
      // Where the trace does not tell interrupts apart, pages that RCU freed in between are part of the row.
      const mixed = unknownFrees.length > stackPages && !facts.interrupts && unknown.areBlock(stack);
      const ids = mixed ? stack : unknownFrees;
      for (const id of ids) unknown.settle(id);
      areaSizes.freedFromBeforeTrace(ids.length);
    }
    cursor.context.endUnknownFrees();
  }
}
