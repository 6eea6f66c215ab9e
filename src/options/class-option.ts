import type { MemoryClass } from '../audit/memory.ts';
import { SUBJECTS } from '../audit/subject.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import { UsageError } from '../base/errors.ts';

/** Reads `--class` of an audit. @throws UsageError for what is none, or is not audited */
export function classOption(text: string | undefined): MemoryClass | undefined {
  if (text === undefined) return undefined;
  const audited = [...new Set(SUBJECTS.map((subject) => subject.class))];
  const found = audited.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(
    `--class ${text}: not audited`,
    `${didYouMean(text, audited)}It is one of ${audited.join(', ')}.`,
  );
}
