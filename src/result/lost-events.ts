import type { ReadLosses } from '../trace/losses.ts';

/** Events that happened and are not in a result. */
export interface LostEvents {
  readonly events: number;
  /** Of these and those that were read, 0 … 1. */
  readonly share: number;
}

type Lost = Pick<ReadLosses, 'droppedEvents' | 'missingEntries' | 'truncatedLines'>;

/**
 * What dropped, missing and unreadable events are together.
 *
 * @param read events that were read, kept or not, and stack traces where losses count these too
 */
export function lostEvents({ droppedEvents, missingEntries, truncatedLines }: Lost, read: number): LostEvents {
  const events = droppedEvents + missingEntries + truncatedLines;
  return { events, share: events === 0 ? 0 : events / (events + read) };
}

export const NOTHING_LOST: LostEvents = { events: 0, share: 0 };
