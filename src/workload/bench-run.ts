import type { Clock } from '../mm/clock.ts';
import { OutOfMemory } from '../mm/out-of-memory.ts';
import { Tasks, type Task } from '../mm/task.ts';
import type { Tracepoints } from '../mm/tracepoints.ts';
import { boot, type Machine, type MachineOptions } from './machine.ts';
import { shellIteration } from './shell.ts';
import { mapMemory, pgtableIteration } from './pgtable.ts';
import { startInit, startProgram } from './program.ts';
import { threadIteration } from './thread.ts';

/** A workload and its parameters; those that it does not have are not looked at. */
export interface Workload {
  readonly name: 'thread' | 'pgtable' | 'shell';
  readonly iterations: number;
  readonly threads: number;
  /** Bytes that the parent of `pgtable` maps. */
  readonly memory: number;
  readonly hugePages: boolean;
}

/** What a run may have beside its workload. */
export interface BenchRunOptions {
  /** Workloads that ran on the machine before, in order; they are not counted. */
  readonly before?: readonly Workload[];
  /** Makes somebody who sees every operation, from boot on. */
  readonly listen?: (clock: Clock) => Tracepoints;
  /** When ticks fall: see `BootOptions`. */
  readonly tickPhase?: number;
  /** Programs that a system runs before ours; `EARLIER_PROGRAMS` unless given. */
  readonly earlierPrograms?: number;
}

/** Programs that a system runs before ours: assumed. */
export const EARLIER_PROGRAMS = 3;

/**
 * A workload on a machine of its own, as the series' benchmark runs it: the system boots, the program starts, one
 * iteration warms up, and what follows is counted.
 */
export class BenchRun {
  readonly machine: Machine;
  readonly workload: Workload;
  readonly #tasks: Tasks;
  readonly #program: Task;
  readonly #before: { readonly clock: number; readonly fresh: number; readonly reused: number; readonly freed: number };
  #iterations = 0;
  #ended: string | undefined;

  constructor(
    options: MachineOptions,
    workload: Workload,
    { before = [], listen, tickPhase, earlierPrograms = EARLIER_PROGRAMS }: BenchRunOptions = {},
  ) {
    this.machine = boot(options, { listen, tickPhase });
    this.workload = workload;
    const { kernel, ledger } = this.machine;
    ledger.setOpen(false);
    this.#tasks = new Tasks(kernel);
    const shell = startInit(kernel, this.#tasks, 0);
    for (let program = 0; program < earlierPrograms; program++) {
      this.#tasks.exitProcess(0, startProgram(kernel, this.#tasks, shell, 0));
      kernel.interruptible(0);
    }
    for (const earlier of before) this.#runToEnd(shell, earlier);
    this.#program = startProgram(kernel, this.#tasks, shell, 0);
    this.#attempt(() => this.#iterate(workload, this.#program));
    // What is counted is later than all that came before, if only by so much.
    kernel.clock.spend(1);
    ledger.setOpen(true);
    const { fresh, reused, freed } = kernel.stacks.counts;
    this.#before = { clock: kernel.clock.now, fresh, reused, freed };
    this.#attempt(() => this.#prepare(workload, this.#program));
  }

  /** Iterations that were run to their end. */
  get iterations(): number {
    return this.#iterations;
  }

  /** Why there are no more, before all were run; in words. */
  get ended(): string | undefined {
    return this.#ended;
  }

  get isDone(): boolean {
    return this.#ended !== undefined || this.#iterations >= this.workload.iterations;
  }

  /** When counting began, in nanoseconds on the model's clock. */
  get countedSince(): number {
    return this.#before.clock;
  }

  /** Seconds on the model's clock since counting began. */
  get modelSeconds(): number {
    return (this.machine.kernel.clock.now - this.#before.clock) / 1e9;
  }

  /** Kernel stacks since counting began. */
  get stacks(): { readonly fresh: number; readonly reused: number; readonly freed: number } {
    const { fresh, reused, freed } = this.machine.kernel.stacks.counts;
    return {
      fresh: fresh - this.#before.fresh,
      reused: reused - this.#before.reused,
      freed: freed - this.#before.freed,
    };
  }

  /** Runs one iteration. */
  step(): void {
    if (this.isDone) return;
    if (this.#attempt(() => this.#iterate(this.workload, this.#program))) this.#iterations++;
  }

  /** A program that ran before ours, from its start to its end. */
  #runToEnd(shell: Task, workload: Workload): void {
    const { kernel } = this.machine;
    const program = startProgram(kernel, this.#tasks, shell, 0);
    this.#iterate(workload, program);
    this.#prepare(workload, program);
    for (let iteration = 0; iteration < workload.iterations; iteration++) this.#iterate(workload, program);
    this.#tasks.exitProcess(0, program);
    kernel.interruptible(0);
  }

  /** What a workload does once. */
  #prepare({ name, memory: size, hugePages }: Workload, program: Task): void {
    if (name === 'pgtable') mapMemory(this.machine.kernel, program, { size, hugePages });
  }

  #iterate(workload: Workload, program: Task): void {
    const { kernel } = this.machine;
    switch (workload.name) {
      case 'thread':
        threadIteration(kernel, this.#tasks, program, workload);
        break;
      case 'pgtable':
        pgtableIteration(kernel, this.#tasks, program);
        break;
      case 'shell':
        shellIteration(kernel, this.#tasks, program);
        break;
    }
  }

  /** False where memory was out: then the kernel would have failed the call, or killed the program. */
  #attempt(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (!(error instanceof OutOfMemory)) throw error;
      this.#ended = `memory is out: no room for ${error.wanted}, which ends in ${error.outcome}`;
      return false;
    }
  }
}
