import { classId, className, type AllocationClass } from '../base/allocation-class.ts';
import {
  GFP_HIGHMEM,
  GFP_MOVABLE,
  GFP_SKIP_KASAN,
  GFP_SKIP_ZERO,
  GFP_ZERO,
  gfp as gfpOf,
  gfpHasAll,
  gfpUnion,
  gfpWithout,
  NO_GFP,
  type Gfp,
} from '../gfp/flags.ts';
import { contextBit } from '../classify/task-context.ts';
import { post_alloc_hook } from '../kasan/page-alloc.ts';
import { alloc_thread_stack_node_from_cache } from '../kasan/thread-stack.ts';
import { COUNTED_TAG } from '../mte/counting-machine.ts';
import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import { __kasan_unpoison_vmalloc, vmallocPageGfp, vmallocTags } from '../kasan/vmalloc.ts';
import { NO_STACK } from '../trace/event-table.ts';
import type { Attribution } from './attribution.ts';
import type { Area, ExecutionContext, Unmapping } from './execution-contexts.ts';
import type { ReplayState } from './state.ts';
import { noteUnseenFree } from './unseen-frees.ts';

const KERNEL_STACK = classId('kernel-stack');
const FORKING = contextBit('forking');
const TAGGED = 1;
const CLASS_SHIFT = 1;
/** Bytes of a pointer: the array of pages that vmalloc allocates has one for each page. */
const POINTER_BYTES = 8;
/** Pages without events that are replayed one by one; a larger area only counts as tagged. */
const MAX_BULK_PAGES = 1 << 16;
/** More pages than an array that kmalloc serves can list: such a size is damage. */
const MAX_AREA_PAGES = 1 << 24;

/** An area that was made before the trace began. */
const FROM_BEFORE_TRACE: Unmapping = { row: -1, class: -1, tagged: false };

const newArea = (size: number, align = 0, address?: readonly [hi: number, lo: number]): Area => ({
  bytes: size,
  align,
  address,
  row: -1,
  pagesSeen: 0,
  tagged: false,
  gfp: 0,
  fromArray: undefined,
});

/** alloc_vmap_area: an address range is reserved. Whether pages are allocated for it (vmalloc) or not shows later. */
export function onVmapAlloc(state: ReplayState): void {
  const { event, kasan } = state;
  closeArea(state, event.context);
  if (event.shape.failed) return;
  // The range includes a guard page (mm/vmalloc.c:__get_vm_area_node).
  const size = event.shape.areaBytes - kasan.config.pageSize;
  if (size > 0) event.context.area = newArea(size, event.shape.areaAlign, [event.hi, event.lo]);
}

/**
 * The pages array that vmalloc allocates for an area. If its pages come in bulk it is the only event that tells that
 * they were allocated.
 */
export function onPagesArray(state: ReplayState): void {
  const { event, kasan } = state;
  const { context } = event;
  if (context.area === undefined || context.area.row >= 0) {
    closeArea(state, context);
    const arrayPages = Math.floor(event.shape.bytesReq / POINTER_BYTES);
    if (arrayPages > MAX_AREA_PAGES) return;
    context.area = newArea(arrayPages * kasan.config.pageSize);
  }
  const name = (context.tasks & FORKING) === 0 ? 'vmalloc' : classOfForkedArea(state, context.area);
  context.area.fromArray = state.attributor.object(event.shapeId, event.stack, event.origin, name);
}

/**
 * What an area is for that is made while a task is: kernel/fork.c:dup_task_struct asks for its stack first, and then, if
 * the kernel has CONFIG_SHADOW_CALL_STACK, for a page for that. Stacks are aligned to their size at least (THREAD_ALIGN).
 */
function classOfForkedArea({ event, kasan }: ReplayState, { bytes, align }: Area): AllocationClass {
  const { threadSize, pageSize } = kasan.config;
  const isAligned = align === 0 ? !event.context.freshStack : align >= threadSize;
  if (bytes === threadSize && isAligned) return 'kernel-stack';
  return bytes === pageSize ? 'shadow-call-stack' : 'vmalloc';
}

/**
 * The class of pages without a stack that are allocated while a task is made, if they are of the area that is set up.
 * Undefined where neither its event nor the array of its pages is in the trace.
 */
export function classInFork(state: ReplayState): AllocationClass | undefined {
  const { context, stack, shapeId } = state.event;
  const { area, tasks } = context;
  if (stack !== NO_STACK || area === undefined || (tasks & FORKING) === 0 || area.pagesSeen >= area.bytes)
    return undefined;
  const mask = state.shapes.gfp[shapeId];
  if (!gfpHasAll(mask, GFP_HIGHMEM) || gfpHasAll(mask, GFP_MOVABLE)) return undefined;
  return area.row < 0 ? classOfForkedArea(state, area) : className(state.ledger.rows[area.row].class);
}

/** Pages are allocated for an area. */
export function onAreaPages(state: ReplayState, given: Attribution): void {
  const { event, kasan, pages, facts } = state;
  const { context, shape } = event;
  const size = kasan.config.pageSize * (1 << shape.order);
  const mask = state.shapes.gfp[event.shapeId];
  let { area } = context;
  if (area === undefined || area.pagesSeen >= area.bytes) {
    // Without events of its own an area is what one allocation gives it.
    area = newArea(size);
    context.area = area;
  }
  if (area.row < 0) confirm(state, context, area, given, mask, facts.hwTags && given.action === 'kernel');
  state.ledger.chargeTo(area.row);
  const pageTag = post_alloc_hook(kasan, event.cpu, 0, shape.order, gfpOf(area.gfp));
  area.tagged ||= pageTag !== KASAN_TAG_KERNEL;
  area.pagesSeen += size;
  const classOf = state.ledger.rows[area.row].class;
  const part = area.address !== undefined;
  noteUnseenFree(state, pages.add(event.hi, event.lo, shape.order, area.row, classOf, area.tagged, part));
  noteArea(state, area);
}

/**
 * It is now known that an area is vmalloc memory: mm/vmalloc.c:__vmalloc_node_range.
 *
 * @param mask what the trace says of the mask that its pages are allocated with
 * @param ownFlags the mask is that of a HW_TAGS kernel, and the policy leaves the decision to it
 */
function confirm(
  state: ReplayState,
  context: ExecutionContext,
  area: Area,
  given: Attribution,
  mask: Gfp,
  ownFlags: boolean,
): void {
  const { kasan, ledger } = state;
  const { config } = kasan;
  const isStack = given.class === KERNEL_STACK;
  const skip =
    given.action === 'skip' ||
    (ownFlags
      ? gfpHasAll(mask, GFP_SKIP_KASAN) && !gfpHasAll(mask, GFP_SKIP_ZERO)
      : given.action === 'kernel' && isStack);
  const callerMask = gfpWithout(mask, gfpUnion(GFP_SKIP_KASAN, GFP_SKIP_ZERO));
  // A HW_TAGS kernel that does not mask the pages of an area maps it untagged (executable memory): page_alloc tags it.
  const untaggedMapping = ownFlags && !gfpHasAll(mask, GFP_SKIP_KASAN);

  area.row = given.row;
  area.tagged = !untaggedMapping && vmallocTags(config, skip);
  area.gfp = untaggedMapping ? callerMask : vmallocPageGfp(config, callerMask, skip);
  ledger.chargeTo(area.row);
  ledger.countAllocation(area.row, area.bytes);
  // Only an event of the area itself tells how large all of it is.
  if (area.address !== undefined || area.fromArray !== undefined)
    state.areaSizes.allocated(Math.ceil(area.bytes / config.pageSize), given.class);
  if (!skip && !untaggedMapping) __kasan_unpoison_vmalloc(kasan, 0, area.bytes, callerMask);
  if (isStack) {
    context.freshStack = true;
    state.freshStacksSkip = skip;
  }
  noteArea(state, area);
}

/** Remembers an area by its address, so that its pages are known when it is freed. */
function noteArea(state: ReplayState, area: Area): void {
  if (area.address === undefined) return;
  const [hi, lo] = area.address;
  const classOf = state.ledger.rows[area.row].class;
  const record = state.areaRecords.add(area.row, 0, (area.tagged ? TAGGED : 0) | (classOf << CLASS_SHIFT));
  const old = state.areas.set(hi, lo, record);
  if (old >= 0) state.areaRecords.remove(old);
}

/** Ends the set-up of an area: pages that were not seen came from the bulk allocator, which has no events. */
export function closeArea(state: ReplayState, context: ExecutionContext): void {
  const { area } = context;
  context.area = undefined;
  if (area === undefined || area.pagesSeen > 0) return;
  const { kasan, ledger } = state;
  if (area.row < 0) {
    if (area.fromArray === undefined) return;
    // Stacks are zeroed (GFP_VMAP_STACK); of other areas nothing tells.
    const mask = area.fromArray.class === KERNEL_STACK ? GFP_ZERO : NO_GFP;
    confirm(state, context, area, area.fromArray, mask, false);
  }
  ledger.chargeTo(area.row);
  const bulkPages = Math.min(Math.ceil(area.bytes / kasan.config.pageSize), MAX_BULK_PAGES);
  for (let page = 0; page < bulkPages; page++) {
    const pageTag = post_alloc_hook(kasan, state.event.cpu, 0, 0, gfpOf(area.gfp));
    area.tagged ||= pageTag !== KASAN_TAG_KERNEL;
  }
  noteArea(state, area);
}

/** free_vmap_area_noflush: the pages that are freed next in this context are those of the area. */
export function onVmapFree(state: ReplayState): void {
  const { event, areaRecords, ledger } = state;
  const record = state.areas.delete(event.hi, event.lo);
  event.context.endUnknownFrees();
  if (record < 0) {
    event.context.unmapping = FROM_BEFORE_TRACE;
    return;
  }
  const flags = areaRecords.flags(record);
  const row = areaRecords.row(record);
  event.context.unmapping = { row, class: flags >> CLASS_SHIFT, tagged: (flags & TAGGED) !== 0 };
  areaRecords.remove(record);
  ledger.countFree(row);
  // A fork that fails gives its stack back, and has no task_newtask. Only where interrupts are told apart can it be
  // known that the task itself does it.
  if (state.facts.interrupts && event.context.unmapping.class === KERNEL_STACK) event.context.freshStack = false;
}

/**
 * task_newtask: a task was made. If no fresh stack was allocated for it since the one before in this context, its stack
 * came from the cache of the CPU (kernel/fork.c:alloc_thread_stack_node_from_cache).
 */
export function onNewTask(state: ReplayState): void {
  const { event, kasan, ledger } = state;
  const { context } = event;
  closeArea(state, context);
  if (!context.freshStack) {
    const given = state.attributor.object(event.shapeId, event.stack, event.origin, 'kernel-stack');
    const skip = given.action === 'skip' || (given.action === 'kernel' && state.freshStacksSkip);
    ledger.chargeTo(given.row);
    ledger.countAllocation(given.row, kasan.config.threadSize);
    alloc_thread_stack_node_from_cache(kasan, 0, COUNTED_TAG, skip);
  }
  context.freshStack = false;
}
