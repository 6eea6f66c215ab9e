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

/** A gap between two files that matters, in seconds. */
const MIN_GAP = 0.001;

/** A time between files of which no file has events. */
export interface Gap {
  readonly before: TracePart;
  readonly after: TracePart;
  readonly seconds: number;
}

/** The gaps between parts, in order of time; what is shorter than a millisecond is none. */
export function gapsBetween(parts: readonly TracePart[]): readonly Gap[] {
  const inOrder = parts.toSorted((a, b) => a.firstTime - b.firstTime);
  let [last] = inOrder;
  return inOrder.slice(1).flatMap((part) => {
    const gap = { before: last, after: part, seconds: part.firstTime - last.lastTime };
    if (part.lastTime > last.lastTime) last = part;
    return gap.seconds < MIN_GAP ? [] : [gap];
  });
}
