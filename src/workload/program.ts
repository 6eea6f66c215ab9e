import { roundUp } from '../base/units.ts';
import type { Kernel } from '../mm/kernel.ts';
import { taskSize } from '../mm/page-tables.ts';
import type { Task, Tasks } from '../mm/task.ts';

const KIB = 1 << 10;

/** Where the addresses of a program end whose areas are listed here; those of fewer bits lie as far from their own end. */
const LISTED_TASK_SIZE = 2 ** 48;
/** Below the areas that the kernel maps for a program; half way in what a gigabyte's table covers, and a leaf's. */
const MMAP_BASE = 0xffff_a010_0000;

/** A small static program as the kernel loads it: what matters is how many areas, in how many tables, with pages of whom. */
const AREAS = [
  { start: 0x40_0000, size: 768 * KIB, filePages: 24 },
  { start: 0x4c_0000, size: 16 * KIB, anonPages: 2 },
  { start: 0x4c_4000, size: 8 * KIB, anonPages: 1 },
  { start: 0x4e_0000, size: 16 * KIB, anonPages: 1 },
  { start: 0x1f00_0000, size: 136 * KIB, anonPages: 1 },
  // vvar and the vdso, whose sizes are pages (arch/arm64/kernel/vdso.c).
  { start: MMAP_BASE, pages: 2, filePages: 1, copyOnFork: true },
  { start: MMAP_BASE, behind: 2, pages: 2, filePages: 0 },
  { start: 0xffff_f000_0000 - 132 * KIB, size: 132 * KIB, anonPages: 2 },
] as const;

/** Where mappings of a program begin, downwards. */
const mmapBase = ({ config }: Kernel): number => MMAP_BASE - LISTED_TASK_SIZE + taskSize(config.vaBits);

/** The first process, with nobody to copy. */
export function startInit(kernel: Kernel, tasks: Tasks, cpu: number): Task {
  const task = tasks.fork(cpu, { mmapBase: mmapBase(kernel) });
  load(kernel, task, cpu);
  return task;
}

/** Runs a program as a shell does: fork, and exec in the child. */
export function startProgram(kernel: Kernel, tasks: Tasks, shell: Task, cpu: number): Task {
  const task = tasks.fork(cpu, shell);
  tasks.exec(cpu, task, mmapBase(kernel));
  load(kernel, task, cpu);
  kernel.interruptible(cpu);
  return task;
}

/** fs/binfmt_elf.c: maps a program's areas. What shares a page with the area before it is part of that one. */
function load(kernel: Kernel, task: Task, cpu: number): void {
  const { pageSize, vaBits } = kernel.config;
  const lower = LISTED_TASK_SIZE - taskSize(vaBits);
  let mapped = 0;
  for (const area of AREAS) {
    const listed = area.start > MMAP_BASE / 2 ? area.start - lower : area.start;
    const start = Math.floor(listed / pageSize) * pageSize + ('behind' in area ? area.behind * pageSize : 0);
    if (start < mapped) continue;
    mapped = 'pages' in area ? start + area.pages * pageSize : roundUp(listed + area.size, pageSize);
    task.process.mm.addInitial(cpu, start, mapped - start, area);
  }
}
