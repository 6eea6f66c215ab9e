import type { Note, ReportResult } from '../result/result.ts';
import { percent } from './number-format.ts';

type Remarked = Pick<ReportResult, 'warnings' | 'notes'>;

/** A note as a sentence. */
const noteSentence = ({ share, text }: Note): string =>
  `${percent(share, 1)} of the tag-setting instructions are ${text}.`;

/**
 * What a reader should know before trusting the figures of some reports. What several of them say is said once; a note
 * with the share that it has in the first.
 */
export function remarks(...reports: readonly Remarked[]): readonly string[] {
  const notes = reports.flatMap((report) => report.notes);
  const first = notes.filter(({ id }, index) => notes.findIndex((note) => note.id === id) === index);
  return [...new Set([...reports.flatMap(({ warnings }) => warnings), ...first.map(noteSentence)])];
}
