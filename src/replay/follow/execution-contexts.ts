import type { EventTable } from '../../trace/event-table.ts';
import type { AllocationKind } from './allocation-kinds.ts';
import { NONE } from './tag-work.ts';

/** A vmalloc area that is being set up or torn down. */
export interface Area {
  /** Bytes without the guard page; 0 if unknown. */
  readonly bytes: number;
  /** What its address is a multiple of, if its event says so; 0 if not. */
  readonly align: number;
  /** The two halves of the address, if the area has an event of its own. */
  readonly address: readonly [hi: number, lo: number] | undefined;
  /** Handle of its work, once it is known that pages are allocated for it; `NONE` before. */
  work: number;
  /** What it is, once that is known. */
  kind: AllocationKind | undefined;
  /** Bytes of backing pages whose allocation was seen. */
  pagesSeen: number;
  /** What the pages array tells, until pages are seen that tell more. */
  fromArray: AllocationKind | undefined;
}

/** Where an area comes from that is being freed. */
export interface Unmapping {
  /** Handle of the work on the area; `NONE` if it was made before the trace began. */
  readonly work: number;
}

/**
 * A flow of execution in which consecutive events belong together: a task, or softirq or hardirq work that runs on top
 * of it.
 */
export class ExecutionContext {
  /** What the task is doing, see classify/task-context.ts. */
  tasks = 0;
  /** The area that vmalloc is setting up. */
  area: Area | undefined;
  /** A fresh kernel stack was allocated since the last task_newtask. */
  freshStack = false;
  /** The area whose pages vfree is freeing. */
  unmapping: Unmapping | undefined;
  /** Frees of unknown pages, order 0, one after the other: the events that follow tell what they were. */
  unknownFrees: number[] = [];
  /** Handle of the work on the pages of the last large kmalloc; they are allocated just before its event. */
  largePages = NONE;
  /** A large kmalloc from before the trace was freed: its pages follow. */
  freesLarge = false;
  /** Pointer of the last large kmalloc: its event comes twice on some routes. */
  largeHi = 0;
  largeLo = 0;

  /** Something happened that breaks the row of unknown frees. */
  endUnknownFrees(): void {
    // Setting the length is slow even where it changes nothing, and this is asked at almost every event.
    if (this.unknownFrees.length > 0) this.unknownFrees.length = 0;
  }
}

/** The execution contexts of a trace, by origin. */
export interface ExecutionContexts {
  /** Number of the context of each origin. */
  readonly ofOrigin: Int32Array;
  readonly contexts: readonly ExecutionContext[];
  /** CPU of each origin, and 1 where it is softirq work, or what else runs RCU's callbacks. */
  readonly cpuOfOrigin: Int32Array;
  readonly inSoftirq: Uint8Array;
  /** 1 where kcompactd itself runs. */
  readonly inCompaction: Uint8Array;
}

/** Threads that run RCU's callbacks where softirq does not (kernel/rcu/tree_nocb.h, and rcuc of PREEMPT_RT). */
const RCU_THREAD = /^rcu(?:c|o[bps]?)\/\d+$/;
/** mm/compaction.c:kcompactd_run. */
const KCOMPACTD = /^kcompactd\d+$/;

export function executionContexts(table: EventTable): ExecutionContexts {
  const numbers = new Map<string, number>();
  const ofOrigin = Int32Array.from(table.origins, (origin) => {
    const level = origin.hardirq ? 'h' : origin.softirq ? 's' : '';
    // Pid 0 is the idle task of each CPU.
    const key = origin.pid === 0 ? `0/${origin.cpu}${level}` : `${origin.pid}${level}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  });
  return {
    ofOrigin,
    contexts: Array.from({ length: numbers.size }, () => new ExecutionContext()),
    cpuOfOrigin: Int32Array.from(table.origins, (origin) => origin.cpu),
    inSoftirq: Uint8Array.from(table.origins, (origin) => (origin.softirq || RCU_THREAD.test(origin.comm) ? 1 : 0)),
    inCompaction: Uint8Array.from(table.origins, ({ comm, softirq, hardirq }) =>
      KCOMPACTD.test(comm) && !softirq && !hardirq ? 1 : 0,
    ),
  };
}
