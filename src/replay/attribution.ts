import { classId, className, type AllocationClass, type ClassId } from '../base/allocation-class.ts';
import type { KasanChanges } from '../base/kasan-changes.ts';
import { U64Map } from '../base/u64-map.ts';
import { callSiteFrame, readableStack } from '../classify/call-site.ts';
import { compactionFree, type CompactionFree } from '../classify/compaction.ts';
import { classifyFree, type FreedMemory } from '../classify/free-rules.ts';
import { compileStackRules } from '../classify/rules.ts';
import { compileStacklessRules } from '../classify/stackless.ts';
import { normalizeSymbol } from '../classify/symbol.ts';
import type { GfpContext } from '../gfp/context.ts';
import {
  GFP_SKIP_KASAN,
  GFP_SKIP_KASAN_POISON,
  GFP_SKIP_ZERO,
  gfpHasAll,
  gfpUnion,
  NO_GFP,
  type Gfp,
} from '../gfp/flags.ts';
import { formatGfp } from '../gfp/format.ts';
import { restoreUserSkip } from '../gfp/user-memory.ts';
import { keepsUserTags, type RecordingKernel } from '../policy/as-recorded.ts';
import type { Decider } from '../policy/decide.ts';
import { effectiveMask } from '../policy/effective-mask.ts';
import type { Action } from '../policy/policy.ts';
import { NO_STACK, type EventTable } from '../trace/event-table.ts';
import { EVENT } from '../trace/event-type.ts';
import { isForRecorder } from '../classify/recorders.ts';
import { StringInterner } from '../base/string-interner.ts';
import type { Ledger, LedgerPart } from '../kasan/ledger.ts';
import { EVERYTHING, partOfOrigin, selectsSome } from './selection.ts';
import type { ReplayOptions } from './options.ts';
import { gfpBit, type ShapeFacts } from './shape-facts.ts';

/** How the class of an allocation was found. */
export type Evidence = 'stack' | 'mask' | 'event';

/** Everything that a policy and the rules say about one kind of allocation. */
export interface Attribution {
  readonly class: ClassId;
  readonly site: string;
  readonly row: number;
  readonly action: Action;
  /** The mask with which the page allocator is called under the policy, before vmalloc adds to it. */
  readonly gfp: Gfp;
  readonly evidence: Evidence;
  /**
   * The kernel tags its pages and leaves the tags when they are freed: user memory of 5.14 to 5.19 (PG_skip_kasan_poison).
   */
  readonly skipsPoison: boolean;
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

const KERNEL_STACK = classId('kernel-stack');
const PAGE_TABLE = classId('page-table');
const SLAB_OBJECT = classId('slab-object');
/** The page tag of slab pages is KASAN_TAG_KERNEL whatever their objects' tags are; see `__kasan_poison_slab`. */
const SLAB_PAGE = classId('slab-page');
/** What kernels before the series tag. */
const SKIPPED_SINCE_SERIES: ReadonlySet<ClassId> = new Set([KERNEL_STACK, PAGE_TABLE]);
const USER_MEMORY: ReadonlySet<ClassId> = new Set([classId('user-anon'), classId('user-file')]);
/** What 7.3 itself does not tag. */
const UNTAGGED_BY_KERNEL: ReadonlySet<ClassId> = new Set([...SKIPPED_SINCE_SERIES, ...USER_MEMORY]);

/** What kmalloc and the caches give out. */
const OBJECT_CLASSES: ReadonlySet<AllocationClass> = new Set(['slab-object', 'kmalloc-large']);

/**
 * Finds the class, the call site, the ledger row and the policy's decision for allocations. Equal questions, by stack,
 * shape and what the task is doing, are answered once.
 */
export class Attributor {
  readonly #table: EventTable;
  readonly #shapes: ShapeFacts;
  readonly #context: GfpContext;
  readonly #options: ReplayOptions;
  readonly #decider: Decider;
  readonly #ledger: Ledger;
  readonly #hwTags: boolean;
  /** What is said of user memory of 5.14 to 5.19 holds of a kernel that has no HW_TAGS itself. */
  readonly #keepsUserTags: boolean;
  readonly #changes: KasanChanges;
  readonly #byStack: ReturnType<typeof compileStackRules>;
  readonly #byMask: ReturnType<typeof compileStacklessRules>;
  readonly #known = new U64Map();
  readonly #levels: Map<number, Attribution>[] = [];
  /** The last answer for each shape, and what it was given to. */
  readonly #last: Attribution[] = [];
  readonly #lastStack: Int32Array;
  readonly #lastKey: Float64Array;
  readonly #frames = new Map<number, readonly string[]>();
  readonly #compactionFrees = new Map<number, CompactionFree | undefined>();
  /** Origins whose allocations have the same rows have the same number. */
  readonly #splits: StringInterner;
  readonly #splitOf: Int32Array;
  readonly #partOf: readonly LedgerPart[];
  /** Who allocated what was there before the trace is not known. */
  readonly #beforePart: LedgerPart;
  /** Classes that the recording kernel tags, as its own flags show or its version says, although 7.3 does not. */
  readonly #taggedByOwnFlags: Set<ClassId>;
  readonly #seen = new Set<ClassId>();
  #objectBefore: Attribution | undefined;

  constructor(
    table: EventTable,
    shapes: ShapeFacts,
    context: GfpContext,
    options: ReplayOptions,
    decider: Decider,
    ledger: Ledger,
    recording: Pick<RecordingKernel, 'hwTags' | 'series' | 'version'>,
    changes: KasanChanges,
  ) {
    const { hwTags, series } = recording;
    this.#table = table;
    this.#shapes = shapes;
    this.#context = context;
    this.#options = options;
    this.#decider = decider;
    this.#ledger = ledger;
    this.#hwTags = hwTags;
    this.#taggedByOwnFlags = new Set(hwTags && !series ? SKIPPED_SINCE_SERIES : []);
    this.#keepsUserTags = keepsUserTags(options.policy, recording);
    this.#changes = changes;
    this.#lastStack = new Int32Array(table.shapes.length);
    this.#lastKey = new Float64Array(table.shapes.length).fill(-1);
    this.#byStack = compileStackRules(options.recordedBy);
    this.#byMask = compileStacklessRules(options.recordedBy, gfpBit);
    const byComm = options.groupBy === 'comm' || options.groupBy === 'pid' || decider.usesComm;
    const partOf = partOfOrigin(options.selection ?? EVERYTHING);
    this.#partOf = table.origins.map(partOf);
    this.#beforePart = selectsSome(options.selection ?? EVERYTHING) ? 'others' : 'workload';
    this.#splits = new StringInterner();
    this.#splitOf = Int32Array.from(table.origins, ({ comm, pid }, origin) =>
      this.#splits.intern(`${this.#partOf[origin]}\0${byComm ? comm : ''}\0${options.groupBy === 'pid' ? pid : ''}`),
    );
  }

  /** An allocation of pages; `forced` overrides the class, where neighbouring events decide. */
  pages(shape: number, stack: number, origin: number, tasks: number, forced?: AllocationClass): Attribution {
    return this.#lookUp(shape, stack, origin, stack === NO_STACK ? tasks : 0, forced);
  }

  /** A slab object, or the memory of a vmalloc area of which only slab events tell. */
  object(shape: number, stack: number, origin: number, forced: AllocationClass = 'slab-object'): Attribution {
    return this.#lookUp(shape, stack, origin, 0, forced);
  }

  /** Whether the trace has an allocation of a class. */
  hasSeen(classOf: ClassId): boolean {
    return this.#seen.has(classOf);
  }

  /** Whether pages of a class that were allocated before the trace began are tagged under the policy. */
  tagsPages(classOf: ClassId): boolean {
    const action = this.#actionBeforeTrace(classOf, BEFORE_TRACE);
    if (action === 'skip' || (this.#keepsUserTags && USER_MEMORY.has(classOf))) return false;
    if (classOf === SLAB_PAGE) return this.#changes.freedPages === 'redraw';
    return action === 'tag' || !UNTAGGED_BY_KERNEL.has(classOf) || this.#taggedByOwnFlags.has(classOf);
  }

  /** Whether slab objects from before the trace are tagged under the policy. */
  mayTagObjects(): boolean {
    return this.#actionBeforeTrace(SLAB_OBJECT, BEFORE_TRACE) !== 'skip';
  }

  #actionBeforeTrace(classOf: ClassId, label: string): Action {
    const allocation = { class: className(classOf), site: label, frames: [], comm: '', gfp: NO_GFP, order: 0 };
    return this.#decider.decide(allocation);
  }

  /** What is known of pages or objects that were allocated before the trace began. */
  beforeTrace(classOf: ClassId, label = BEFORE_TRACE): Attribution {
    const action = this.#actionBeforeTrace(classOf, label);
    return {
      class: classOf,
      site: label,
      row: this.#ledger.row(classOf, label, '', this.#beforePart),
      action,
      gfp: gfpUnion(),
      evidence: 'event',
      skipsPoison: false,
      isPagesArray: false,
    };
  }

  /** What is known of slab objects that were allocated before the trace began. */
  beforeTraceObject(): Attribution {
    this.#objectBefore ??= this.beforeTrace(SLAB_OBJECT);
    return this.#objectBefore;
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
      frames = this.#table.stacks.frames(stack).map(normalizeSymbol);
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
  ): Attribution {
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
  #level(hi: number, lo: number): Map<number, Attribution> {
    const known = this.#known.get(hi, lo);
    if (known >= 0) return this.#levels[known];
    const level = new Map<number, Attribution>();
    this.#known.set(hi, lo, this.#levels.push(level) - 1);
    return level;
  }

  #attribute(
    shape: number,
    stack: number,
    origin: number,
    tasks: number,
    forced: AllocationClass | undefined,
  ): Attribution {
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
    const action = this.#decider.decide({ class: name, site, frames, comm, gfp: mask, order });
    return {
      class: classId(name),
      site,
      row: this.#ledger.row(
        classId(name),
        site,
        this.#group(name, shape, frames, origin),
        forRecorder ? 'recorder' : part,
      ),
      action,
      gfp: this.#effective(mask, hasMask, name, action),
      evidence: forced !== undefined ? 'event' : byStack !== undefined ? 'stack' : 'mask',
      skipsPoison: this.#hwTags
        ? action === 'kernel' && staysAtFree
        : this.#keepsUserTags && USER_MEMORY.has(classId(name)),
      isPagesArray: isPagesArray(this.#shapes.callSite[shape], frames),
    };
  }

  /** What rows are split by besides class and call site. */
  #group(name: AllocationClass, shape: number, frames: readonly string[], origin: number): string {
    const { comm, pid } = this.#table.origins[origin];
    const { type, cache, order, bytesAlloc } = this.#table.shapes[shape];
    // The pages of a vmalloc area are known by the kmalloc of their array, and are not of its cache.
    const isObject = OBJECT_CLASSES.has(name) && (type === EVENT.kmalloc || type === EVENT.kmem_cache_alloc);
    switch (this.#options.groupBy) {
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

  /** The mask under the policy: what the kernel passes, or what the policy makes of it. */
  #effective(mask: Gfp, hasMask: boolean, name: AllocationClass, action: Action): Gfp {
    // A kernel without HW_TAGS compiles the flag to 0; 7.3 has it in these masks (include/linux/gfp_types.h).
    const passed = this.#hwTags
      ? mask
      : // Of user memory, whose mask has it too, the class tells where the trace has no masks.
        (hasMask ? SKIPPED_SINCE_SERIES : UNTAGGED_BY_KERNEL).has(classId(name))
        ? gfpUnion(mask, GFP_SKIP_KASAN)
        : restoreUserSkip(mask);
    return effectiveMask(passed, action);
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
