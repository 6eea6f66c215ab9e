import { hunkPlace, type HunkPlace } from './hunk-place.ts';
import type { Where } from './places.ts';
import type { Question } from './question.ts';
import type { Rule, Surroundings } from './rule.ts';
import { RULES } from './rules.ts';
import type { Understood } from './understood.ts';

/** A name for a question that a new version of the series keeps. */
const idOf = (
  rule: string,
  {
    file,
    function: name,
    about,
  }: { readonly file: string; readonly function: string | undefined; readonly about: string },
): string => [rule, file, name ?? '', about].join('/').replace(/\s+/g, '-');

const placeIn = ({ version, applied }: Understood, where: Where): HunkPlace | null =>
  hunkPlace(
    where,
    version.patches.find(({ number }) => number === where.patch),
    applied,
  );

/** The questions of one rule, each once. */
export function askRule(rule: Rule, series: Understood, surroundings: Surroundings): readonly Question[] {
  const questions = new Map<string, Question>();
  for (const { about, ...finding } of rule.ask(series, surroundings)) {
    const id = idOf(rule.id, { ...finding, about });
    if (!questions.has(id))
      questions.set(id, {
        ...finding,
        function: finding.function ?? null,
        rule: rule.id,
        follows: rule.follows,
        id,
        at: placeIn(series, finding),
      });
  }
  return [...questions.values()];
}

/** The questions to a series, in the order of its patches, files and lines. */
export const ask = (series: Understood, surroundings: Surroundings): readonly Question[] =>
  RULES.flatMap((rule) => askRule(rule, series, surroundings)).toSorted(
    (a, b) => a.patch - b.patch || a.file.localeCompare(b.file, 'en') || a.line - b.line,
  );

/** The questions that need no audit. */
export const withoutModel = (series: Understood, upTo: Surroundings['upTo']): readonly Question[] =>
  ask(series, { audited: undefined, upTo });
