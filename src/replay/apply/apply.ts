import { assertUnreachable } from '../../base/assert.ts';
import type { Estimate } from '../../base/interval.ts';
import { changesIn, kasanOf } from '../../kasan/kasan.ts';
import type { KernelConfig } from '../../kasan/kernel-config.ts';
import { Ledger } from '../../kasan/ledger.ts';
import { PageAllocSampler } from '../../kasan/page-alloc-sampler.ts';
import { CountingMachine } from '../../mte/counting-machine.ts';
import { resolvePolicy } from '../../policy/as-recorded.ts';
import { compilePolicy } from '../../policy/decide.ts';
import { kasanChanges, type Policy } from '../../policy/policy.ts';
import type { Followed } from '../follow/follow.ts';
import { NONE, WORK, WORK_TYPES, type WorkType } from '../follow/tag-work.ts';
import type { ApplyOptions } from '../options.ts';
import type { Applying, Task } from './applying.ts';
import { AreaWork } from './area-work.ts';
import { ClosingWork } from './closing-work.ts';
import { Decisions } from './decisions.ts';
import { estimatesOf, finishEstimates } from './estimates.ts';
import { Outcomes } from './outcomes.ts';
import { PageWork } from './page-work.ts';
import { SlabWork } from './slab-work.ts';

/** What a policy makes of a trace. */
export interface Applied {
  readonly ledger: Ledger;
  readonly estimates: readonly Estimate[];
}

/** No allocation has a larger order. */
const MAX_ORDER = 63;

/** Whether what becomes of an allocation depends on those before it; then a trace must be followed with `order`. */
export const dependsOnOrder = (policy: Policy, config: KernelConfig): boolean =>
  new PageAllocSampler(config, changesIn(config, kasanChanges(policy)).sample).samples(MAX_ORDER);

/**
 * Lets the KASAN hooks do the tag work of a trace under a policy: once for each group, counted as often as it was done. What
 * sampling may decide otherwise each time is done in the order of events.
 *
 * @throws UsageError if the policy names gfp flags that the recording kernel does not have
 */
export function apply(followed: Followed, { policy, config, cpu }: ApplyOptions): Applied {
  const resolved = resolvePolicy(policy, () => followed.recording);
  const ledger = new Ledger(new CountingMachine(cpu), followed.rows);
  const kasan = kasanOf(config, ledger.machine, ledger.enter, kasanChanges(resolved));
  const decider = compilePolicy(resolved, (name) => followed.gfp.meaning.get(name));
  const estimates = estimatesOf(() => ledger.chargesCounted);
  const applier = new Applier(followed, {
    kasan,
    ledger,
    decisions: new Decisions(followed, kasan, decider),
    outcomes: new Outcomes(followed.work.length, followed.work.order?.length ?? 0),
    estimates,
    caches: followed.caches,
  });
  applier.enterGroups();
  applier.enterClosing();
  return { ledger, estimates: finishEstimates(estimates) };
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Work whose outcome is that of what it follows upon. */
const INHERITS: ReadonlySet<number> = new Set([WORK.freePages, WORK.allocAreaPages, WORK.allocLarge, WORK.freeLarge]);

class Applier {
  readonly #followed: Followed;
  readonly #applying: Applying;
  readonly #pages: PageWork;
  readonly #areas: AreaWork;
  readonly #slab: SlabWork;
  /** How work is done, by the number of its type. */
  readonly #handlers: readonly ((task: Task) => void)[];
  /** The work that is being done. One object is used for all. */
  readonly #task: Mutable<Task>;

  constructor(followed: Followed, applying: Applying) {
    this.#followed = followed;
    this.#applying = applying;
    this.#pages = new PageWork(applying);
    this.#areas = new AreaWork(applying, followed);
    this.#slab = new SlabWork(applying, followed);
    this.#handlers = WORK_TYPES.map((type) => this.#handlerOf(type));
    this.#task = { group: 0, kind: followed.kinds[0], of: NONE, slot: 0, detail: 0, cpu: 0, count: 0 };
  }

  enterGroups(): void {
    const { work } = this.#followed;
    const isOrdered = this.#orderedGroups();
    for (let group = 0; group < work.length; group++)
      if (isOrdered[group] === 0)
        this.#do(group, { of: work.of(group), slot: group, cpu: 0, count: work.count(group) });
    if (isOrdered.includes(1)) this.#enterSteps(isOrdered);
  }

  /** 1 for groups whose work has to be done in the order of events. */
  #orderedGroups(): Uint8Array {
    const { work, kinds } = this.#followed;
    const { sampler } = this.#applying.kasan;
    const ordered = new Uint8Array(work.length);
    if (!sampler.samples(MAX_ORDER)) return ordered;
    for (let group = 0; group < work.length; group++) {
      const type = work.type(group);
      if (type === WORK.allocPages && sampler.samples(kinds[work.kind(group)].order)) ordered[group] = 1;
      // One page of an area tells of all that follow.
      if (type === WORK.allocAreaPages && sampler.samples(work.detail(group))) ordered[work.of(group)] = 1;
    }
    for (let group = 0; group < work.length; group++) {
      const of = work.of(group);
      if (of !== NONE && ordered[of] === 1 && INHERITS.has(work.type(group))) ordered[group] = 1;
    }
    return ordered;
  }

  #enterSteps(isOrdered: Uint8Array): void {
    const { work } = this.#followed;
    const { outcomes } = this.#applying;
    const { order } = work;
    if (order === undefined) throw new Error('sampling needs a trace that was followed in order');
    for (let step = 0; step < order.length; step++) {
      const group = order.group.get(step);
      if (isOrdered[group] === 0) continue;
      const handle = order.of.get(step);
      const ofGroup = work.groupOf(handle);
      const of = handle === NONE || isOrdered[ofGroup] === 0 ? ofGroup : outcomes.ofStep(handle);
      const times = order.times.get(step);
      const task = { of, slot: outcomes.ofStep(step), cpu: order.cpu.get(step), count: times > 0 ? 1 : 0 };
      for (let done = 0; done < Math.abs(times); done++) this.#do(group, task);
    }
  }

  /** Does work of a group. */
  #do(group: number, { of, slot, cpu, count }: Pick<Task, 'of' | 'slot' | 'cpu' | 'count'>): void {
    const { work, kinds } = this.#followed;
    const { ledger } = this.#applying;
    const task = this.#task;
    task.group = group;
    task.kind = kinds[work.kind(group)];
    task.of = of;
    task.slot = slot;
    task.detail = work.detail(group);
    task.cpu = cpu;
    task.count = count;
    ledger.chargeTo(task.kind.row);
    ledger.machine.repeat(count);
    this.#handlers[work.type(group)](task);
  }

  enterClosing(): void {
    new ClosingWork(this.#applying, this.#followed, this.#slab).enter();
  }

  #handlerOf(type: WorkType): (task: Task) => void {
    switch (type) {
      case 'allocPages':
        return (task) => this.#pages.allocPages(task);
      case 'freePages':
        return (task) => this.#pages.freePages(task);
      case 'areaByPages':
      case 'areaByArray':
        return (task) => this.#areas.area(task);
      case 'unpoisonArea':
        return (task) => this.#areas.unpoisonArea(task);
      case 'allocAreaPages':
        return (task) => this.#areas.allocAreaPages(task);
      case 'reuseStack':
        return (task) => this.#areas.reuseStack(task);
      case 'allocObject':
        return (task) => this.#slab.allocObject(task);
      case 'freeObject':
        return (task) => this.#slab.freeObject(task);
      case 'allocLarge':
        return (task) => this.#slab.allocLarge(task);
      case 'freeLarge':
        return (task) => this.#slab.freeLarge(task);
      case 'freePagesFromBefore':
        return (task) => this.#pages.freePagesFromBefore(task);
      case 'freeObjectFromBefore':
        return (task) => this.#slab.freeObjectFromBefore(task);
      case 'freeLargeFromBefore':
        return (task) => this.#slab.freeLargeFromBefore(task);
      default:
        return assertUnreachable(type);
    }
  }
}
