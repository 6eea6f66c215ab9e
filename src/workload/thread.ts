import type { Kernel } from '../mm/kernel.ts';
import type { Task, Tasks } from '../mm/task.ts';

/** What glibc reserves for a thread: its stack, and a page below it that stays unusable. */
const STACK_BYTES = 8 << 20;
/** glibc keeps stacks of ended threads up to this much (stack_cache_maxsize), and unmaps the oldest beyond it. */
const STACK_CACHE_BYTES = 40 << 20;
/** Areas that a new process writes to before it comes to its work: data, heap and stack. */
const FIRST_WRITES = 5;

export interface ThreadParameters {
  /** Threads that the child creates. */
  readonly threads: number;
}

/**
 * One iteration of the thread workload of the series: the program forks, and the child creates threads, which wait for one
 * another, end, and are joined; then it ends.
 */
export function threadIteration(kernel: Kernel, tasks: Tasks, program: Task, { threads }: ThreadParameters): void {
  const cpu = 0;
  const child = tasks.fork(cpu, program);
  firstWrites(kernel, program, child);
  kernel.clock.spend(kernel.durations.threadSetup);
  kernel.interruptible(cpu);

  const created: { readonly task: Task; readonly cpu: number; readonly start: number; readonly end: number }[] = [];
  for (let index = 0; index < threads; index++) {
    const on = index % kernel.cpus;
    const thread = createThread(kernel, tasks, child, cpu);
    kernel.interruptible(cpu);
    // The thread runs up to where all wait: its first write below what its creator wrote.
    kernel.clock.spend(kernel.durations.threadRun);
    child.process.mm.fault(on, thread.stack, thread.stack.end - 2 * kernel.config.pageSize);
    created.push({ task: thread.task, cpu: on, start: thread.start, end: thread.end });
    kernel.taskSwitch(on);
    kernel.interruptible(cpu);
  }

  kernel.clock.spend(threads * kernel.durations.threadWake);
  // The one that came last woke the others, and is scheduled after them: when the child waits for it, or at a tick.
  let last = created.at(-1);
  const endLast = (): void => {
    if (last !== undefined) tasks.exitThread(last.cpu, last.task);
    last = undefined;
  };
  for (const thread of created.slice(0, -1)) {
    tasks.exitThread(thread.cpu, thread.task);
    kernel.interruptible(thread.cpu);
  }
  // Without preemption the child waits for its turn (6.12, in 37 of 38 iterations of its traces).
  if (!kernel.release.preemptLazy) endLast();
  const cached = Math.floor(STACK_CACHE_BYTES / (STACK_BYTES + kernel.config.pageSize));
  for (const { start, end } of created.slice(0, Math.max(0, threads - cached))) {
    kernel.clock.spend(kernel.durations.munmap);
    child.process.mm.munmap(cpu, start, end);
    if (kernel.interruptible(cpu)) endLast();
  }
  endLast();
  kernel.interruptible(cpu);
  tasks.exitProcess(cpu, child);
  kernel.interruptible(cpu);
}

/** After a fork parent and child each write to pages that they share. */
export function firstWrites(kernel: Kernel, program: Task, child: Task): void {
  const cpu = 0;
  kernel.clock.spend(kernel.durations.childStart);
  const areas = child.process.mm.vmas.filter((vma) => vma.pages.single.length > 0);
  const stack = areas.at(-1);
  const parents = program.process.mm.vmas.findLast((vma) => vma.pages.single.length > 0);
  if (parents !== undefined) program.process.mm.writeShared(cpu, parents, 0);
  for (const area of areas.slice(0, FIRST_WRITES)) child.process.mm.writeShared(cpu, area, 0);
  if (stack !== undefined) child.process.mm.writeShared(cpu, stack, 1);
}

/** glibc's pthread_create: reserve, make usable, write the thread's descriptor at its top, clone. */
function createThread(kernel: Kernel, tasks: Tasks, child: Task, cpu: number) {
  const { mm } = child.process;
  const page = kernel.config.pageSize;
  const size = STACK_BYTES + page;
  kernel.clock.spend(kernel.durations.createThread);
  const reserved = mm.mmap(cpu, size, { guard: true });
  const start = reserved.start;
  const stack = mm.mprotect(cpu, reserved, start + page, start + size);
  mm.fault(cpu, stack, stack.end - page);
  return { task: tasks.clone(cpu, child), stack, start, end: start + size };
}
