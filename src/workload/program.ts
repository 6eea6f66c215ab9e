import type { Kernel } from '../mm/kernel.ts';
import type { Task, Tasks } from '../mm/task.ts';

const KIB = 1 << 10;

/** Below the areas that the kernel maps for a program; half way in what a gigabyte's table covers, and a leaf's. */
const MMAP_BASE = 0xffff_a010_0000;

/** A small static program as the kernel loads it: what matters is how many areas, in how many tables, with pages of whom. */
const AREAS = [
  { start: 0x40_0000, size: 768 * KIB, filePages: 24 },
  { start: 0x4c_0000, size: 16 * KIB, anonPages: 2 },
  { start: 0x4c_4000, size: 8 * KIB, anonPages: 1 },
  { start: 0x4e_0000, size: 16 * KIB, anonPages: 1 },
  { start: 0x1f00_0000, size: 136 * KIB, anonPages: 1 },
  { start: MMAP_BASE, size: 8 * KIB, filePages: 1, copyOnFork: true },
  { start: MMAP_BASE + 8 * KIB, size: 8 * KIB, filePages: 0 },
  { start: 0xffff_f000_0000 - 132 * KIB, size: 132 * KIB, anonPages: 2 },
] as const;

/** The first process, with nobody to copy. */
export function startInit(kernel: Kernel, tasks: Tasks, cpu: number): Task {
  const task = tasks.fork(cpu, { mmapBase: MMAP_BASE });
  load(kernel, task, cpu);
  return task;
}

/** Runs a program as a shell does: fork, and exec in the child. */
export function startProgram(kernel: Kernel, tasks: Tasks, shell: Task, cpu: number): Task {
  const task = tasks.fork(cpu, shell);
  tasks.exec(cpu, task, MMAP_BASE);
  load(kernel, task, cpu);
  kernel.interruptible(cpu);
  return task;
}

function load(kernel: Kernel, task: Task, cpu: number): void {
  const page = kernel.config.pageSize;
  for (const { start, size, ...rest } of AREAS) {
    const aligned = Math.floor(start / page) * page;
    task.process.mm.addInitial(cpu, aligned, Math.max(size, page), rest);
  }
}
