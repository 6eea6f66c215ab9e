import { KmemCache } from '../mm/kmem-cache.ts';
import type { Kernel } from '../mm/kernel.ts';
import { OutOfMemory } from '../mm/out-of-memory.ts';
import { NO_PAGE } from '../mm/page-map.ts';
import type { Task, Tasks } from '../mm/task.ts';
import { startProgram } from './program.ts';

const FILE_BYTES = 64 << 10;
const PIPE_BUFFERS = 16;
const MAP_BYTES = 1 << 20;
/** `struct pipe_inode_info` and its buffers of 40 bytes each (fs/pipe.c), asked of kmalloc. */
const PIPE_INFO_BYTES = 168;
const PIPE_BUFFER_BYTES = 40;

/** Caches of files (object sizes of 7.3.4), one set for each kernel. */
const FILE_CACHES = [
  { name: 'filp', objectSize: 184, align: 64, typesafeByRcu: true },
  { name: 'dentry', objectSize: 192, align: 64 },
  { name: 'shmem_inode_cache', objectSize: 616, ctor: true },
] as const;

/**
 * One iteration of what a shell does: it runs a program; a small file is written, read back and removed; a pipe is filled and
 * emptied; memory is mapped, written and unmapped. Not the series' benchmark: its classes appear beside others here.
 */
export function shellIteration(kernel: Kernel, tasks: Tasks, program: Task): void {
  const cpu = 0;
  const child = startProgram(kernel, tasks, program, cpu);
  writeFile(kernel, cpu);
  kernel.interruptible(cpu);
  fillPipe(kernel, cpu);
  kernel.interruptible(cpu);
  const { mm } = child.process;
  const vma = mm.mmap(cpu, MAP_BYTES);
  for (let address = vma.start; address < vma.end; address += kernel.config.pageSize) mm.fault(cpu, vma, address);
  kernel.interruptible(cpu);
  mm.munmap(cpu, vma.start, vma.end);
  mm.mmapBase = vma.end;
  tasks.exitProcess(cpu, child);
  kernel.interruptible(cpu);
}

/** A file on tmpfs: its objects, and its pages in the page cache until it is removed. */
function writeFile(kernel: Kernel, cpu: number): void {
  const { slub, pages, sites, config } = kernel;
  const caches = FILE_CACHES.map((description) =>
    kernel.cache(
      description.name,
      () =>
        new KmemCache(
          { ...description, sheaves: kernel.release.sheaves, cpuPartial: config.slubCpuPartial },
          config.pageSize,
          kernel.cpus,
          config.build,
        ),
    ),
  );
  const objects = caches.map((cache) => slub.alloc(cpu, cache, sites.file));
  const pfns = Array.from({ length: FILE_BYTES / config.pageSize }, () => pages.alloc_pages(cpu, 0, sites.pageCache));
  if (pfns.includes(NO_PAGE)) throw new OutOfMemory('a page of a file', '-ENOMEM');
  for (const pfn of pfns) pages.free_pages(cpu, pfn);
  for (const object of objects) slub.free(cpu, object);
}

/** A pipe: pages of GFP_HIGHUSER, which are tagged, from the first write to the last read. */
function fillPipe(kernel: Kernel, cpu: number): void {
  const { kmalloc, pages, sites } = kernel;
  const info = kmalloc.kmalloc(cpu, PIPE_INFO_BYTES, sites.pipe);
  const buffers = kmalloc.kmalloc(cpu, PIPE_BUFFERS * PIPE_BUFFER_BYTES, sites.pipe);
  const pfns = Array.from({ length: PIPE_BUFFERS }, () => pages.alloc_pages(cpu, 0, sites.pipeBuffer));
  if (pfns.includes(NO_PAGE)) throw new OutOfMemory('a page of a pipe', '-ENOMEM');
  for (const pfn of pfns) pages.free_pages(cpu, pfn);
  kmalloc.kfree(cpu, buffers);
  kmalloc.kfree(cpu, info);
}
