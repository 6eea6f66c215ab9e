import type { Clock } from '../mm/clock.ts';
import { OutOfMemory } from '../mm/out-of-memory.ts';
import { Tasks, type Task } from '../mm/task.ts';
import type { Tracepoints } from '../mm/tracepoints.ts';
import { boot, type Machine, type MachineOptions } from './machine.ts';
import { mixedIteration } from './mixed.ts';
import { mapMemory, pgtableIteration } from './pgtable.ts';
import { startInit, startProgram } from './program.ts';
import { threadIteration } from './thread.ts';

/** A workload and its parameters; those that it does not have are not looked at. */
export interface Workload {
  readonly name: 'thread' | 'pgtable' | 'mixed';
  readonly iterations: number;
  readonly threads: number;
  /** Bytes that the parent of `pgtable` maps. */
  readonly memory: number;
  readonly hugePages: boolean;
}

/** Programs that a system runs before ours. */
const EARLIER_PROGRAMS = 3;

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

  /** @param listen makes somebody who sees every operation, from boot on */
  constructor(options: MachineOptions, workload: Workload, listen?: (clock: Clock) => Tracepoints) {
    this.machine = boot(options, listen);
    this.workload = workload;
    const { kernel, ledger } = this.machine;
    ledger.setOpen(false);
    this.#tasks = new Tasks(kernel);
    const shell = startInit(kernel, this.#tasks, 0);
    for (let program = 0; program < EARLIER_PROGRAMS; program++) {
      this.#tasks.exitProcess(0, startProgram(kernel, this.#tasks, shell, 0));
      kernel.interruptible(0);
    }
    this.#program = startProgram(kernel, this.#tasks, shell, 0);
    this.#attempt(() => this.#iterate());
    // What is counted is later than all that came before, if only by so much.
    kernel.clock.spend(1);
    ledger.setOpen(true);
    const { fresh, reused, freed } = kernel.stacks.counts;
    this.#before = { clock: kernel.clock.now, fresh, reused, freed };
    if (workload.name === 'pgtable') {
      const { memory: size, hugePages } = workload;
      this.#attempt(() => mapMemory(kernel, this.#program, { size, hugePages }));
    }
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
    if (this.#attempt(() => this.#iterate())) this.#iterations++;
  }

  #iterate(): void {
    const { kernel } = this.machine;
    switch (this.workload.name) {
      case 'thread':
        threadIteration(kernel, this.#tasks, this.#program, this.workload);
        break;
      case 'pgtable':
        pgtableIteration(kernel, this.#tasks, this.#program);
        break;
      case 'mixed':
        mixedIteration(kernel, this.#tasks, this.#program);
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
