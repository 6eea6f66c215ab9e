import { formatOf, type FormatName } from '../report/formats.ts';
import type { LostOfSides } from '../report/losses-text.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Says on the standard error what was lost, where the form of the output has no place for it: tools that read stacks take
 * each line for one, and some refuse a file with any other.
 */
export function sayLosses(format: FormatName, { words }: LostOfSides, { stderr }: Pick<Surroundings, 'stderr'>): void {
  if (words === '' || formatOf(format).wordless !== true) return;
  stderr.write(`tagscope: warning: ${words}: all figures are of what was recorded, and lower bounds.\n`);
}
