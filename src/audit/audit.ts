import { Random } from '../base/random.ts';
import { mayBe, wilson, type Share } from '../base/share.ts';
import type { Steps } from '../base/steps.ts';
import { BOOT_FUNCTION, TestKernel } from '../conform/test-kernel.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { maxPageOrder } from '../mm/buddy.ts';
import { MODEL_COMM, type SiteTable } from '../mm/site.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import { kasanChanges, type Policy } from '../policy/policy.ts';
import { policySites } from '../workload/policy-sites.ts';
import type { BugName } from './bug-kinds.ts';
import { INJECTIONS, type Injection, type Trial } from './injection.ts';
import type { MemoryClass } from './memory.ts';
import { SUBJECTS, SubjectAllocator, type Subject } from './subject.ts';
import { MadeTrials, placesAlone, UsedPlaces, type Tally } from './made-trials.ts';
import { DetectionRules, type BugAccess, type Theory } from './theory.ts';

/** What is audited, whatever the policy. */
export interface AuditScope {
  readonly config: KernelConfig;
  readonly cpu: CpuProfile;
  readonly seed: number;
  /** Trials of each cell. */
  readonly trials: number;
  /** Audits memory of one class alone. */
  readonly only?: MemoryClass | undefined;
  /** The kinds of memory; `SUBJECTS` if they are left out. */
  readonly subjects?: readonly Subject[] | undefined;
  /** Audits these kinds of bug alone; those that cannot be made in their subject are left out. */
  readonly cells?: readonly CellName[] | undefined;
}

/** A kernel and a policy whose detection is audited. */
export interface AuditOptions extends AuditScope {
  readonly policy: Policy;
}

/** What names a cell. */
export type CellName = Pick<AuditCell, 'subject' | 'bug' | 'access'>;

/** One kind of bug in one kind of memory. */
export interface AuditCell {
  readonly subject: string;
  readonly class: Subject['class'];
  /** The kernel does not work on this memory by this route; a pointer that keeps the tag of the page goes it. */
  readonly hypothetical: boolean;
  readonly bug: BugName;
  readonly access: BugAccess;
  readonly detected: Share;
  /** Of those detected: by a fault of the MMU, since nothing is mapped there. */
  readonly byMmu: number;
  readonly theory: Theory;
  /** Whether what was observed may be what theory says, judged so that all cells together rarely fail by chance. */
  readonly agrees: boolean;
}

/** Bytes of memory of an audited kernel, and what it has done before. */
const RAM = 64 << 20;
const BOOT_OPERATIONS = 200;
/** Objects of such caches keep their tag: each trial makes a cache of its own, and after so many a new kernel. */
const TRIALS_WITH_OWN_CACHE = 500;
/** Where a wrong free goes unnoticed the kernel is made anew; these outcomes have no chance in them, so fewer will do. */
const MAX_FREE_TRIALS = 200;
/** Trials that could not be set up, before a cell is given up. */
const MAX_MISSED = 1000;

/** Who allocates in the audited kernel, for policies that look at that: no function of any driver. */
const ALLOCATING = { site: BOOT_FUNCTION, frames: [BOOT_FUNCTION], comm: MODEL_COMM } as const;

/** Before a trial there were up to so many sampled allocations. */
const MAX_PHASES = 4096;

const ACCESSES = ['read', 'write'] as const;

/** A bug in a kind of memory, before it is injected. */
interface Planned {
  readonly subject: Subject;
  readonly bug: Injection;
  readonly access: BugAccess;
}

function planOf({ config, only, subjects = SUBJECTS, cells }: AuditScope): readonly Planned[] {
  const isWanted = ({ subject, bug, access }: Planned): boolean =>
    cells === undefined ||
    cells.some((cell) => cell.subject === subject.name && cell.bug === bug.bug && cell.access === access);
  return subjects
    .filter(({ class: name }) => only === undefined || name === only)
    .filter(({ cache }) => config.build === 'hw-tags' || cache !== 'typesafe-by-rcu')
    .flatMap((subject) =>
      INJECTIONS.filter((bug) => bug.applies(subject, config.build)).flatMap((bug) =>
        (bug.kind === 'free' ? (['free'] as const) : ACCESSES).map((access) => ({ subject, bug, access })),
      ),
    )
    .filter(isWanted);
}

/**
 * The part of an audit that is of one kind of memory, under one policy or several. It is data, and may be sent to another
 * thread; what comes of it depends on no other part.
 */
export interface AuditTask {
  readonly scope: AuditScope;
  readonly policies: readonly Policy[];
  /** The number of its first cell in the audit, of which the seed of each follows. */
  readonly first: number;
  /** Cells under each policy. */
  readonly count: number;
}

/** The parts of an audit under some policies: the cells of each policy in this order are those of `audit`. */
export function auditTasks(scope: AuditScope, policies: readonly Policy[]): readonly AuditTask[] {
  const plan = planOf(scope);
  const starts = [...plan.keys()].filter((index) => plan[index].subject !== plan[index - 1]?.subject);
  const ends = [...starts.slice(1), plan.length];
  return starts.map((first, part) => ({ scope, policies, first, count: ends[part] - first }));
}

/** Cells of a part, those under all its policies. */
export const cellCount = ({ policies, count }: AuditTask): number => policies.length * count;

/**
 * Injects every bug into one kind of memory: a step for each cell.
 *
 * @param made trials that were made before, which are not made again where they would give the same
 * @returns the cells under each policy
 * @throws UsageError if one names flags that the kernel does not have
 */
export function* runAuditTask(
  { scope, policies, first, count }: AuditTask,
  made = new MadeTrials(),
): Steps<AuditCell[][]> {
  const planned = planOf(scope).slice(first, first + count);
  const results: AuditCell[][] = [];
  for (const policy of policies) results.push(yield* auditSubject({ ...scope, policy }, planned, first, made));
  return results;
}

/** @param first the number of the first of the bugs in the audit */
function* auditSubject(
  options: AuditOptions,
  planned: readonly Planned[],
  first: number,
  made: MadeTrials,
): Steps<AuditCell[]> {
  const { config, cpu, seed, trials, policy } = options;
  const [{ subject }] = planned;
  const rules = new DetectionRules(options);
  const sites = policySites(config, policy);
  const changes = kasanChanges(policy);
  const bugs = planned.map(({ bug: { bug }, access }) => [bug, access]);
  const key = JSON.stringify([config, cpu, seed, trials, subject, first, bugs]);
  const known = made.find(key, changes, placesAlone(sites, cpu));
  const running = { options, sites, sampledOf: rules.sampledOf(subject), used: new UsedPlaces() };
  const kernels: Kernels = { audited: undefined };
  const tallies: Tally[] = [];
  const cells: AuditCell[] = [];
  for (const [index, plan] of planned.entries()) {
    const tally = known?.[index] ?? runTrials(running, kernels, first + index, plan);
    tallies.push(tally);
    cells.push(cellOf(plan, tally, rules));
    yield;
  }
  if (known === undefined) made.add(key, { changes, used: running.used.all(), tallies });
  return cells;
}

/**
 * Injects every bug into every kind of memory: a step for each cell.
 *
 * @param made as `runAuditTask` takes it
 */
export function* audit({ policy, ...scope }: AuditOptions, made = new MadeTrials()): Steps<AuditCell[]> {
  const cells: AuditCell[] = [];
  for (const task of auditTasks(scope, [policy])) cells.push(...(yield* runAuditTask(task, made)).flat());
  return cells;
}

/** What the kernels of one kind of memory are made of. */
interface Running {
  readonly options: AuditOptions;
  readonly sites: ReturnType<typeof policySites>;
  readonly sampledOf: number;
  readonly used: UsedPlaces;
}

/** The kernel that the next cell goes on with. */
interface Kernels {
  audited: Audited | undefined;
}

function runTrials(running: Running, kernels: Kernels, index: number, { subject, bug, access }: Planned): Tally {
  const { options } = running;
  const random = new Random(options.seed * 1009 + index);
  const tally: Tally = { done: 0, detected: 0, byMmu: 0 };
  const trials = bug.kind === 'free' ? Math.min(options.trials, MAX_FREE_TRIALS) : options.trials;
  let { audited } = kernels;
  for (let missed = 0; tally.done < trials && missed < MAX_MISSED;) {
    audited ??= new Audited(running, subject, random.nextUint32());
    const before = tally.detected;
    if (!audited.run(bug, access, random, tally)) missed++;
    const isBroken = bug.kind === 'free' && tally.detected === before;
    if (isBroken || audited.isWornOut) audited = undefined;
  }
  kernels.audited = audited;
  return tally;
}

function cellOf({ subject, bug: { bug }, access }: Planned, tally: Tally, rules: DetectionRules): AuditCell {
  const theory = rules.theory({ bug, access, memory: { ...ALLOCATING, ...subject } });
  return {
    subject: subject.name,
    class: subject.class,
    hypothetical: subject.hypothetical === true,
    bug,
    access,
    detected: wilson(tally.detected, tally.done),
    byMmu: tally.byMmu,
    theory,
    agrees: tally.done > 0 && mayBe(tally.detected, tally.done, theory.low, theory.high),
  };
}

/** Places whose allocations are those of a subject's own call site, stack and command. */
function allocatedBy({ site, frames, comm }: Subject, table: SiteTable): SiteTable {
  const own = {
    ...(site === undefined ? {} : { site }),
    ...(frames === undefined ? {} : { frames }),
    ...(comm === undefined ? {} : { comm }),
  };
  if (Object.keys(own).length === 0) return table;
  return { resolve: (description) => table.resolve({ ...description, ...own }) };
}

/** A kernel with one kind of memory. */
class Audited {
  readonly #kernel: TestKernel;
  readonly #subject: Subject;
  #memory: SubjectAllocator;
  #caches = 0;
  readonly #sampledOf: number;

  constructor({ options, sites, sampledOf, used }: Running, subject: Subject, seed: number) {
    const { config, cpu, policy } = options;
    this.#sampledOf = sampledOf;
    const bootOperations = BOOT_OPERATIONS;
    this.#kernel = new TestKernel({
      // Stacks are for the text of reports, which nobody reads here.
      config: { ...config, detection: { ...config.detection, stacktrace: false } },
      cpu,
      seed,
      ram: RAM,
      bootOperations,
      sites: (ledger) => used.watch(allocatedBy(subject, sites(ledger)), ledger),
      changes: kasanChanges(policy),
    });
    this.#kernel.beginSuite();
    this.#subject = subject;
    this.#memory = new SubjectAllocator(this.#kernel, subject);
  }

  /** Whether caches of single trials have taken much of its memory. */
  get isWornOut(): boolean {
    return this.#caches >= TRIALS_WITH_OWN_CACHE;
  }

  /** One trial. @returns false if it could not be set up */
  run(bug: Injection, access: BugAccess, random: Random, tally: Tally): boolean {
    const kernel = this.#kernel;
    if (bug.ownCache === true || this.#subject.cache === 'typesafe-by-rcu' || this.#subject.cache === 'ctor') {
      this.#memory = new SubjectAllocator(kernel, this.#subject);
      this.#caches++;
    }
    // Which allocations are sampled is a matter of counting; what came before a trial is not its business.
    const phases = Math.min(this.#sampledOf, MAX_PHASES);
    for (let earlier = phases === 1 ? 0 : random.below(phases); earlier > 0; earlier--)
      kernel.kasan.sampler.kasan_sample_page_alloc(0, maxPageOrder(kernel.config.pageSize));
    const trial: Trial = { kernel, memory: this.#memory, random };
    const injected = bug.inject(trial);
    if (injected === undefined) return false;
    const before = kernel.reports;
    tally.done++;
    if ('free' in injected) injected.free();
    else if (access !== 'free') {
      // The software builds look before the access is made; the hardware's checks come after translation.
      const isMapped = kernel.isMapped(injected.access);
      if (isMapped || kernel.config.build !== 'hw-tags') kernel.access(injected.access, 1, access);
      if (!isMapped && kernel.reports === before) {
        tally.byMmu++;
        tally.detected++;
      }
      kernel.check.checkTfsr();
      kernel.check.enable();
      injected.cleanUp();
    }
    if (kernel.reports > before) tally.detected++;
    return true;
  }
}
