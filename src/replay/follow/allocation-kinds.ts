import { framesOf } from '../../trace/stack-table.ts';
import { classId, type AllocationClass, type ClassId } from '../../base/allocation-class.ts';
import { U64Map } from '../../base/u64-map.ts';
import { callSiteFrame, readableStack } from '../../classify/call-site.ts';
import { compactionFree, type CompactionFree } from '../../classify/compaction.ts';
import { classifyFree, type FreedMemory } from '../../classify/free-rules.ts';
import { compileStackRules } from '../../classify/rules.ts';
import { compileStacklessRules } from '../../classify/stackless.ts';
import { normalizeSymbol } from '../../classify/symbol.ts';
import type { GfpContext } from '../../gfp/context.ts';
import {
  GFP_SKIP_KASAN,
  GFP_SKIP_KASAN_POISON,
  GFP_SKIP_ZERO,
  gfpHasAll,
  gfpUnion,
  NO_GFP,
  type Gfp,
} from '../../gfp/flags.ts';
import { formatGfp } from '../../gfp/format.ts';
import { restoreUserSkip } from '../../gfp/user-memory.ts';
import type { RecordingKernel } from '../../policy/as-recorded.ts';
import { NO_STACK, type EventTable } from '../../trace/event-table.ts';
import { EVENT } from '../../trace/event-type.ts';
import { isForRecorder } from '../../classify/recorders.ts';
import { StringInterner } from '../../base/string-interner.ts';
import type { LedgerPart, LedgerRows } from '../../kasan/ledger.ts';
import { EVERYTHING, partOfOrigin, selectsSome } from '../selection.ts';
import type { FollowOptions, GroupBy } from '../options.ts';
import { FOLIO_CLASSES } from './page-classes.ts';
import { gfpBit, type ShapeFacts } from './shape-facts.ts';

/** How the class of an allocation was found. */
export type Evidence = 'stack' | 'mask' | 'event';

/** One kind of allocation: all that a policy and the hooks may look at, and where it is accounted for. */
export interface AllocationKind {
  /** Its index among all kinds of a trace. */
  readonly id: number;
  readonly class: ClassId;
  /** Call site. */
  readonly site: string;
  /** Functions of its stack, innermost first; empty without one. */
  readonly frames: readonly string[];
  readonly comm: string;
  /** Index into `EventTable.shapes`; −1 for what was allocated before the trace began. */
  readonly shape: number;
  readonly order: number;
  /** Ledger row that pays. */
  readonly row: number;
  /** The mask that the trace shows. */
  readonly recorded: Gfp;
  /** The mask that a HW_TAGS kernel passes where this one is allocated, before a policy says otherwise. */
  readonly passed: Gfp;
  readonly evidence: Evidence;
  /**
   * A kernel of 5.14 to 5.19 tags its pages and leaves the tags when they are freed: user memory (PG_skip_kasan_poison).
   */
  readonly staysAtFree: boolean;
  /** A kmalloc of the array of pages of a vmalloc area. */
  readonly isPagesArray: boolean;
}

/** Functions that allocate the array of pages of a vmalloc area, through the versions. */
const PAGES_ARRAY_FUNCTIONS: ReadonlySet<string> = new Set([
  '__vmalloc_node_range',
  '__vmalloc_area_node',
  'vm_area_alloc_pages',
]);
/** What vmalloc allocates for itself otherwise comes through these. */
const AREA_FUNCTIONS: ReadonlySet<string> = new Set(['__get_vm_area_node', 'alloc_vmap_area']);
/** The tracepoint and the kmalloc functions stand before the caller in a stack; no more than this many. */
const INNERMOST_FRAMES = 5;

/** By the call site if it has a name, or else (perf prints addresses) by the stack. */
function isPagesArray(callSite: string, frames: readonly string[]): boolean {
  if (PAGES_ARRAY_FUNCTIONS.has(callSite)) return true;
  const innermost = frames.slice(0, INNERMOST_FRAMES);
  const found = innermost.findIndex((frame) => PAGES_ARRAY_FUNCTIONS.has(frame));
  return found >= 0 && !innermost.slice(0, found).some((frame) => AREA_FUNCTIONS.has(frame));
}

/** Site of what was allocated before the trace began, and is only seen to be freed. */
export const BEFORE_TRACE = '(allocated before the trace)';

/** In the key of a question: the class is not given. */
const NO_CLASS = 31;

const SLAB_OBJECT = classId('slab-object');
/** What kernels before the series tag. */
const SKIPPED_SINCE_SERIES: ReadonlySet<ClassId> = new Set([classId('kernel-stack'), classId('page-table')]);
/** What 7.3 itself does not tag. */
export const UNTAGGED_BY_KERNEL: ReadonlySet<ClassId> = new Set([...SKIPPED_SINCE_SERIES, ...FOLIO_CLASSES]);

/** What kmalloc and the caches give out. */
const OBJECT_CLASSES: ReadonlySet<AllocationClass> = new Set(['slab-object', 'kmalloc-large']);

/**
 * Finds the class, the call site and the ledger row of allocations. Equal questions, by stack, shape, what the task is doing
 * and whose it is, are answered once.
 */
export class AllocationKinds {
  readonly all: AllocationKind[] = [];
  readonly #table: EventTable;
  readonly #shapes: ShapeFacts;
  readonly #context: GfpContext;
  readonly #groupBy: GroupBy | undefined;
  readonly #rows: LedgerRows;
  readonly #hwTags: boolean;
  readonly #byStack: ReturnType<typeof compileStackRules>;
  readonly #byMask: ReturnType<typeof compileStacklessRules>;
  readonly #known = new U64Map();
  readonly #levels: Map<number, AllocationKind>[] = [];
  /** The last answer for each shape, and what it was given to. */
  readonly #last: AllocationKind[] = [];
  readonly #lastStack: Int32Array;
  readonly #lastKey: Float64Array;
  readonly #frames = new Map<number, readonly string[]>();
  readonly #compactionFrees = new Map<number, CompactionFree | undefined>();
  /** Origins whose allocations are of one kind have the same number. */
  readonly #splitOf: Int32Array;
  readonly #partOf: readonly LedgerPart[];
  /** Who allocated what was there before the trace is not known. */
  readonly #beforePart: LedgerPart;
  readonly #before = new Map<string, AllocationKind>();
  /** Classes that the recording kernel tags, as its own flags show or its version says, although 7.3 does not. */
  readonly #taggedByOwnFlags: Set<ClassId>;
  readonly #seen = new Set<ClassId>();

  constructor(
    table: EventTable,
    shapes: ShapeFacts,
    context: GfpContext,
    { hwTags, series }: Pick<RecordingKernel, 'hwTags' | 'series'>,
    rows: LedgerRows,
    { recordedBy, groupBy, selection = EVERYTHING }: Pick<FollowOptions, 'recordedBy' | 'groupBy' | 'selection'>,
  ) {
    this.#table = table;
    this.#shapes = shapes;
    this.#context = context;
    this.#groupBy = groupBy;
    this.#rows = rows;
    this.#hwTags = hwTags;
    this.#taggedByOwnFlags = new Set(hwTags && !series ? SKIPPED_SINCE_SERIES : []);
    this.#lastStack = new Int32Array(table.shapes.length);
    this.#lastKey = new Float64Array(table.shapes.length).fill(-1);
    this.#byStack = compileStackRules(recordedBy);
    this.#byMask = compileStacklessRules(recordedBy, gfpBit);
    this.#partOf = table.origins.map(partOfOrigin(selection));
    this.#beforePart = selectsSome(selection) ? 'others' : 'workload';
    const splits = new StringInterner();
    this.#splitOf = Int32Array.from(table.origins, ({ comm, pid }, origin) =>
      splits.intern(`${this.#partOf[origin]}\0${comm}\0${groupBy === 'pid' ? pid : ''}`),
    );
  }

  /** An allocation of pages; `forced` overrides the class, where neighbouring events decide. */
  pages(shape: number, stack: number, origin: number, tasks: number, forced?: AllocationClass): AllocationKind {
    return this.#lookUp(shape, stack, origin, stack === NO_STACK ? tasks : 0, forced);
  }

  /** A slab object, or the memory of a vmalloc area of which only slab events tell. */
  object(shape: number, stack: number, origin: number, forced: AllocationClass = 'slab-object'): AllocationKind {
    return this.#lookUp(shape, stack, origin, 0, forced);
  }

  /** Whether the trace has an allocation of a class. */
  hasSeen(classOf: ClassId): boolean {
    return this.#seen.has(classOf);
  }

  /** Whether the recording kernel is known by now to tag a class that 7.3 does not. */
  isTaggedByOwnFlags(classOf: ClassId): boolean {
    return this.#taggedByOwnFlags.has(classOf);
  }

  /** What was allocated before the trace began, or without an event. */
  beforeTrace(classOf: ClassId, label = BEFORE_TRACE): AllocationKind {
    const key = `${classOf} ${label}`;
    const known = this.#before.get(key);
    if (known !== undefined) return known;
    const kind = this.#add({
      class: classOf,
      site: label,
      frames: [],
      comm: '',
      shape: -1,
      order: 0,
      row: this.#rows.row(classOf, label, '', this.#beforePart),
      recorded: NO_GFP,
      passed: NO_GFP,
      evidence: 'event',
      staysAtFree: false,
      isPagesArray: false,
    });
    this.#before.set(key, kind);
    return kind;
  }

  #add(kind: Omit<AllocationKind, 'id'>): AllocationKind {
    const numbered = { id: this.all.length, ...kind };
    this.all.push(numbered);
    return numbered;
  }

  /** What is known of slab objects that were allocated before the trace began. */
  beforeTraceObject(): AllocationKind {
    return this.beforeTrace(SLAB_OBJECT);
  }

  /** What freed pages were by the stack of the free; undefined if it does not tell. */
  freedMemory(stack: number): FreedMemory | undefined {
    return stack === NO_STACK ? undefined : classifyFree(this.frames(stack));
  }

  /** What compaction frees, by the stack of the free; undefined if it is not compaction. */
  compactionFree(stack: number): CompactionFree | undefined {
    if (!this.#compactionFrees.has(stack)) this.#compactionFrees.set(stack, compactionFree(this.frames(stack)));
    return this.#compactionFrees.get(stack);
  }

  /** The functions of a stack, normalised, innermost first. */
  frames(stack: number): readonly string[] {
    if (stack === NO_STACK) return [];
    let frames = this.#frames.get(stack);
    if (frames === undefined) {
      frames = framesOf(this.#table.stacks, stack).map(normalizeSymbol);
      this.#frames.set(stack, frames);
    }
    return frames;
  }

  #lookUp(
    shape: number,
    stack: number,
    origin: number,
    tasks: number,
    forced: AllocationClass | undefined,
  ): AllocationKind {
    const split = this.#splitOf[origin];
    const situation = (tasks << 5) | (forced === undefined ? NO_CLASS : classId(forced));
    const key = split * 8192 + (situation & 8191);
    // The same question mostly comes again and again.
    if (this.#lastStack[shape] === stack && this.#lastKey[shape] === key) return this.#last[shape];
    const level = this.#level(stack + 1, shape);
    let found = level.get(key);
    if (found === undefined) {
      found = this.#attribute(shape, stack, origin, tasks, forced);
      level.set(key, found);
    }
    this.#lastStack[shape] = stack;
    this.#lastKey[shape] = key;
    this.#last[shape] = found;
    return found;
  }

  /** By situation, for a stack and a shape. */
  #level(hi: number, lo: number): Map<number, AllocationKind> {
    const known = this.#known.get(hi, lo);
    if (known >= 0) return this.#levels[known];
    const level = new Map<number, AllocationKind>();
    this.#known.set(hi, lo, this.#levels.push(level) - 1);
    return level;
  }

  #attribute(
    shape: number,
    stack: number,
    origin: number,
    tasks: number,
    forced: AllocationClass | undefined,
  ): AllocationKind {
    const { type, order, migratetype, gfp: recorded } = this.#table.shapes[shape];
    const mask = this.#shapes.gfp[shape];
    const hasMask = recorded !== '';
    const frames = this.frames(stack);
    const hasFlag = (name: string): boolean => (mask & gfpBit(name)) !== 0;
    const byStack = forced === undefined && frames.length > 0 ? this.#byStack(frames, hasFlag, order) : undefined;
    const byMask =
      forced === undefined && byStack === undefined
        ? this.#byMask({ gfp: hasMask ? mask : undefined, order, migratetype, contexts: tasks })
        : undefined;
    const name = forced ?? byStack?.class ?? byMask?.class ?? 'unknown';
    this.#seen.add(classId(name));
    const site = this.#site(shape, frames, name);
    const { comm } = this.#table.origins[origin];
    const part = this.#partOf[origin];
    const forRecorder = part === 'workload' && isForRecorder([...frames, this.#shapes.callSite[shape]]);
    const skipsByFlag = this.#hwTags && gfpHasAll(mask, GFP_SKIP_KASAN);
    // vmalloc passes both flags for areas that it tags itself.
    const tagsItself = this.#hwTags && type === EVENT.mm_page_alloc && (!skipsByFlag || gfpHasAll(mask, GFP_SKIP_ZERO));
    const staysAtFree = gfpHasAll(mask, GFP_SKIP_KASAN_POISON);
    if (tagsItself && !staysAtFree && UNTAGGED_BY_KERNEL.has(classId(name))) this.#taggedByOwnFlags.add(classId(name));
    return this.#add({
      class: classId(name),
      site,
      frames,
      comm,
      shape,
      order,
      row: this.#rows.row(
        classId(name),
        site,
        this.#group(name, shape, frames, origin),
        forRecorder ? 'recorder' : part,
      ),
      recorded: mask,
      passed: this.#passed(mask, hasMask, name),
      evidence: forced !== undefined ? 'event' : byStack !== undefined ? 'stack' : 'mask',
      staysAtFree: this.#hwTags && staysAtFree,
      isPagesArray: isPagesArray(this.#shapes.callSite[shape], frames),
    });
  }

  /** What rows are split by besides class and call site. */
  #group(name: AllocationClass, shape: number, frames: readonly string[], origin: number): string {
    const { comm, pid } = this.#table.origins[origin];
    const { type, cache, order, bytesAlloc } = this.#table.shapes[shape];
    // The pages of a vmalloc area are known by the kmalloc of their array, and are not of its cache.
    const isObject = OBJECT_CLASSES.has(name) && (type === EVENT.kmalloc || type === EVENT.kmem_cache_alloc);
    switch (this.#groupBy) {
      case undefined:
        return '';
      case 'comm':
        return comm;
      case 'pid':
        return `${comm}-${pid}`;
      case 'stack':
        return readableStack(frames).join(';');
      case 'cache':
        return !isObject ? '(pages)' : cache === '' ? `kmalloc of ${bytesAlloc} bytes` : cache;
      case 'order':
        return isObject ? '(objects)' : type === EVENT.mm_page_alloc ? `order ${order}` : '';
    }
  }

  #passed(mask: Gfp, hasMask: boolean, name: AllocationClass): Gfp {
    if (this.#hwTags) return mask;
    // A kernel without HW_TAGS compiles the flag to 0; 7.3 has it in these masks (include/linux/gfp_types.h).
    // Of user memory, whose mask has it too, the class tells where the trace has no masks.
    return (hasMask ? SKIPPED_SINCE_SERIES : UNTAGGED_BY_KERNEL).has(classId(name))
      ? gfpUnion(mask, GFP_SKIP_KASAN)
      : restoreUserSkip(mask);
  }

  /** The call site: from the stack, from the event, or, for want of both, the mask that the caller passed. */
  #site(shape: number, frames: readonly string[], name: AllocationClass): string {
    const frame = callSiteFrame(frames);
    if (frame >= 0) return frames[frame];
    // kernel/fork.c:dup_task_struct, inlined into copy_process, is the only one that allocates task stacks.
    if (name === 'kernel-stack') return 'copy_process';
    // kernel/scs.c:__scs_alloc is the only one that allocates shadow call stacks.
    if (name === 'shadow-call-stack') return '__scs_alloc';
    const traced = this.#table.shapes[shape];
    if (traced.callSite !== '') return this.#shapes.callSite[shape];
    if (traced.gfp === '') return '(no stack)';
    return `(no stack) ${formatGfp(this.#shapes.gfp[shape], this.#context)} order ${traced.order}`;
  }
}
