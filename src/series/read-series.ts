import type { Series } from './series.ts';

/** A file of mails or patches, or standard input, whole. */
export interface SeriesInput {
  /** How problems name it. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads a series from mailboxes (lore's, `b4 am`, Patchew, patchwork, `git format-patch --stdout`), mails, or the files of a
 * folder of patches, in any mixture.
 *
 * @throws InputError if no patch can be read
 */
export type ReadSeries = (inputs: readonly SeriesInput[]) => Promise<Series>;
