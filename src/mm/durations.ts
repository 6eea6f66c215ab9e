import type { Release } from './release.ts';

/**
 * How long operations take, in nanoseconds of the model's clock. Durations decide nothing but how much happens between two
 * ticks, and so when RCU callbacks run: which stacks come from the cache and how much waits to be freed follows from that.
 *
 * They are those of the kernel that the model is compared with: Linux 7.3.4 under QEMU's instruction counter at 2 ns an
 * instruction, read off the time stamps of its traces less the 1.64 µs that recording an event takes there. On other
 * machines time passes otherwise, and that is the first thing in which they differ from the model.
 */
export interface Durations {
  /** Giving out and taking back a slab object, with the stack trace that KASAN keeps of it where it keeps one. */
  readonly slabAlloc: number;
  readonly slabFree: number;
  /** The same of caches whose objects stay accessible, of which KASAN keeps no stack. */
  readonly slabFreeTypesafe: number;
  /** A tick: the interrupt, the scheduler and softirqs, beside callbacks. */
  readonly tick: number;
  /** Where they are scheduled one by one: a context switch, and the kthread that ends a grace period and begins another. */
  readonly contextSwitch: number;
  readonly gpKthread: number;
  /** Invoking an RCU callback, beside what it frees. */
  readonly rcuCallback: number;
  /** Freeing a page, and freeing a vmalloc area. */
  readonly pageFree: number;
  readonly vfree: number;
  /** kernel/fork.c:copy_process for a process, beside objects and page-table entries. */
  readonly fork: number;
  /** fs/exec.c, and a program's start up to its first line. */
  readonly exec: number;
  /** Copying one entry of a page table, and removing one when a process ends. */
  readonly copyPte: number;
  readonly zapPte: number;
  /** What a new process does before it comes to its work: its first writes and its first faults. */
  readonly childStart: number;
  /** An anonymous page fault. */
  readonly anonFault: number;
  /** What a program of threads does in addition before it creates the first. */
  readonly threadSetup: number;
  /** mmap, mprotect and clone of a thread, beside its objects and its fault. */
  readonly createThread: number;
  /** A thread's first run up to where it waits, beside its fault; waking it there; its exit. */
  readonly threadRun: number;
  readonly threadWake: number;
  readonly threadExit: number;
  /** munmap of a thread's stack. */
  readonly munmap: number;
  /** The exit of a process and its parent's wait. */
  readonly exit: number;
  /** mmap of the memory of the page-table workload, and munmap of it. */
  readonly mmap: number;
}

const SLAB_BARE = 300;

/**
 * mm/kasan/common.c:kasan_save_stack and all that it calls, for one stack: instructions executed in the thread workload of
 * cases/oracle (7.3.4) and cases/other-kernels (6.12.117) by the number of stacks, at 2 ns each.
 */
const stackTrace = ({ longStackWalk }: Release): number => (longStackWalk ? 4100 : 3000);

/**
 * Where 6.12.117 takes another time: read off its trace in cases/other-kernels less the 1.3 µs that recording an event takes
 * there, which is how much longer it is than the untraced run of that kernel. It has no exec, which is taken to be shorter as fork
 * is. Since when is not known: as in `longStackWalk`.
 */
const OLDER: Partial<Durations> = {
  tick: 25_000,
  fork: 57_000,
  exec: 740_000,
  threadSetup: 60_000,
  createThread: 41_000,
  threadWake: 3_500,
  threadExit: 25_500,
  exit: 100_000,
};

/**
 * @param stackTraces whether KASAN records the stack of each allocation and free (`kasan.stacktrace=`, default on), which is
 *   most of what they take
 */
export const durations = (stackTraces: 'recorded' | 'none', release: Release): Durations => ({
  slabAlloc: SLAB_BARE + (stackTraces === 'recorded' ? stackTrace(release) : 0),
  slabFree: SLAB_BARE + (stackTraces === 'recorded' ? stackTrace(release) : 0),
  slabFreeTypesafe: SLAB_BARE,
  tick: 70_000,
  contextSwitch: 6_000,
  gpKthread: 10_000,
  rcuCallback: 1300,
  pageFree: 1100,
  vfree: 8_000,
  fork: 77_000,
  exec: 1_000_000,
  copyPte: 330,
  zapPte: 420,
  childStart: 48_000,
  anonFault: 4_360,
  threadSetup: 100_000,
  createThread: 52_600,
  threadRun: 11_600,
  threadWake: 6_000,
  threadExit: 30_400,
  munmap: 39_000,
  exit: 173_000,
  mmap: 12_000,
  ...(release.longStackWalk ? {} : OLDER),
});
