import { type FrameMatcher, type FramePatterns, compileFramePatterns } from './frame-pattern.ts';

/**
 * What a task was last seen doing, as far as the events between its page allocations tell. Without stacks this is the
 * only hint beyond the gfp mask.
 */
export type TaskContextName = 'forking' | 'file-io';

/** An event of the task itself; cache and call site must fit where the event has them. */
interface EventPattern {
  readonly events: readonly string[];
  readonly caches?: FramePatterns;
  /** Normalised symbols. */
  readonly callSites?: FramePatterns;
}

export interface TaskContextRule {
  readonly name: TaskContextName;
  readonly enter: readonly EventPattern[];
  /** Events that end it unless they also enter it. */
  readonly leave: readonly EventPattern[];
  readonly source: string;
}

const SLAB_ALLOC = ['kmem_cache_alloc', 'kmem_cache_alloc_node'];
const SLAB_EVENTS = [...SLAB_ALLOC, 'kmem_cache_free', 'kmalloc', 'kmalloc_node', 'kfree'];
const TASK_EVENTS = ['task_newtask', 'sched_process_fork', 'sched_process_exec', 'sched_process_exit'];

export const TASK_CONTEXT_RULES: readonly TaskContextRule[] = [
  {
    name: 'forking',
    enter: [
      {
        events: SLAB_ALLOC,
        caches: ['task_struct'],
        callSites: ['dup_task_struct', 'copy_process', 'alloc_task_struct_node'],
      },
    ],
    leave: [{ events: TASK_EVENTS }],
    source: 'kernel/fork.c: the task_struct comes first, task_newtask after everything else',
  },
  {
    name: 'file-io',
    enter: [
      { events: SLAB_ALLOC, caches: ['radix_tree_node'], callSites: ['xas_alloc', 'xas_nomem', 'radix_tree_*'] },
      { events: SLAB_ALLOC, caches: ['shmem_inode_cache'], callSites: ['shmem_alloc_inode'] },
      {
        events: ['kmem_cache_free'],
        caches: ['names_cache'],
        callSites: ['putname', 'do_sys_openat2', 'do_filp_open'],
      },
      { events: ['kmem_cache_free'], caches: ['filp'], callSites: ['__fput', 'file_free*'] },
    ],
    leave: [{ events: SLAB_EVENTS }, { events: TASK_EVENTS }],
    source: 'fs/open.c, fs/namei.c, lib/xarray.c: opening a file, and growing the index of its pages',
  },
];

/** One event of a task. `cache` where the event names it, `callSite` normalised where it has one. */
export interface TaskEvent {
  readonly event: string;
  readonly cache?: string;
  readonly callSite?: string;
}

/** The contexts a task is in, one bit each; a task not seen before is in none. */
export type TaskContexts = number;

export const NO_CONTEXTS: TaskContexts = 0;

export const contextBit = (name: TaskContextName): TaskContexts =>
  1 << TASK_CONTEXT_RULES.findIndex((rule) => rule.name === name);

interface CompiledPattern {
  readonly events: ReadonlySet<string>;
  readonly cache: FrameMatcher | undefined;
  readonly callSite: FrameMatcher | undefined;
}

const optionalMatcher = (patterns: FramePatterns | undefined): FrameMatcher | undefined =>
  patterns === undefined ? undefined : compileFramePatterns(patterns);

const compilePattern = ({ events, caches, callSites }: EventPattern): CompiledPattern => ({
  events: new Set(events),
  cache: optionalMatcher(caches),
  callSite: optionalMatcher(callSites),
});

/** What an event does not tell is not held against it, as long as it tells something. */
const fits = (matcher: FrameMatcher | undefined, name: string | undefined): boolean =>
  matcher === undefined || name === undefined || matcher(name);

const matches = ({ events, cache, callSite }: CompiledPattern, event: TaskEvent): boolean => {
  if (!events.has(event.event)) return false;
  const needsName = cache !== undefined || callSite !== undefined;
  if (needsName && event.cache === undefined && event.callSite === undefined) return false;
  return fits(cache, event.cache) && fits(callSite, event.callSite);
};

/** A function from the contexts of a task and its next event to its contexts after it. */
export function compileTaskContexts(): (contexts: TaskContexts, event: TaskEvent) => TaskContexts {
  const rules = TASK_CONTEXT_RULES.map(({ name, enter, leave }) => ({
    bit: contextBit(name),
    enter: enter.map(compilePattern),
    leave: leave.map(compilePattern),
  }));
  return (contexts, event) => {
    let next = contexts;
    for (const { bit, enter, leave } of rules) {
      if (enter.some((pattern) => matches(pattern, event))) next |= bit;
      else if (leave.some((pattern) => matches(pattern, event))) next &= ~bit;
    }
    return next;
  };
}
