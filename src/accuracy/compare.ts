import type { AllocationClass } from '../base/allocation-class.ts';
import type { HookName } from '../kasan/hook.ts';
import { INSTRUCTION_NAMES, TAG_SETTING_KINDS, tagSetting, type InstructionKind } from '../mte/instruction.ts';
import type { Estimate, HookWork, Interval, ReportResult } from '../result/result.ts';
import type { ExecutedRun } from './executed.ts';

/** One figure, predicted and executed. */
export interface Comparison {
  readonly name: string;
  readonly predicted: number;
  readonly executed: number;
  /** What must hold: equality, or nothing where part of the operations leaves no event. */
  readonly expectation: 'equal' | 'estimated';
}

/** A run, compared. */
export type CategoryComparison = Comparison & {
  readonly unit: 'calls' | 'instructions';
  /** Between what the executed figure must be, by the estimates that the prediction contains; both `predicted` if none does. */
  readonly low: number;
  readonly high: number;
};

export interface RunComparison {
  readonly run: string;
  readonly policy: string;
  readonly totals: readonly Comparison[];
  readonly functions: readonly Comparison[];
  /** Calls and tag-setting instructions by purpose. */
  readonly categories: readonly CategoryComparison[];
  readonly tagInstructions: Interval;
  readonly executedTagInstructions: number;
  /** How far off the total may be, as a share of what was executed; undefined where only its interval counts. */
  readonly limit: number | undefined;
}

/** How far off the total of tag-setting instructions may be, as a share of what was executed. */
export const TOTAL_LIMIT = { usual: 0.01, file: 0.03 } as const;

/** A short run of file work has few of each thing, and most of its objects are freed by RCU. */
const limitOf = (executed: ExecutedRun, estimates: readonly Estimate[]): number | undefined => {
  const compacts = estimates.some(({ name, calls }) => name === 'compaction' && calls.high > 0);
  return compacts ? undefined : TOTAL_LIMIT[executed.workload === 'file' ? 'file' : 'usual'];
};

/** How counts files write the name of an instruction. */
const executedName = (kind: InstructionKind): string => INSTRUCTION_NAMES[kind].replace(' ', '_');

/** Kernel functions that execute tag stores, and the hooks whose stores they execute. */
const STORE_FUNCTIONS: ReadonlyMap<string, readonly HookName[]> = new Map<string, readonly HookName[]>([
  ['kasan_unpoison', ['__kasan_unpoison_pages', '__kasan_slab_alloc']],
  [
    'kasan_poison',
    ['__kasan_poison_pages', '__kasan_poison_slab', '__kasan_kmalloc', '__kasan_slab_free', '__kasan_kmalloc_large'],
  ],
  ['__kasan_unpoison_vmalloc', ['__kasan_unpoison_vmalloc']],
  ['__kasan_unpoison_range', ['__kasan_unpoison_range']],
]);

/** A purpose of tag work, as counts files and hooks have it. */
export interface Category {
  readonly name: string;
  /** Names of the counts file that it joins. */
  readonly executed: RegExp;
  readonly hooks: readonly HookName[];
  readonly classes: (name: AllocationClass) => boolean;
  readonly expectation: Comparison['expectation'];
  /** Estimates of the replay that are part of it: with none of them it must be equal. */
  readonly estimates?: readonly Estimate['name'][];
  /** The hooks are called where no tag is stored too: calls cannot be compared. */
  readonly withoutCalls?: true;
}

const isOneOf =
  (...names: readonly AllocationClass[]) =>
  (name: AllocationClass): boolean =>
    names.includes(name);
const every = (): boolean => true;
const AREAS: readonly AllocationClass[] = ['kernel-stack', 'shadow-call-stack', 'vmalloc'];

/** The purposes that the counts files tell apart. */
const CATEGORIES: readonly Category[] = [
  {
    // With what compaction allocates. The counts file has page tables that a fault allocates ahead (__do_fault) under page_alloc_other.
    name: 'page tables and other pages, allocation',
    executed: /^(?:pgtable_alloc|page_alloc_other)$/,
    hooks: ['__kasan_unpoison_pages'],
    classes: (name) => !['mmu-gather', 'slab-page'].includes(name),
    expectation: 'equal',
    estimates: ['compaction'],
  },
  {
    name: 'mmu-gather pages, allocation',
    executed: /^get_free_pages:/,
    hooks: ['__kasan_unpoison_pages'],
    classes: isOneOf('mmu-gather'),
    expectation: 'equal',
  },
  {
    name: 'kernel stacks, fresh',
    executed: /^stack_fresh_alloc$/,
    hooks: ['__kasan_unpoison_vmalloc'],
    classes: isOneOf('kernel-stack'),
    expectation: 'equal',
  },
  {
    name: 'shadow call stacks, fresh',
    executed: /^scs_alloc$/,
    hooks: ['__kasan_unpoison_vmalloc'],
    classes: isOneOf('shadow-call-stack'),
    expectation: 'equal',
  },
  {
    name: 'other vmalloc areas',
    executed: /^vmalloc(?!.*free)/,
    hooks: ['__kasan_unpoison_vmalloc'],
    classes: isOneOf('vmalloc'),
    expectation: 'equal',
  },
  {
    name: 'kernel stacks, reused',
    executed: /^stack_reuse$/,
    hooks: ['__kasan_unpoison_range'],
    classes: every,
    expectation: 'equal',
  },
  {
    name: 'pages of vfree',
    executed: /^vfree_pages$/,
    hooks: ['__kasan_poison_pages'],
    classes: isOneOf(...AREAS),
    expectation: 'equal',
    estimates: ['pagesFromBeforeTrace'],
  },
  {
    name: 'page tables, mmu-gather and other pages, free',
    executed: /^(?:pgtable_free|page_free:.*|page_free_other)$/,
    hooks: ['__kasan_poison_pages'],
    classes: (name) => !AREAS.includes(name),
    expectation: 'equal',
    estimates: ['pagesFromBeforeTrace', 'compaction'],
  },
  {
    name: 'slab pages, allocation',
    executed: /^slab_page_alloc$/,
    hooks: ['__kasan_unpoison_pages'],
    classes: isOneOf('slab-page'),
    expectation: 'equal',
  },
  {
    name: 'slab pages, poison',
    executed: /^slab_page_poison$/,
    hooks: ['__kasan_poison_slab'],
    classes: every,
    expectation: 'equal',
  },
  {
    // A constructor finds each object of a new slab unpoisoned, and it is poisoned again.
    name: 'objects of new slabs, set up',
    executed: /^ctor_(?:un)?poison$/,
    hooks: ['setup_object'],
    classes: every,
    expectation: 'equal',
    estimates: ['objectOffsets'],
    withoutCalls: true,
  },
  {
    name: 'objects, unpoison',
    executed: /^slab_obj_unpoison$/,
    hooks: ['__kasan_slab_alloc'],
    classes: every,
    expectation: 'equal',
    estimates: ['unseenObjectAllocations', 'objectOffsets'],
  },
  {
    name: 'kmalloc redzones',
    executed: /^kmalloc_redzone_poison$/,
    hooks: ['__kasan_kmalloc'],
    classes: every,
    expectation: 'equal',
    estimates: ['objectOffsets'],
  },
  {
    name: 'objects, poison',
    executed: /^slab_obj_poison$/,
    // A free of an object that stays accessible is a call of the hook and of no store.
    hooks: ['__kasan_slab_free'],
    classes: every,
    expectation: 'equal',
    estimates: ['unseenObjectFrees', 'objectsFromBeforeTrace', 'objectOffsets'],
    withoutCalls: true,
  },
];

const add = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const storesOf = (work: readonly HookWork[]): number => add(work.map(({ instructions }) => tagSetting(instructions)));

/** Sets what was predicted from a trace beside what the kernel executed in the same run. */
export function compare(run: string, result: ReportResult, executed: ExecutedRun): RunComparison {
  const { instructions } = result.totals;
  const kinds = [...TAG_SETTING_KINDS, 'irg', 'ldg'] as const;
  const totals = kinds
    .map((kind): Comparison => ({
      name: executedName(kind),
      predicted: instructions[kind],
      executed: executed.per_class[executedName(kind)] ?? 0,
      expectation: 'estimated',
    }))
    .filter(({ predicted, executed: real }) => predicted + real > 0);

  const functions = [...STORE_FUNCTIONS].map(([name, hooks]): Comparison => ({
    name,
    predicted: storesOf(result.byHook.filter(({ hook }) => hooks.some((wanted) => wanted === hook))),
    executed: add(
      Object.entries(executed.per_function)
        .filter(([real]) => real.replace(/\..*$/, '') === name)
        .flatMap(([, kindCounts]) => ['STG', 'STZG', 'DC_GVA', 'DC_GZVA'].map((kind) => kindCounts[kind] ?? 0)),
    ),
    expectation: 'estimated',
  }));

  const categories = compareCategories(CATEGORIES, result.byHook, executed, result.estimates);

  return {
    run,
    policy: result.policy.name,
    totals,
    functions: functions.filter(({ predicted, executed: real }) => predicted + real > 0),
    categories,
    tagInstructions: result.totals.tagInstructions,
    executedTagInstructions: executed.tag_setting_instructions,
    limit: limitOf(executed, result.estimates),
  };
}

/** Sets the tag work of purposes beside what was executed for them; purposes without any are left out. */
export function compareCategories(
  purposes: readonly Category[],
  byHook: readonly HookWork[],
  executed: ExecutedRun,
  estimates: readonly Estimate[] = [],
): CategoryComparison[] {
  return purposes
    .flatMap((category) => {
      const work = byHook.filter(
        ({ hook, class: name }) => category.hooks.some((wanted) => wanted === hook) && category.classes(name),
      );
      const real = Object.entries(executed.categories).filter(([name]) => category.executed.test(name));
      const calls = category.withoutCalls === true ? undefined : add(work.map((item) => item.calls));
      const own = estimates.filter(({ name }) => category.estimates?.includes(name));
      const compared = (
        unit: CategoryComparison['unit'],
        predicted: number,
        count: number,
        of: (estimate: Estimate) => Interval,
      ): CategoryComparison => {
        const spread = (end: 'low' | 'high'): number => add(own.map((item) => of(item)[end] - of(item).best));
        const [low, high] = [predicted + spread('low'), predicted + spread('high')];
        const expectation = low === high ? category.expectation : 'estimated';
        return { name: category.name, unit, expectation, predicted, executed: count, low, high };
      };
      return [
        ...(calls === undefined
          ? []
          : [compared('calls', calls, add(real.map(([, item]) => item.calls)), (item) => item.calls)]),
        compared(
          'instructions',
          storesOf(work),
          add(real.map(([, item]) => item.tag_instructions)),
          (item) => item.tagInstructions,
        ),
      ];
    })
    .filter(({ predicted, executed: real }) => predicted + real > 0);
}

/** How far a prediction is off, as a share of what was executed. */
export const errorOf = (predicted: number, executed: number): number =>
  executed === 0 ? (predicted === 0 ? 0 : 1) : (predicted - executed) / executed;

/** Whether the executed figure of a purpose is one that the prediction allows. */
export const isAllowed = ({ low, high, executed }: Pick<CategoryComparison, 'low' | 'high' | 'executed'>): boolean =>
  low <= executed && executed <= high;

/** Whether the executed total lies in the interval that was stated. */
export const isInInterval = ({ tagInstructions, executedTagInstructions }: RunComparison): boolean =>
  tagInstructions.low <= executedTagInstructions && executedTagInstructions <= tagInstructions.high;
