import type { Memory, MemoryClass, Route } from '../audit/memory.ts';
import { SUBJECTS } from '../audit/subject.ts';
import { VICTIMS } from '../audit/bug-kinds.ts';
import type { AllocationClass } from '../base/allocation-class.ts';
import { isAtLeast, type KernelVersion } from '../base/kernel-version.ts';
import { cacheFacts } from '../classify/caches.ts';
import { callSiteFrame } from '../classify/call-site.ts';
import { compileStackRules } from '../classify/rules.ts';
import { normalizeSymbol } from '../classify/symbol.ts';
import { gfpContext } from '../gfp/context.ts';
import { gfpHasAll, type Gfp } from '../gfp/flags.ts';
import { GFP_KERNEL } from '../gfp/masks.ts';
import { parseGfpNames } from '../gfp/parse.ts';
import { parseFrame } from '../kasan/report/frame.ts';
import type { ConditionName } from '../policy/decide.ts';
import type { AccessReport, PageOwner } from '../kasan/report/report.ts';
import { kunitTest, kunitTestOf } from './kunit-tests.ts';
import type { ReportMode } from './result.ts';

/** The memory that a report is about, and what told it. */
export interface ReportMemory {
  readonly class: MemoryClass;
  /** What it may be, as the rules look at it: one where the class is known. */
  readonly candidates: readonly Memory[];
  readonly evidence: string;
  /** What would tell the class, where nothing does. */
  readonly undecided: string | undefined;
}

const KERNEL_7_3: KernelVersion = { major: 7, minor: 3 };
const MATCH_ALL_TAG = 0xff;

const known = (memory: Memory, evidence: string): ReportMemory => ({
  class: memory.class,
  candidates: [memory],
  evidence,
  undecided: undefined,
});

/** A memory of a class as the kernel asks for it, with what is not told taken from the audit's own. */
function typical(name: MemoryClass, route: Route | undefined): Memory {
  const subject = SUBJECTS.find((candidate) => candidate.class === name && candidate.hypothetical !== true);
  const { allocator = 'page', gfp = GFP_KERNEL, order } = subject ?? {};
  const usual = subject?.route ?? 'pointer';
  return {
    class: name,
    allocator,
    gfp,
    route: route ?? usual,
    ...(order === undefined ? {} : { order }),
    untold: allocator === 'vmalloc' ? UNTOLD : [...UNTOLD, 'order'],
  };
}

/** What no report tells of who allocated, but by page_owner or a stored stack. */
const UNTOLD = ['site', 'function', 'comm', 'gfp'] as const satisfies readonly ConditionName[];

/** The order of a compound page that is dumped (mm/debug.c:__dump_folio): the line of its head has it. */
function withOrder(memory: Memory, { page }: AccessReport): Memory {
  const head = page?.details.find((detail) => detail.startsWith('head:'));
  const order = /\border:(\d{1,2})\b/.exec(head ?? '')?.[1];
  if (order === undefined || memory.untold?.includes('order') !== true) return memory;
  return { ...memory, order: Number(order), untold: memory.untold.filter((name) => name !== 'order') };
}

/** The route of the access: the pointer's tag tells, in modes that have one; else it is how the kernel itself goes. */
function routeOf(report: AccessReport, mode: ReportMode): Route | undefined {
  if (mode !== 'hw-tags' || report.tags === undefined) return undefined;
  return report.tags.pointer === MATCH_ALL_TAG ? 'match-all' : 'pointer';
}

/** Which memory a report is about, by what it says of it: the most telling part decides. */
export function memoryOf(report: AccessReport, mode: ReportMode, kernel: KernelVersion | undefined): ReportMemory {
  const route = routeOf(report, mode);
  const memory = ofParts(report, mode, kernel, route);
  return { ...memory, candidates: memory.candidates.map((candidate) => withOrder(candidate, report)) };
}

function ofParts(
  report: AccessReport,
  mode: ReportMode,
  kernel: KernelVersion | undefined,
  route: Route | undefined,
): ReportMemory {
  return (
    ofVariable(report, mode) ??
    ofObject(report, kernel, route) ??
    ofArea(report, kernel, route) ??
    ofBugType(report, route) ??
    ofSlabPage(report, route) ??
    ofPage(report, kernel, route) ??
    ofTest(report, route) ??
    ofSlabType(report, route) ??
    ofUnknown(report, mode, kernel, route)
  );
}

const VARIABLE: Pick<Memory, 'allocator' | 'gfp' | 'route'> = {
  allocator: 'variable',
  route: 'match-all',
  gfp: GFP_KERNEL,
};

function ofVariable({ bugType, variable, stack }: AccessReport, mode: ReportMode): ReportMemory | undefined {
  if (stack !== undefined) {
    const frame = stack.frame === undefined ? '' : `, frame of ${stack.frame.symbol}`;
    return known({ ...VARIABLE, class: 'kernel-stack' }, `the stack of task ${stack.comm}/${stack.pid}${frame}`);
  }
  if (/^(?:stack|alloca)-out-of-bounds$/.test(bugType) || /^use-after-(?:scope|return)$/.test(bugType))
    return known({ ...VARIABLE, class: 'kernel-stack' }, `the type of the bug: ${bugType}`);
  if (bugType === 'global-out-of-bounds' && variable === undefined)
    return known({ ...VARIABLE, class: 'global' }, `the type of the bug: ${bugType}`);
  if (variable === undefined || mode === 'unknown') return undefined;
  return known({ ...VARIABLE, class: 'global' }, `the variable ${variable}`);
}

const KMALLOC = /^(?:dma-|cgroup-|rcl-)?kmalloc-/;

/** KASAN's own frames above those that asked for an object (mm/kasan/common.c). */
const KASAN_FRAME = /^_*(?:kasan_|save_stack|set_track|stack_trace_save)/;

/** Who allocated an object, by its stored stack. */
function allocatedBy({ allocated, access, dump }: AccessReport): Partial<Memory> {
  if (allocated === undefined || allocated.frames.length === 0) return {};
  const all = functionsOf(allocated.frames);
  const frames = all.slice(
    Math.max(
      0,
      all.findIndex((name) => !KASAN_FRAME.test(name)),
    ),
  );
  const site = frames[callSiteFrame(frames)];
  const comm = allocated.pid !== undefined && allocated.pid === access.pid ? (access.comm ?? dump?.comm) : undefined;
  return {
    frames,
    ...(site === undefined ? {} : { site }),
    ...(comm === undefined ? {} : { comm }),
    untold: UNTOLD.filter((name) =>
      name === 'gfp' ? true : name === 'comm' ? comm === undefined : name === 'site' && site === undefined,
    ),
  };
}

function ofObject(
  report: AccessReport,
  kernel: KernelVersion | undefined,
  route: Route | undefined,
): ReportMemory | undefined {
  const { object } = report;
  const name = object?.cache;
  if (name === undefined) return undefined;
  const { ctor, typesafeByRcu } = cacheFacts(name, kernel ?? KERNEL_7_3);
  const kind = KMALLOC.test(name) ? 'kmalloc' : typesafeByRcu ? 'typesafe-by-rcu' : ctor ? 'ctor' : 'plain';
  const how =
    kind === 'typesafe-by-rcu' ? ', SLAB_TYPESAFE_BY_RCU' : kind === 'ctor' ? ', which has a constructor' : '';
  const size = object?.objectSize === undefined ? '' : ` of ${object.objectSize} bytes`;
  return known({ ...slabMemory(kind, route), ...allocatedBy(report) }, `an object of cache ${name}${size}${how}`);
}

function ofSlabPage({ page }: AccessReport, route: Route | undefined): ReportMemory | undefined {
  const isSlab = page?.pageType?.name === 'slab' || page?.flagNames.includes('slab') === true;
  return isSlab ? known(slabMemory('plain', route), 'the type of the page: slab') : undefined;
}

const slabMemory = (cache: NonNullable<Memory['cache']>, route: Route = 'pointer'): Memory => ({
  class: 'slab-object',
  allocator: 'slab',
  cache,
  gfp: GFP_KERNEL,
  route,
  untold: UNTOLD,
});

/** The functions of stored frames, in the names of rules; inlined ones are frames too. */
const functionsOf = (frames: readonly string[]): string[] =>
  frames.map(parseFrame).map((frame) => normalizeSymbol(frame.function));

/** kernel/fork.c: who is named as the caller of a stack's area, as far as the compiler inlines. */
const FORK = /^(?:alloc_thread_stack_node|dup_task_struct|copy_process|kernel_clone|_do_fork)$/;

function ofArea(
  { vmalloc }: AccessReport,
  kernel: KernelVersion | undefined,
  route: Route | undefined,
): ReportMemory | undefined {
  if (vmalloc === undefined || vmalloc === 'mapping') return undefined;
  const by = vmalloc.allocatedAt === undefined ? undefined : normalizeSymbol(parseFrame(vmalloc.allocatedAt).function);
  const site = by === undefined ? '' : ` allocated at ${by}`;
  const verdict = by === undefined ? undefined : compileStackRules(kernel ?? KERNEL_7_3)([by], () => false, 0);
  const isStack = by !== undefined && FORK.test(by);
  const isPercpu = by?.startsWith('pcpu_') === true;
  const name: AllocationClass = isPercpu
    ? 'percpu'
    : isStack || verdict?.class === 'kernel-stack'
      ? 'kernel-stack'
      : 'vmalloc';
  if (name === 'percpu') return known({ ...VARIABLE, class: 'percpu' }, `a virtual mapping of per-CPU memory${site}`);
  const memory: Memory = {
    ...typical(name, route),
    ...(by === undefined ? {} : { site: by, frames: [by], untold: ['function', 'comm', 'gfp'] }),
  };
  return known(
    memory,
    `a virtual mapping${site}${name === 'vmalloc' ? '' : ` (${isStack ? 'fork' : `rule ${verdict?.rule}`})`}`,
  );
}

function ofPage(
  report: AccessReport,
  kernel: KernelVersion | undefined,
  route: Route | undefined,
): ReportMemory | undefined {
  const { page } = report;
  if (page === undefined) return undefined;
  if (page.owner?.order !== undefined) return ofOwner(page.owner, page.owner.order, kernel, route);
  const type = PAGE_TYPES.get(page.pageType?.name.split('|')[0] ?? '');
  if (type !== undefined) return known(typical(type, route), `the type of the page: ${page.pageType?.name}`);
  if (page.flagsPrefix.startsWith('anon')) return known(typical('user-anon', route), 'the flags of the page: anon');
  if (page.details.some((detail) => detail.startsWith('aops:')))
    return known(typical('user-file', route), 'the mapping of the page: a file');
  return undefined;
}

/** include/linux/page-flags.h:enum pagetype, those that tell an owner. */
const PAGE_TYPES: ReadonlyMap<string, AllocationClass> = new Map<string, AllocationClass>([
  ['table', 'page-table'],
  ['pgtable', 'page-table'],
  ['large_kmalloc', 'kmalloc-large'],
]);

const MOVABLE_CLASSES: readonly (readonly [flags: string, name: AllocationClass])[] = [
  ['GFP_HIGHUSER_MOVABLE', 'user-anon'],
  ['GFP_TRANSHUGE', 'user-anon'],
];

/** mm/page_alloc.c and mm/page_owner.c: what stands between page_owner's record and whoever asked for the page. */
const PAGE_ALLOCATOR =
  /^(?:__?set_page_owner|save_stack|post_alloc_hook|prep_new_page|get_page_from_freelist|__alloc_pages_slowpath|__alloc_pages_nodemask|rmqueue.*)$/;

const withoutPageAllocator = (frames: readonly string[]): readonly string[] =>
  frames.slice(frames.findLastIndex((name, index) => index < 8 && PAGE_ALLOCATOR.test(name)) + 1);

function ofOwner(
  owner: PageOwner,
  order: number,
  kernel: KernelVersion | undefined,
  route: Route | undefined,
): ReportMemory {
  const { gfp: names = [], allocated = [], state } = owner;
  const version = kernel ?? KERNEL_7_3;
  const context = gfpContext(version, { hwTags: true, lockdep: false, slabObjExt: false });
  const mask = parseGfpNames(names.join('|'), context).flags;
  const frames = withoutPageAllocator(functionsOf(allocated));
  const has = (flag: string): boolean => {
    const meaning = context.meaning.get(`__GFP_${flag}`);
    return meaning !== undefined && gfpHasAll(mask, meaning);
  };
  const verdict = compileStackRules(version)(frames, has, order);
  const movable = MOVABLE_CLASSES.find(([name]) => names.includes(name))?.[1];
  const name = verdict?.class ?? movable ?? (has('MOVABLE') ? 'user-file' : undefined);
  const site = frames[callSiteFrame(frames)];
  const told = [`page_owner: order ${order}`, `gfp ${names.join('|') || owner.gfpMask || 'not told'}`];
  if (site !== undefined) told.push(`allocated at ${site}`);
  if (state !== undefined) told.push(state === 'freed' ? 'freed since' : 'not freed');
  if (name === undefined) {
    const undecided = 'The stack of page_owner shows nothing but the allocator: a whole one would tell the class.';
    return { ...ofUnknownPage(route), evidence: told.join(', '), undecided };
  }
  // What slab and vmalloc have their pages from is looked at as the object and the area that the bug is in.
  const memory: Memory = {
    ...(name === 'slab-page' ? slabMemory('plain', route) : typical(name, route)),
    ...(name === 'vmalloc' || name === 'slab-page' ? {} : { order, gfp: maskIn7_3(names, mask) }),
    ...(name === 'slab-page' ? {} : { frames, ...(site === undefined ? {} : { site }) }),
    ...(owner.comm === undefined || name === 'slab-page' ? {} : { comm: owner.comm }),
    untold: untoldByOwner(owner, name, site),
  };
  const rule = verdict === undefined ? 'by its gfp mask' : `rule ${verdict.rule}`;
  return known(memory, `${told.join(', ')} (${rule})`);
}

/** What page_owner does not tell of who allocated: of an object nothing, for it knows the pages of the slab. */
function untoldByOwner(
  { allocated = [], comm, gfp, gfpMask }: PageOwner,
  name: AllocationClass,
  site: string | undefined,
): readonly ConditionName[] {
  if (name === 'slab-page') return UNTOLD;
  return UNTOLD.filter((condition) => {
    switch (condition) {
      case 'site':
        return site === undefined;
      case 'function':
        return allocated.length === 0;
      case 'comm':
        return comm === undefined;
      case 'gfp':
        return name === 'vmalloc' || (gfp === undefined && gfpMask === undefined);
    }
  });
}

/** The mask with the meaning that its names have in 7.3, which the rules of policies are about. */
function maskIn7_3(names: readonly string[], mask: Gfp): Gfp {
  const { flags, unknownNames } = parseGfpNames(
    names.join('|'),
    gfpContext(KERNEL_7_3, { hwTags: true, lockdep: false, slabObjExt: false }),
  );
  return unknownNames.length > 0 ? mask : flags;
}

/** A KUnit test says by its name what memory it is about (mm/kasan/kasan_test_c.c). */
function ofTest(report: AccessReport, route: Route | undefined): ReportMemory | undefined {
  const test = kunitTestOf(functionsOf(report.dump?.callTrace ?? []));
  if (test === undefined) return undefined;
  return memoryOfTest(test, route);
}

/** The memory of a KUnit test. */
export function memoryOfTest(test: string, route?: Route): ReportMemory {
  const { class: name } = kunitTest(test);
  return known(name === 'slab-object' ? slabMemory('kmalloc', route) : typical(name, route), `the KUnit test ${test}`);
}

function ofBugType({ bugType, vmalloc }: AccessReport, route: Route | undefined): ReportMemory | undefined {
  if (bugType === 'vmalloc-out-of-bounds' || vmalloc === 'mapping') {
    const what =
      vmalloc === 'mapping' ? 'a virtual mapping that no area is known for' : `the type of the bug: ${bugType}`;
    return known(typical('vmalloc', route), what);
  }
  return undefined;
}

/** A report that lacks its object: the type of the bug says that there was one, or the stacks that objects alone have. */
function ofSlabType(report: AccessReport, route: Route | undefined): ReportMemory | undefined {
  const { bugType, allocated, freed } = report;
  const hasStacks = allocated !== undefined || freed !== undefined;
  if (!bugType.startsWith('slab-') && !hasStacks) return undefined;
  const what = hasStacks
    ? 'the stacks of who allocated and freed it: objects alone have them'
    : `the type of the bug: ${bugType}`;
  return known({ ...slabMemory('plain', route), ...allocatedBy(report) }, what);
}

const WILD = /^(?:null-ptr-deref|user-memory-access|wild-memory-access|maybe wild-memory-access)$/;

/** Whether the address is none of the kernel's memory. */
export const isWild = ({ bugType }: AccessReport): boolean => WILD.test(bugType);

const SLAB_TITLES: KernelVersion = { major: 6, minor: 3 };

function ofUnknown(
  report: AccessReport,
  mode: ReportMode,
  kernel: KernelVersion | undefined,
  route: Route | undefined,
): ReportMemory {
  if (isWild(report)) {
    return {
      class: 'unknown',
      candidates: [typical('vmalloc', 'pointer')],
      evidence: `no memory of the kernel (${report.bugType})`,
      undecided: undefined,
    };
  }
  const page = ofUnknownPage(route);
  // Since 6.3 the title says slab-use-after-free of an object (mm/kasan/report_generic.c:get_shadow_bug_type).
  const isPage = mode === 'generic' && kernel !== undefined && isAtLeast(kernel, SLAB_TITLES);
  if (report.page !== undefined || (isPage && /use-after-free/.test(report.bugType))) return page;
  return {
    ...page,
    candidates: [...page.candidates, slabMemory('plain', route)],
    evidence: 'not decidable: the report says nothing of the memory',
    undecided: 'Whose memory it is: the part of the report below the call trace would tell.',
  };
}

/** Classes of pages that are not marked as anything. */
const PAGE_CLASSES: readonly AllocationClass[] = [
  'driver/other',
  'kmalloc-large',
  'mmu-gather',
  'pipe',
  'page-table',
  'user-anon',
  'kernel-stack',
];

const ofUnknownPage = (route: Route | undefined): ReportMemory => ({
  class: 'unknown',
  candidates: PAGE_CLASSES.map((name) => (name in VICTIMS ? typical(name, route) : typical(name, route ?? 'pointer'))),
  evidence: 'not decidable: a page, and nothing says who allocated it',
  undecided: 'Who allocated the page: with CONFIG_PAGE_OWNER and page_owner=on the report would say so.',
});
