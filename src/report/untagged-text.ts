import type { ClassWork } from '../result/result.ts';
import { byteSize, counted } from './number-format.ts';
import { wrap } from './prose.ts';
import { proseWidth, type TextOptions } from './text-options.ts';
import { hasTagWork } from './work-table.ts';

/** Says which classes had allocations and no tag work; no lines if there are none. */
export const untaggedText = (classes: readonly ClassWork[], options: TextOptions): string[] =>
  wrap(untaggedSentence(classes), proseWidth(options) - 2).map((line) => `  ${line}`);

/** The same as a sentence; empty if there are none. */
export function untaggedSentence(classes: readonly ClassWork[]): string {
  const untagged = classes.filter((row) => !hasTagWork(row) && row.allocations > 0);
  if (untagged.length === 0) return '';
  const parts = untagged.map(
    (row) => `${row.class} ${counted(row.allocations, 'allocation')} of ${byteSize(row.bytes)}`,
  );
  return `Not tagged: ${parts.join('; ')}.`;
}
