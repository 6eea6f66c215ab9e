/** What a trace says of where and how it was recorded; '' and 0 for what it does not say. */
export interface Recording {
  /** `uname -r` of the kernel. */
  readonly kernelRelease: string;
  /** `uname -m`. */
  readonly architecture: string;
  /** Bytes of a page. */
  readonly pageSize: number;
  /** The clock of the time stamps, as tracefs calls it. */
  readonly clock: string;
  /** What times count: of clocks such as x86-tsc and counter ticks, of which nobody says how long they are. */
  readonly timeUnit: TimeUnit;
  /** The program that recorded it, and its version. */
  readonly recorder: string;
  /** Things that a reader of figures should know of how the trace was recorded, as sentences. */
  readonly notes: readonly string[];
  /** What makes figures of the trace doubtful, as sentences. */
  readonly warnings: readonly string[];
  /** Events whose callchain has no name in it, for want of symbols: it was left out. */
  readonly unnamedStacks: number;
  /** Stack traces that were entries of the buffer beside those of events: what was lost may be either. */
  readonly stackEntries: number;
}

/** What the numbers are that are kept as nanoseconds. */
export type TimeUnit = 'nanoseconds' | 'ticks';

/** Of a trace that says nothing of it. */
export const UNKNOWN_RECORDING: Recording = {
  kernelRelease: '',
  architecture: '',
  pageSize: 0,
  clock: '',
  timeUnit: 'nanoseconds',
  recorder: '',
  notes: [],
  warnings: [],
  unnamedStacks: 0,
  stackEntries: 0,
};
