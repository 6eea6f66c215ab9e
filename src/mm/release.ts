import { isAtLeast, type KernelVersion } from '../base/kernel-version.ts';

/** What releases of the kernel do otherwise than others, as far as the model asks. */
interface Changes {
  /** All caches give out objects from sheaves; before, a CPU has a slab of its own (mm/slub.c: struct kmem_cache_cpu). */
  readonly sheaves: KernelVersion;
  /** Trees of areas take their nodes from a sheaf and free them by kfree_rcu (lib/maple_tree.c: mas_alloc_nodes). */
  readonly mapleSheaves: KernelVersion;
  /** vm_area_struct is SLAB_TYPESAFE_BY_RCU; before, it is freed by call_rcu and has its lock in a cache of its own. */
  readonly typesafeVmas: KernelVersion;
  /** A process of threads has a table of futexes (kernel/futex/core.c:futex_hash_allocate_default). */
  readonly futexHash: KernelVersion;
  /** put_task_struct leaves the task to another grace period (include/linux/sched/task.h). */
  readonly taskFreedByRcu: KernelVersion;
  /** pidfs finds pids by a hash table that grows and shrinks (fs/pidfs.c); before, by a tree within `struct pid`. */
  readonly pidTable: KernelVersion;
  /**
   * Walking a stack takes longer (arch/arm64/kernel/stacktrace.c:arch_stack_walk): 1090 instructions on average in 7.3.4, 425 in
   * 6.12.117. Since when is not known: taken to have come with 7.0.
   */
  readonly longStackWalk: KernelVersion;
  /**
   * Kernels of arm64 are preemptible, lazily at least (kernel/Kconfig.preempt: PREEMPT_NONE is not offered any more). Before, the
   * model's are not (CONFIG_PREEMPT_NONE).
   */
  readonly preemptLazy: KernelVersion;
  /** kernel/exec_state.c:task_exec_state_copy */
  readonly execState: KernelVersion;
}

/**
 * Since when. 6.12.117 and 7.3.4 were seen to do as this says (sources, and traces of both); of releases between them these
 * are the ones that the changes are known to have come with.
 */
const SINCE: Changes = {
  sheaves: { major: 7, minor: 0 },
  mapleSheaves: { major: 6, minor: 18 },
  typesafeVmas: { major: 6, minor: 15 },
  futexHash: { major: 6, minor: 17 },
  taskFreedByRcu: { major: 6, minor: 17 },
  pidTable: { major: 7, minor: 0 },
  longStackWalk: { major: 7, minor: 0 },
  preemptLazy: { major: 7, minor: 0 },
  execState: { major: 7, minor: 3 },
};

export type Release = { readonly [Change in keyof Changes]: boolean };

/** The oldest release whose allocators are known, and the newest. */
export const OLDEST_RELEASE: KernelVersion = { major: 6, minor: 12 };
export const NEWEST_RELEASE: KernelVersion = { major: 7, minor: 3 };

/** What a release does. One that is older than `OLDEST_RELEASE` does what that does. */
export function release(version: KernelVersion): Release {
  const has = (change: keyof Changes): boolean => isAtLeast(version, SINCE[change]);
  return {
    sheaves: has('sheaves'),
    mapleSheaves: has('mapleSheaves'),
    typesafeVmas: has('typesafeVmas'),
    futexHash: has('futexHash'),
    taskFreedByRcu: has('taskFreedByRcu'),
    pidTable: has('pidTable'),
    longStackWalk: has('longStackWalk'),
    preemptLazy: has('preemptLazy'),
    execState: has('execState'),
  };
}
