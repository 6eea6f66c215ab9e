import type { Nanoseconds } from '../base/units.ts';
import type { ReadLosses } from './losses.ts';
import type { Recording } from './recording.ts';
import type { StackTable } from './stack-table.ts';

/** Rows of a batch. A power of two, so that an event's index splits into batch and row by shift and mask. */
export const BATCH_ROWS = 1 << 15;
export const BATCH_SHIFT = 15;
export const BATCH_MASK = BATCH_ROWS - 1;

/** `stack` of an event without a stack trace. */
export const NO_STACK = -1;

/**
 * Events as columns, 24 bytes each, and four more where there are stacks. What repeats from event to event (sizes, flags, call site, task) is said once, in a
 * shape or an origin.
 */
export interface EventBatch {
  /** Nanoseconds since the second in which the trace begins. */
  readonly time: Float64Array;
  /** Index into `EventTable.shapes`. */
  readonly shape: Uint32Array;
  /** Index into `EventTable.origins`. */
  readonly origin: Uint32Array;
  /** Index into `EventTable.stacks`, or `NO_STACK`. */
  readonly stack: Int32Array;
  /**
   * The two halves of the 64-bit value that identifies what the event is about: pfn, pointer, address or pid. Signed,
   * because numbers of 32 bits with a sign are what engines hold without a box.
   */
  readonly keyHi: Int32Array;
  readonly keyLo: Int32Array;
}

/** Everything about an event but its time, place and key. Fields that the event does not have are 0 or ''. */
export interface EventShape {
  /** Number of the event type, see `EVENT`. */
  readonly type: number;
  /** Function of `call_site`, without offset. */
  readonly callSite: string;
  /** Slab cache (`name=`). */
  readonly cache: string;
  readonly bytesReq: number;
  readonly bytesAlloc: number;
  /** `gfp_flags` as the trace prints them: names or a number. */
  readonly gfp: string;
  readonly order: number;
  readonly migratetype: number;
  /** `size` of a vmap area in bytes, guard page included. */
  readonly areaBytes: number;
  /** `align` of a vmap area in bytes. */
  readonly areaAlign: number;
  /** The event says that the allocation failed. */
  readonly failed: boolean;
}

/** The shape of an event that has no fields, but for its type. */
export const NO_FIELDS: Readonly<Omit<EventShape, 'type'>> = Object.freeze({
  callSite: '',
  cache: '',
  bytesReq: 0,
  bytesAlloc: 0,
  gfp: '',
  order: 0,
  migratetype: 0,
  areaBytes: 0,
  areaAlign: 0,
  failed: false,
});

/** No CPU has this number: larger than any kernel's NR_CPUS; more in a file is damage. */
export const MAX_CPU = 1 << 16;

/** The pid of a task that gave up its pid at exit and still runs (perf says −1); 0 would make an idle task of it. */
export const NO_PID = 0x7fffffff;

/** Who was running, where. */
export interface EventOrigin {
  readonly comm: string;
  readonly pid: number;
  readonly cpu: number;
  /** In softirq or hardirq context, as the latency column of the text says; false where it does not say. */
  readonly softirq: boolean;
  readonly hardirq: boolean;
}

/** Where a symbol of the kernel was when the trace was recorded, for symbols that say another place (KASLR). */
export interface KernelReference {
  readonly symbol: string;
  readonly address: bigint;
}

/** Why there is nothing in a trace to make results of: what it is instead, what it should be, and what to do. */
export interface Unusable {
  readonly found: string;
  readonly expected: string;
  readonly advice: string;
}

/** A trace, read. Nothing in it changes after the reader has finished. */
export interface EventTable {
  readonly length: number;
  readonly batches: readonly EventBatch[];
  readonly shapes: readonly EventShape[];
  readonly origins: readonly EventOrigin[];
  readonly stacks: StackTable;
  /** Events read, kept or not, by tracepoint name, in order of first appearance. */
  readonly byType: ReadonlyMap<string, number>;
  /** All events read, kept or not; stack traces are not events. */
  readonly totalEvents: number;
  /** Time of the first and the last event, in nanoseconds since the second in which the trace begins. */
  readonly firstTime: Nanoseconds;
  readonly lastTime: Nanoseconds;
  /** The second, on the trace's clock, that times are relative to. */
  readonly baseSeconds: number;
  /** CPUs that events were seen on. */
  readonly cpus: number;
  /** Where the kernel was loaded, if the trace says so. */
  readonly reference?: KernelReference;
  /** There is nothing to make results of, and the reader knows why. */
  readonly unusable?: Unusable;
  readonly losses: Readonly<ReadLosses>;
  readonly recording: Recording;
}

/** The batch that event `index` stands in. */
export const batchOf = (table: EventTable, index: number): EventBatch => table.batches[index >> BATCH_SHIFT];

/** The shape of event `index`. */
export function shapeOf(table: EventTable, index: number): EventShape {
  return table.shapes[batchOf(table, index).shape[index & BATCH_MASK]];
}
