import type { AllocationClass } from '../base/allocation-class.ts';
import { Random } from '../base/random.ts';
import { mayBe, wilson, type Share } from '../base/share.ts';
import type { Steps } from '../base/steps.ts';
import { TestKernel } from '../conform/test-kernel.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { maxPageOrder } from '../mm/buddy.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import { kasanChanges, type Policy } from '../policy/policy.ts';
import { policySites } from '../workload/policy-sites.ts';
import { BUGS, type Bug, type Trial } from './bug.ts';
import { taggingOf, theoryUnder } from './policy-theory.ts';
import { SUBJECTS, SubjectAllocator, type Subject } from './subject.ts';
import type { Theory } from './theory.ts';

/** A kernel and a policy whose detection is audited. */
export interface AuditOptions {
  readonly config: KernelConfig;
  readonly cpu: CpuProfile;
  readonly policy: Policy;
  readonly seed: number;
  /** Trials of each cell. */
  readonly trials: number;
  /** Audits memory of one class alone. */
  readonly only?: AllocationClass | undefined;
}

/** One kind of bug in one kind of memory. */
export interface AuditCell {
  readonly subject: string;
  readonly class: Subject['class'];
  /** Nothing in the kernel reaches this memory so; other code could. */
  readonly hypothetical: boolean;
  readonly bug: string;
  readonly access: 'read' | 'write' | 'free';
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

/** Before a trial there were up to so many sampled allocations. */
const MAX_PHASES = 4096;

const ACCESSES = ['read', 'write'] as const;

/** What trials of one cell gave. */
interface Tally {
  done: number;
  detected: number;
  byMmu: number;
}

/** A bug in a kind of memory, before it is injected. */
interface Planned {
  readonly subject: Subject;
  readonly bug: Bug;
  readonly access: AuditCell['access'];
}

function planOf({ config, only }: AuditOptions): readonly Planned[] {
  return SUBJECTS.filter(({ class: name }) => only === undefined || name === only)
    .filter(({ typesafeByRcu }) => config.build === 'hw-tags' || typesafeByRcu !== true)
    .flatMap((subject) =>
      BUGS.filter((bug) => bug.applies(subject)).flatMap((bug) =>
        (bug.kind === 'free' ? (['free'] as const) : ACCESSES).map((access) => ({ subject, bug, access })),
      ),
    );
}

/** How many cells an audit has. */
export const cellCount = (options: AuditOptions): number => planOf(options).length;

/** Injects every bug into every kind of memory: a step for each cell. */
export function* audit(options: AuditOptions): Steps<AuditCell[]> {
  const kernels = new Map<string, Audited>();
  const cells: AuditCell[] = [];
  for (const [index, { subject, bug, access }] of planOf(options).entries()) {
    cells.push(auditCell(options, subject, bug, access, index, kernels));
    yield;
  }
  return cells;
}

function auditCell(
  options: AuditOptions,
  subject: Subject,
  bug: Bug,
  access: AuditCell['access'],
  index: number,
  kernels: Map<string, Audited>,
): AuditCell {
  const random = new Random(options.seed * 1009 + index);
  const tally: Tally = { done: 0, detected: 0, byMmu: 0 };
  const trials = bug.kind === 'free' ? Math.min(options.trials, MAX_FREE_TRIALS) : options.trials;
  let audited = kernels.get(subject.name);
  for (let missed = 0; tally.done < trials && missed < MAX_MISSED;) {
    audited ??= new Audited(options, subject, random.nextUint32());
    const before = tally.detected;
    if (!audited.run(bug, access, random, tally)) missed++;
    const isBroken = bug.kind === 'free' && tally.detected === before;
    if (isBroken || audited.isWornOut) audited = undefined;
  }
  if (audited === undefined) kernels.delete(subject.name);
  else kernels.set(subject.name, audited);
  const theory = theoryUnder(options, subject, bug, access);
  const detected = wilson(tally.detected, tally.done);
  return {
    subject: subject.name,
    class: subject.class,
    hypothetical: subject.hypothetical === true,
    bug: bug.name,
    access,
    detected,
    byMmu: tally.byMmu,
    theory,
    agrees: tally.done > 0 && mayBe(tally.detected, tally.done, theory.low, theory.high),
  };
}

/** A kernel with one kind of memory. */
class Audited {
  readonly #kernel: TestKernel;
  readonly #subject: Subject;
  #memory: SubjectAllocator;
  #reports = 0;
  #caches = 0;
  readonly #sampledOf: number;

  constructor(options: AuditOptions, subject: Subject, seed: number) {
    const { config, cpu, policy } = options;
    this.#sampledOf = taggingOf(options, subject).sampledOf;
    const bootOperations = BOOT_OPERATIONS;
    this.#kernel = new TestKernel({
      config,
      cpu,
      seed,
      ram: RAM,
      bootOperations,
      sites: (ledger) => policySites(config, policy, ledger),
      changes: kasanChanges(policy),
    });
    this.#kernel.beginSuite();
    this.#kernel.onReport = () => this.#reports++;
    this.#subject = subject;
    this.#memory = new SubjectAllocator(this.#kernel, subject);
  }

  /** Whether caches of single trials have taken much of its memory. */
  get isWornOut(): boolean {
    return this.#caches >= TRIALS_WITH_OWN_CACHE;
  }

  /** One trial. @returns false if it could not be set up */
  run(bug: Bug, access: AuditCell['access'], random: Random, tally: Tally): boolean {
    const kernel = this.#kernel;
    if (this.#subject.typesafeByRcu === true) {
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
    const before = this.#reports;
    tally.done++;
    if ('free' in injected) injected.free();
    else if (access !== 'free') {
      // The software builds look before the access is made; the hardware's checks come after translation.
      const isMapped = kernel.isMapped(injected.access);
      if (isMapped || kernel.config.build !== 'hw-tags') kernel.access(injected.access, 1, access);
      if (!isMapped && this.#reports === before) {
        tally.byMmu++;
        tally.detected++;
      }
      kernel.check.checkTfsr();
      kernel.check.enable();
      injected.cleanUp();
    }
    if (this.#reports > before) tally.detected++;
    return true;
  }
}
