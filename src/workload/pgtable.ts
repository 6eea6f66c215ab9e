import type { Kernel } from '../mm/kernel.ts';
import type { Task, Tasks } from '../mm/task.ts';
import { firstWrites } from './thread.ts';

export interface PgtableParameters {
  /** Bytes that the parent maps and faults. */
  readonly size: number;
  /** Faulted by huge pages (transparent huge pages, `always`). */
  readonly hugePages: boolean;
}

/** The parent's part: it maps memory and writes to all of it. */
export function mapMemory(kernel: Kernel, program: Task, { size, hugePages }: PgtableParameters): void {
  const cpu = 0;
  const { mm } = program.process;
  kernel.clock.spend(kernel.durations.mmap);
  const vma = mm.mmap(cpu, size, { align: mm.hugeBytes });
  let address = vma.start;
  while (address < vma.end) {
    if (hugePages && mm.faultHuge(cpu, vma, address)) address += mm.hugeBytes;
    else {
      mm.fault(cpu, vma, address);
      address += kernel.config.pageSize;
    }
    kernel.interruptible(cpu);
  }
}

/** One iteration of the page-table workload of the series: a fork whose child ends at once. */
export function pgtableIteration(kernel: Kernel, tasks: Tasks, program: Task): void {
  const cpu = 0;
  const child = tasks.fork(cpu, program);
  firstWrites(kernel, program, child);
  kernel.interruptible(cpu);
  tasks.exitProcess(cpu, child);
  kernel.interruptible(cpu);
}
