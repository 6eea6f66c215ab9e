import type { Interval } from '../base/interval.ts';
import { HZ } from '../mm/clock.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import { tagSetting } from '../mte/instruction.ts';
import { rangeInstructions } from '../mte/tag-range.ts';
import { benchRunResult } from '../result/bench-result.ts';
import { BenchRun, EARLIER_PROGRAMS, type Workload } from '../workload/bench-run.ts';
import { compareCategories, errorOf, type Category, type CategoryComparison } from './compare.ts';
import type { ExecutedRun } from './executed.ts';
import { executedKernel, policyOfVariant } from './executed-kernel.ts';

/** A purpose, compared. */
export type ModelCategory = CategoryComparison & {
  /**
   * How far off it may be. A share of what was executed; and where grace periods decide what falls inside a run, what they
   * hold back of it, or of the run before it in the same boot, and one iteration at least: a tick more or less moves that
   * much in or out.
   */
  readonly allowed: number;
};

/** A run of the model, compared with the same run of a real kernel. */
export interface ModelComparison {
  readonly run: string;
  readonly policy: string;
  readonly categories: readonly ModelCategory[];
  /**
   * Tag-setting instructions. Timer ticks run RCU callbacks, and where in a run they fall is not known; nor is what ran before
   * the first workload of a boot, whose frees they run too. The interval is what `TICK_PHASES` and `EARLIER` span, the best
   * figure that of the first.
   */
  readonly tagInstructions: Interval;
  readonly executedTagInstructions: number;
  /** What of the executed ones was for compaction, which the model does not have: it is left out of the comparison. */
  readonly compaction: number;
  /** Kernel stacks, of the model: where they come from is a result of it. */
  readonly stacks: { readonly fresh: number; readonly reused: number; readonly freed: number };
}

/** How far off the model may be, as a share of what was executed; the total, from the interval. */
export const MODEL_LIMITS = { stacksAndTables: 0.01, objects: 0.05, total: 0.01 } as const;

/** A run of so many ticks hardly depends on when they fall. */
const LONG_RUN_SECONDS = 1;

/** Runs of the model for one comparison, which differ in when timer ticks fall. */
const TICK_PHASES = [0, 1 / 8, 2 / 8, 3 / 8, 4 / 8, 5 / 8, 6 / 8, 7 / 8] as const;

/** What may have run before a boot's first workload, in programs: as many as assumed, none, twice as many. */
const EARLIER = [EARLIER_PROGRAMS, 0, 2 * EARLIER_PROGRAMS] as const;

const table = (name: string): boolean => name === 'page-table';
const batch = (name: string): boolean => name === 'mmu-gather';
const stack = (name: string): boolean => name === 'kernel-stack' || name === 'vmalloc';
const shadowStack = (name: string): boolean => name === 'shadow-call-stack';
const every = (): boolean => true;

/** What the model is compared by; finer than a trace allows, since the model knows what each free was. */
const PURPOSES: readonly (Category & { readonly limit: number; readonly waits?: true })[] = [
  {
    name: 'page tables, allocation',
    executed: /^pgtable_alloc$/,
    hooks: ['__kasan_unpoison_pages'],
    classes: table,
    expectation: 'estimated',
    limit: MODEL_LIMITS.stacksAndTables,
  },
  {
    name: 'page tables, free',
    executed: /^pgtable_free$/,
    hooks: ['__kasan_poison_pages'],
    classes: table,
    expectation: 'estimated',
    limit: MODEL_LIMITS.stacksAndTables,
    waits: true,
  },
  {
    name: 'mmu-gather pages, allocation',
    executed: /^get_free_pages:/,
    hooks: ['__kasan_unpoison_pages'],
    classes: batch,
    expectation: 'estimated',
    limit: MODEL_LIMITS.stacksAndTables,
  },
  {
    name: 'mmu-gather pages, free',
    executed: /^page_free:tlb/,
    hooks: ['__kasan_poison_pages'],
    classes: batch,
    expectation: 'estimated',
    limit: MODEL_LIMITS.stacksAndTables,
    waits: true,
  },
  {
    name: 'kernel stacks, fresh',
    executed: /^stack_fresh_alloc$/,
    hooks: ['__kasan_unpoison_vmalloc'],
    classes: stack,
    expectation: 'estimated',
    limit: MODEL_LIMITS.stacksAndTables,
    waits: true,
  },
  {
    name: 'kernel stacks, reused',
    executed: /^stack_reuse$/,
    hooks: ['__kasan_unpoison_range'],
    classes: every,
    expectation: 'estimated',
    limit: MODEL_LIMITS.stacksAndTables,
    waits: true,
  },
  {
    name: 'shadow call stacks, fresh',
    executed: /^scs_alloc$/,
    hooks: ['__kasan_unpoison_vmalloc'],
    classes: shadowStack,
    expectation: 'estimated',
    limit: MODEL_LIMITS.stacksAndTables,
    waits: true,
  },
  {
    name: 'stacks and shadow call stacks, freed',
    executed: /^vfree_pages$/,
    hooks: ['__kasan_poison_pages'],
    classes: (name) => stack(name) || shadowStack(name),
    expectation: 'estimated',
    limit: MODEL_LIMITS.stacksAndTables,
    waits: true,
  },
  {
    name: 'objects, unpoison',
    executed: /^slab_obj_unpoison$/,
    hooks: ['__kasan_slab_alloc'],
    classes: every,
    expectation: 'estimated',
    limit: MODEL_LIMITS.objects,
  },
  {
    name: 'objects, poison',
    executed: /^slab_obj_poison$/,
    hooks: ['__kasan_slab_free'],
    classes: every,
    expectation: 'estimated',
    withoutCalls: true,
    limit: MODEL_LIMITS.objects,
    waits: true,
  },
];

/** Machines of the counts have that much memory. */
const RAM = 2 ** 30;

/** The workload of a run; undefined for one that the model does not have. */
function workloadOf({ workload, params }: ExecutedRun, hugePages: boolean): Workload | undefined {
  const { threads = 0, mb = 0, iterations = 0 } = params;
  const [name, variety] = workload.split(/[-_]/);
  const known = MODELLED.find((each) => each === name);
  if (known === undefined || iterations === 0) return undefined;
  return { name: known, iterations, threads, memory: mb * 2 ** 20, hugePages: hugePages || variety === 'thp' };
}

/** Workloads of the counts that the model runs. */
const MODELLED = ['thread', 'pgtable'] as const;

/** Why a run has no workload of the model. */
const notModelled = ({ workload }: ExecutedRun): string =>
  MODELLED.some((name) => name === workload.split(/[-_]/)[0])
    ? 'it says no iterations'
    : `workload "${workload}" is not modelled: what files, sockets and programs allocate is not; ${MODELLED.join(' and ')} are`;

/** A run that was not compared, and why. */
export interface SkippedRun {
  readonly run: string;
  readonly why: string;
}

/** Why the words of a configuration's name keep a run from being compared. */
export const unknownConfig = (name: string, unknown: readonly string[]): string =>
  `configuration "${name}": what ${unknown.map((word) => `"${word}"`).join(' and ')} does is not known`;

/**
 * Runs the model as a counts file's kernel ran: one boot, its workloads in their order.
 *
 * @param file what the runs are called by
 */
export function compareModel(
  file: string,
  executed: readonly ExecutedRun[],
  seed = 1,
): { readonly compared: readonly ModelComparison[]; readonly skipped: readonly SkippedRun[] } {
  const skipped: SkippedRun[] = [];
  const skip = (run: ExecutedRun, why: string): [] => {
    skipped.push({ run: `${file} ${run.workload}`, why });
    return [];
  };
  const compared = executed.flatMap((run, index) => {
    const kernel = executedKernel(run);
    const policy = policyOfVariant(run.variant);
    if ('unknown' in kernel) return skip(run, unknownConfig(run.config ?? '', kernel.unknown));
    const workload = workloadOf(run, kernel.hugePages);
    if (workload === undefined) return skip(run, notModelled(run));
    const before = executed.slice(0, index).flatMap((earlier) => workloadOf(earlier, kernel.hugePages) ?? []);
    const runAt = (tickPhase: number, earlierPrograms: number = EARLIER_PROGRAMS) => {
      const model = new BenchRun(
        { policy, config: kernel.config, cpu: kernel.cpu, cpus: 1, ram: RAM, seed: kernel.seed ?? seed },
        workload,
        { before, tickPhase, earlierPrograms },
      );
      while (!model.isDone) model.step();
      return { model, result: benchRunResult(model, policy, undefined, 0, undefined) };
    };
    const first = runAt(0);
    const { model, result } = first;
    const isLong = model.modelSeconds >= LONG_RUN_SECONDS;
    const earlier = before.length > 0 || isLong ? [EARLIER_PROGRAMS] : EARLIER;
    const places = earlier.flatMap((programs) =>
      (isLong ? [0, 1 / 2] : TICK_PHASES).map((phase) => ({ phase, programs })),
    );
    const runs = [first, ...places.slice(1).map(({ phase, programs }) => runAt(phase, programs))];
    const totals = runs.map((each) => tagSetting(each.result.totals.instructions));
    return [
      {
        run: `${file} ${run.workload} ${workload.threads || workload.memory / 2 ** 20} × ${workload.iterations}`,
        policy: policy.name,
        categories: withAllowance(
          compareCategories(PURPOSES, result.byHook, run),
          run,
          executed[index - 1],
          (graceTicks(model.machine.kernel.release.preemptLazy) / HZ / model.modelSeconds) * workload.iterations,
        ),
        tagInstructions: { low: Math.min(...totals), best: totals[0], high: Math.max(...totals) },
        executedTagInstructions: run.tag_setting_instructions,
        compaction: compactionOf(run, kernel.cpu),
        stacks: result.operations.stacks,
      },
    ];
  });
  return { compared, skipped };
}

/** mm/compaction.c: what it takes and gives back is tagged and poisoned, and nothing but memory being short calls for it. */
const COMPACTION = new Set(['compaction_alloc', 'mark_allocated', 'compact_zone']);

/** Instructions that were executed for compaction, by the calls that were logged. */
function compactionOf({ calls = [] }: ExecutedRun, cpu: CpuProfile): number {
  return calls
    .filter(
      ({ fn, chain }) => /^kasan_(?:un)?poison(?:\.|$)/.test(fn) && chain.some((caller) => COMPACTION.has(caller)),
    )
    .reduce((sum, { n, a0 = 0, x1 = 0 }) => sum + n * rangeInstructions(cpu, a0, x1), 0);
}

/** What of the executed instructions the model is held against. */
export const comparedInstructions = ({ executedTagInstructions, compaction }: ModelComparison): number =>
  executedTagInstructions - compaction;

/** How far what was executed lies from the model's interval, as a share of it; 0 inside. */
export function offInterval(comparison: ModelComparison): number {
  const { low, high } = comparison.tagInstructions;
  const executed = comparedInstructions(comparison);
  return executed < low ? errorOf(low, executed) : executed > high ? errorOf(high, executed) : 0;
}

/**
 * How many ticks callbacks wait at most, in the model and, on a busy CPU, in the kernel: two, and without preemption three (up to
 * 11.6 ms in traces of 6.12).
 */
const graceTicks = (preemptLazy: boolean): number => (preemptLazy ? 2 : 3);

function withAllowance(
  categories: readonly CategoryComparison[],
  run: ExecutedRun,
  before: ExecutedRun | undefined,
  iterationsHeld: number,
): ModelCategory[] {
  const held = Math.max(1, iterationsHeld);
  return categories.map((item) => {
    const purpose = PURPOSES.find(({ name }) => name === item.name);
    if (purpose === undefined) return { ...item, allowed: 0 };
    // A stack that is not reused is a fresh one: of both together the share is meant.
    const whole = purpose.name.startsWith('kernel stacks')
      ? categories
          .filter(({ name, unit }) => unit === item.unit && /^kernel stacks, (?:fresh|reused)$/.test(name))
          .reduce((sum, { executed }) => sum + executed, 0)
      : item.executed;
    const share = purpose.limit * whole;
    if (purpose.waits === undefined) return { ...item, allowed: share };
    const ofOne = (of: ExecutedRun | undefined): number => {
      if (of === undefined) return 0;
      const executed = compareCategories([purpose], [], of).find(({ unit }) => unit === item.unit)?.executed ?? 0;
      return executed / (of.params.iterations ?? 1);
    };
    return { ...item, allowed: Math.max(share, held * ofOne(run), held * ofOne(before)) };
  });
}

/** What of a comparison is further off than it may be, in words. */
export function modelFailures(comparison: ModelComparison): readonly string[] {
  const off = (predicted: number, executed: number): string => `${(100 * errorOf(predicted, executed)).toFixed(2)} %`;
  const { run, categories } = comparison;
  const total = offInterval(comparison);
  return [
    ...categories
      .filter((item) => item.unit === 'instructions')
      .filter((item) => Math.abs(item.predicted - item.executed) > item.allowed)
      .map((item) => `${run}: ${item.name}: ${off(item.predicted, item.executed)} off`),
    ...(Math.abs(total) > MODEL_LIMITS.total
      ? [`${run}: the total is ${(100 * total).toFixed(2)} % off the interval`]
      : []),
  ];
}
