import type { ReadLosses } from './losses.ts';

/** Where a trace came from. */
export interface TraceSource {
  readonly files: readonly string[];
  readonly format: string;
  /** Bytes of trace, decompressed. */
  readonly bytes: number;
  /** What was merged, if several files were. */
  readonly parts?: readonly TracePart[];
}

/** One of the files that were merged into one trace. */
export interface TracePart {
  readonly file: string;
  readonly format: string;
  readonly bytes: number;
  /** Events read, kept or not. */
  readonly events: number;
  /** Seconds on the trace's clock. */
  readonly firstTime: number;
  readonly lastTime: number;
  readonly losses: Readonly<ReadLosses>;
}
