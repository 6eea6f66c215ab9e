import { classId, className, type AllocationClass } from '../../base/allocation-class.ts';
import { U64Map } from '../../base/u64-map.ts';
import { contextBit } from '../../classify/task-context.ts';
import { GFP_HIGHMEM, GFP_MOVABLE, GFP_ZERO, gfpHasAll, NO_GFP, type Gfp } from '../../gfp/flags.ts';
import { NO_STACK } from '../../trace/event-table.ts';
import type { AllocationKind } from './allocation-kinds.ts';
import type { AreaSizes } from './area-sizes.ts';
import type { Area, ExecutionContext, Unmapping } from './execution-contexts.ts';
import type { Following } from './following.ts';
import type { PageBlock } from './live-pages.ts';
import { Records } from './records.ts';
import { NONE, WORK } from './tag-work.ts';

const KERNEL_STACK = classId('kernel-stack');
const FORKING = contextBit('forking');
/** Bytes of a pointer: the array of pages that vmalloc allocates has one for each page. */
const POINTER_BYTES = 8;
/** Pages without events that are counted; a larger area only counts as tagged. */
const MAX_BULK_PAGES = 1 << 16;
/** More pages than an array that kmalloc serves can list: such a size is damage. */
const MAX_AREA_PAGES = 1 << 24;

/** An area that was made before the trace began. */
const FROM_BEFORE_TRACE: Unmapping = { work: NONE };

const newArea = (size: number, align = 0, address?: readonly [hi: number, lo: number]): Area => ({
  bytes: size,
  align,
  address,
  work: NONE,
  kind: undefined,
  pagesSeen: 0,
  fromArray: undefined,
});

/** How it became known that pages are allocated for an area. */
type AreaWork = 'areaByPages' | 'areaByArray';

/** The events of vmalloc areas, and what tells of areas beside them: their pages, the array of these, tasks that are made. */
export class AreaEvents {
  readonly #following: Following;
  readonly #sizes: AreaSizes;
  /** Live areas, by address. */
  readonly #areas = new U64Map();
  readonly #records = new Records();
  /** Group of the last stack that was allocated as an area. */
  #lastStack = NONE;

  constructor(following: Following, sizes: AreaSizes) {
    this.#following = following;
    this.#sizes = sizes;
  }

  /** alloc_vmap_area: an address range is reserved. Whether pages are allocated for it (vmalloc) or not shows later. */
  onAlloc(): void {
    const { cursor, sizes } = this.#following;
    const { context, shape, hi, lo } = cursor;
    this.close(context);
    if (shape.failed) return;
    // The range includes a guard page (mm/vmalloc.c:__get_vm_area_node).
    const size = shape.areaBytes - sizes.pageSize;
    if (size > 0) context.area = newArea(size, shape.areaAlign, [hi, lo]);
  }

  /**
   * The pages array that vmalloc allocates for an area. If its pages come in bulk it is the only event that tells that
   * they were allocated.
   */
  onPagesArray(): void {
    const { cursor, kinds, sizes } = this.#following;
    const { context, shape } = cursor;
    if (context.area === undefined || context.area.kind !== undefined) {
      this.close(context);
      const arrayPages = Math.floor(shape.bytesReq / POINTER_BYTES);
      if (arrayPages > MAX_AREA_PAGES) return;
      context.area = newArea(arrayPages * sizes.pageSize);
    }
    const name = (context.tasks & FORKING) === 0 ? 'vmalloc' : this.#classOfForkedArea(context.area);
    context.area.fromArray = kinds.object(cursor.shapeId, cursor.stack, cursor.origin, name);
  }

  /**
   * What an area is for that is made while a task is: kernel/fork.c:dup_task_struct asks for its stack first, and then, if
   * the kernel has CONFIG_SHADOW_CALL_STACK, for a page for that. Stacks are aligned to their size at least (THREAD_ALIGN).
   */
  #classOfForkedArea({ bytes, align }: Area): AllocationClass {
    const { cursor, sizes } = this.#following;
    const { threadSize, pageSize } = sizes;
    const isAligned = align === 0 ? !cursor.context.freshStack : align >= threadSize;
    if (bytes === threadSize && isAligned) return 'kernel-stack';
    return bytes === pageSize ? 'shadow-call-stack' : 'vmalloc';
  }

  /**
   * The class of pages without a stack that are allocated while a task is made, if they are of the area that is set up.
   * Undefined where neither its event nor the array of its pages is in the trace.
   */
  classInFork(): AllocationClass | undefined {
    const { cursor, shapes } = this.#following;
    const { context, stack, shapeId } = cursor;
    const { area, tasks } = context;
    if (stack !== NO_STACK || area === undefined || (tasks & FORKING) === 0 || area.pagesSeen >= area.bytes)
      return undefined;
    const mask = shapes.gfp[shapeId];
    if (!gfpHasAll(mask, GFP_HIGHMEM) || gfpHasAll(mask, GFP_MOVABLE)) return undefined;
    return area.kind === undefined ? this.#classOfForkedArea(area) : className(area.kind.class);
  }

  /** Pages are allocated for an area. @param kind what they are, unless their area is known to be something else */
  onPages(kind: AllocationKind): PageBlock {
    const { cursor, shapes, sizes, work } = this.#following;
    const { context, shape } = cursor;
    const size = sizes.pageSize * (1 << shape.order);
    let { area } = context;
    if (area === undefined || area.pagesSeen >= area.bytes) {
      // Without events of its own an area is what one allocation gives it.
      area = newArea(size);
      context.area = area;
    }
    if (area.kind === undefined) this.#confirm(area, 'areaByPages', kind, shapes.gfp[cursor.shapeId]);
    area.pagesSeen += size;
    const { order } = shape;
    const group = work.groupAfter(WORK.allocAreaPages, work.groupOf(area.work), order);
    const handle = work.addOrdered(group, area.work, cursor.cpu);
    return { work: handle, order, part: area.address !== undefined, life: NONE };
  }

  /**
   * It is now known that an area is vmalloc memory: mm/vmalloc.c:__vmalloc_node_range.
   *
   * @param mask of its pages, as the trace shows it or as the class tells
   */
  #confirm(area: Area, type: AreaWork, kind: AllocationKind, mask: Gfp): void {
    const { cursor, rows, sizes, work } = this.#following;
    const group = work.group(WORK[type], kind.id, mask);
    area.kind = kind;
    area.work = work.addOrdered(group, NONE, cursor.cpu);
    if (work.isOpen) rows.countAllocation(kind.row, area.bytes);
    // Only an event of the area itself tells how large all of it is.
    if (area.address !== undefined || area.fromArray !== undefined)
      this.#sizes.allocated(Math.ceil(area.bytes / sizes.pageSize), kind.class);
    work.add(work.groupAfter(WORK.unpoisonArea, group, work.areaBytesId(area.bytes)));
    if (kind.class === KERNEL_STACK) {
      cursor.context.freshStack = true;
      this.#lastStack = group;
    }
    if (area.address !== undefined) this.#note(area, area.address, kind);
  }

  /** Remembers an area by its address, so that its pages are known when it is freed. */
  #note({ work, bytes }: Area, [hi, lo]: readonly [hi: number, lo: number], kind: AllocationKind): void {
    const { lifetimes } = this.#following;
    const what = kind.class === KERNEL_STACK ? 'stack' : 'area';
    const life = lifetimes?.begin({ what, kind: kind.id, bytes, parts: 1 }) ?? NONE;
    const old = this.#areas.set(hi, lo, this.#records.add(work, 0, life));
    if (old < 0) return;
    lifetimes?.reuse(this.#records.life(old));
    this.#records.remove(old);
  }

  /** Ends the set-up of an area: pages that were not seen came from the bulk allocator, which has no events. */
  close(context: ExecutionContext): void {
    const { cursor, sizes, work } = this.#following;
    const { area } = context;
    context.area = undefined;
    if (area === undefined || area.pagesSeen > 0) return;
    if (area.kind === undefined) {
      if (area.fromArray === undefined) return;
      // Stacks are zeroed (GFP_VMAP_STACK); of other areas nothing tells.
      this.#confirm(area, 'areaByArray', area.fromArray, area.fromArray.class === KERNEL_STACK ? GFP_ZERO : NO_GFP);
    }
    const bulkPages = Math.min(Math.ceil(area.bytes / sizes.pageSize), MAX_BULK_PAGES);
    if (bulkPages > 0)
      work.addOrdered(
        work.groupAfter(WORK.allocAreaPages, work.groupOf(area.work), 0),
        area.work,
        cursor.cpu,
        bulkPages,
      );
  }

  /** Ends the set-up of all areas. */
  closeAll(): void {
    for (const context of this.#following.cursor.contexts.contexts) this.close(context);
  }

  /** free_vmap_area_noflush: the pages that are freed next in this context are those of the area. */
  onFree(): void {
    const { cursor, facts, kinds, rows, work, lifetimes } = this.#following;
    const { context, hi, lo } = cursor;
    context.endUnknownFrees();
    const record = this.#areas.delete(hi, lo);
    if (record < 0) {
      context.unmapping = FROM_BEFORE_TRACE;
      return;
    }
    context.unmapping = { work: this.#records.work(record) };
    lifetimes?.free(this.#records.life(record), 1);
    this.#records.remove(record);
    const kind = kinds.all[work.kindOf(context.unmapping.work)];
    if (work.isOpen) rows.countFree(kind.row);
    // A fork that fails gives its stack back, and has no task_newtask. Only where interrupts are told apart can it be
    // known that the task itself does it.
    if (facts.interrupts && kind.class === KERNEL_STACK) context.freshStack = false;
  }

  /**
   * task_newtask: a task was made. If no fresh stack was allocated for it since the one before in this context, its stack
   * came from the cache of the CPU (kernel/fork.c:alloc_thread_stack_node_from_cache).
   */
  onNewTask(): void {
    const { cursor, kinds, rows, sizes, work } = this.#following;
    const { context } = cursor;
    this.close(context);
    if (!context.freshStack) {
      const kind = kinds.object(cursor.shapeId, cursor.stack, cursor.origin, 'kernel-stack');
      if (work.isOpen) rows.countAllocation(kind.row, sizes.threadSize);
      work.add(work.groupBeside(WORK.reuseStack, kind.id, this.#lastStack));
    }
    context.freshStack = false;
  }
}
