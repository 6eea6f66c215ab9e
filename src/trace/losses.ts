/** One piece of input that could not be used, kept so that the user can look at it. */
export interface LossSample {
  /** 1-based line; 0 where the format has no lines. */
  readonly line: number;
  /** Byte offset in the decompressed input. */
  readonly offset: number;
  /** What was expected and not found. */
  readonly expected: string;
  /** The beginning of what was found. */
  readonly found: string;
}

/** What a reader could not take from its input. Every output shows it. */
export interface ReadLosses {
  /** Events that the tracer says it dropped (overwritten or lost between buffer and reader). */
  droppedEvents: number;
  /** Lines or records that were cut short or could not be decoded. */
  truncatedLines: number;
  /** Entries that the header announces and the file does not have: it was cut short or filtered. */
  missingEntries: number;
  /** Kept events whose pointer was not printed (`(____ptrval____)`): their lifetimes cannot be matched. */
  unprintedPointers: number;
  /** Stack traces that no kept event precedes. */
  orphanStacks: number;
  /** Distinct addresses of call sites and stack frames that no symbol was found for: they have no name. */
  unresolvedAddresses: number;
  /** Allocations whose gfp flags the trace does not have: what their pages are for is mostly not known. */
  unrecordedFlags: number;
  /** Events whose time is before that of the event before them on the same CPU. */
  clockBackwards: number;
  readonly samples: LossSample[];
}

/** How many samples of lost input are kept. */
export const MAX_LOSS_SAMPLES = 8;

export const noLosses = (): ReadLosses => ({
  droppedEvents: 0,
  truncatedLines: 0,
  missingEntries: 0,
  unprintedPointers: 0,
  orphanStacks: 0,
  unresolvedAddresses: 0,
  unrecordedFlags: 0,
  clockBackwards: 0,
  samples: [],
});

/** Adds losses to others; of the samples the first are kept. */
export function addLosses(sum: ReadLosses, losses: Readonly<ReadLosses>): void {
  sum.droppedEvents += losses.droppedEvents;
  sum.truncatedLines += losses.truncatedLines;
  sum.missingEntries += losses.missingEntries;
  sum.unprintedPointers += losses.unprintedPointers;
  sum.orphanStacks += losses.orphanStacks;
  sum.unrecordedFlags += losses.unrecordedFlags;
  sum.unresolvedAddresses += losses.unresolvedAddresses;
  sum.clockBackwards += losses.clockBackwards;
  sum.samples.push(...losses.samples.slice(0, MAX_LOSS_SAMPLES - sum.samples.length));
}
