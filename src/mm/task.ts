import { NULL_POINTER, type Pointer } from '../mte/pointer.ts';
import type { Kernel } from './kernel.ts';
import { MmStruct } from './mm-struct.ts';
import { OutOfMemory } from './out-of-memory.ts';
import type { RcuHead } from './rcu.ts';
import type { VmArea } from './vmalloc.ts';

/** `struct futex_private_hash` of a process of threads (kernel/futex/core.c), in bytes as recorded of 7.3.4. */
const FUTEX_HASH_BYTES = 1088;

/** What the threads of a process share. */
interface Process {
  mm: MmStruct;
  readonly sighand: Pointer;
  readonly signal: Pointer;
  readonly files: Pointer;
  readonly fs: Pointer;
  readonly cred: Pointer;
  readonly execState: Pointer;
  futexHash: Pointer;
  threads: number;
}

/** What kernel/fork.c:dup_task_struct allocates. */
interface TaskMemory {
  readonly memory: Pointer;
  readonly stack: Pointer;
  /** Undefined without CONFIG_SHADOW_CALL_STACK. */
  readonly shadowCallStack: VmArea | undefined;
}

/** A task: a process's first one, or a thread of it. */
export class Task {
  readonly pid: number;
  readonly memory: Pointer;
  readonly pidMemory: Pointer;
  readonly stack: Pointer;
  readonly shadowCallStack: VmArea | undefined;
  readonly process: Process;
  readonly leader: boolean;

  constructor(pid: number, own: TaskMemory, pidMemory: Pointer, process: Process, leader: boolean) {
    this.pid = pid;
    this.memory = own.memory;
    this.stack = own.stack;
    this.shadowCallStack = own.shadowCallStack;
    this.pidMemory = pidMemory;
    this.process = process;
    this.leader = leader;
  }
}

/** Tasks from clone to the last grace period (kernel/fork.c, kernel/exit.c, 7.3). */
export class Tasks {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /**
   * kernel/fork.c:copy_process of a process, in the order of its allocations.
   *
   * @param parent the process that is copied, or for the first one the memory that it begins with
   * @throws OutOfMemory
   */
  fork(cpu: number, parent: Task | { readonly mmapBase: number }): Task {
    const kernel = this.#kernel;
    const { slub, caches, sites, clock, durations, release } = kernel;
    clock.spend(durations.fork);
    const own = this.#dup_task_struct(cpu);
    const process: Process = {
      execState: release.execState ? slub.alloc(cpu, caches.execState, sites.execState) : NULL_POINTER,
      cred: slub.alloc(cpu, caches.cred, sites.cred),
      files: slub.alloc(cpu, caches.files, sites.files),
      fs: slub.alloc(cpu, caches.fs, sites.fs),
      sighand: slub.alloc(cpu, caches.sighand, sites.sighand),
      signal: slub.alloc(cpu, caches.signal, sites.signal),
      mm: 'process' in parent ? parent.process.mm.duplicate(cpu) : new MmStruct(kernel, cpu, parent.mmapBase),
      futexHash: NULL_POINTER,
      threads: 1,
    };
    const pidMemory = slub.alloc(cpu, caches.pid, sites.pid);
    return this.#started(cpu, new Task(this.#pid(cpu), own, pidMemory, process, true));
  }

  /** kernel/fork.c:copy_process of a thread. */
  clone(cpu: number, { process }: Task): Task {
    const { slub, caches, sites, kmalloc, release } = this.#kernel;
    const own = this.#dup_task_struct(cpu);
    const pidMemory = slub.alloc(cpu, caches.pid, sites.pid);
    const pid = this.#pid(cpu);
    if (release.futexHash && process.futexHash === NULL_POINTER)
      process.futexHash = kmalloc.kmalloc(cpu, FUTEX_HASH_BYTES, sites.futexHash);
    process.threads++;
    return this.#started(cpu, new Task(pid, own, pidMemory, process, false));
  }

  /** fs/exec.c:exec_mmap: a program begins with an address space of its own, and what was copied for it goes. */
  exec(cpu: number, { process }: Task, mmapBase: number): MmStruct {
    const kernel = this.#kernel;
    const old = process.mm;
    process.mm = new MmStruct(kernel, cpu, mmapBase);
    old.exit(cpu);
    old.drop(cpu);
    kernel.clock.spend(kernel.durations.exec);
    kernel.interruptible(cpu);
    return process.mm;
  }

  /** kernel/exit.c:do_exit of a thread: nobody waits for it. */
  exitThread(cpu: number, task: Task): void {
    const { trace, clock, durations } = this.#kernel;
    clock.spend(durations.threadExit);
    trace?.sched_process_exit(cpu, task.pid);
    task.process.threads--;
    this.#release_task(cpu, task);
    this.#finish_task_switch(cpu, task);
    this.#kernel.taskSwitch(cpu);
  }

  /** kernel/exit.c:do_exit of the last task of a process, and its parent's wait. */
  exitProcess(cpu: number, task: Task): void {
    const { trace, slub, kmalloc, clock, durations } = this.#kernel;
    const { process } = task;
    trace?.sched_process_exit(cpu, task.pid);
    process.mm.exit(cpu);
    kmalloc.kfree(cpu, process.futexHash);
    slub.free(cpu, process.files);
    slub.free(cpu, process.fs);
    clock.spend(durations.exit);
    process.mm.drop(cpu);
    this.#finish_task_switch(cpu, task);
    slub.free(cpu, process.sighand);
    this.#release_task(cpu, task);
    this.#kernel.taskSwitch(cpu);
  }

  #dup_task_struct(cpu: number): TaskMemory {
    const { slub, caches, sites, stacks, shadowCallStacks } = this.#kernel;
    const memory = slub.alloc(cpu, caches.taskStruct, sites.taskStruct);
    const stack = stacks.alloc_thread_stack_node(cpu);
    if (stack === NULL_POINTER) throw new OutOfMemory('a kernel stack', '-ENOMEM');
    const shadowCallStack = shadowCallStacks?.scs_alloc(cpu);
    if (shadowCallStacks !== undefined && shadowCallStack === undefined)
      throw new OutOfMemory('a shadow call stack', '-ENOMEM');
    return { memory, stack, shadowCallStack };
  }

  #pid(cpu: number): number {
    const { pids, pidTable, release } = this.#kernel;
    if (release.pidTable) pidTable.add();
    return pids.alloc(cpu);
  }

  #started(cpu: number, task: Task): Task {
    if (task.memory === NULL_POINTER || task.pidMemory === NULL_POINTER) throw new OutOfMemory('a task', '-ENOMEM');
    const { trace, sites } = this.#kernel;
    trace?.task_newtask(cpu, task.pid, sites.stack);
    return task;
  }

  /** kernel/exit.c:release_task: the pid goes, after a grace period. */
  #release_task(cpu: number, task: Task): void {
    const { pids, pidTable, slub, release } = this.#kernel;
    pids.remove(cpu, task.pid);
    if (release.pidTable) pidTable.remove();
    this.#after(cpu, (onCpu) => slub.free(onCpu, task.pidMemory));
    // put_task_struct_rcu_user, delayed_put_task_struct and __put_task_struct_rcu_cb: two grace periods, once one.
    this.#after(cpu, (onCpu) => {
      if (!release.taskFreedByRcu) this.#free_task(onCpu, task);
      else this.#after(onCpu, (later) => this.#free_task(later, task));
    });
  }

  /** kernel/sched/core.c:finish_task_switch: the next task gives back what the dead one ran on. */
  #finish_task_switch(cpu: number, task: Task): void {
    this.#kernel.stacks.free_thread_stack(cpu, task.stack);
  }

  /** kernel/fork.c:free_task, and what went with the last thread. */
  #free_task(cpu: number, { memory, shadowCallStack, process, leader }: Task): void {
    const { slub, shadowCallStacks } = this.#kernel;
    if (shadowCallStack !== undefined) shadowCallStacks?.scs_free(cpu, shadowCallStack);
    slub.free(cpu, memory);
    if (!leader) return;
    slub.free(cpu, process.signal);
    this.#after(cpu, (onCpu) => slub.free(onCpu, process.cred));
    if (process.execState !== NULL_POINTER) this.#after(cpu, (onCpu) => slub.free(onCpu, process.execState));
  }

  #after(cpu: number, callback: (cpu: number) => void): void {
    const { rcu, clock, durations } = this.#kernel;
    const head: RcuHead = {
      rcuCallback: (onCpu) => {
        clock.spend(durations.rcuCallback);
        callback(onCpu);
      },
    };
    rcu.call_rcu(cpu, head);
  }
}
