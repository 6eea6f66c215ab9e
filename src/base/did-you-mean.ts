import { closest, distance } from 'fastest-levenshtein';

/** A word that is more different than this is another word. */
const MAX_DISTANCE = 3;
const MIN_SIMILARITY = 0.4;

/** The one of some names that a misspelt one was meant to be; undefined where none is like it. */
export function meantName(word: string, names: readonly string[]): string | undefined {
  if (word === '' || names.length === 0) return undefined;
  const lower = word.toLowerCase();
  const byLower = new Map(names.map((name) => [name.toLowerCase(), name]));
  const found = closest(lower, [...byLower.keys()]);
  const longer = Math.max(lower.length, found.length);
  const away = distance(lower, found);
  if (away <= MAX_DISTANCE && (longer - away) / longer > MIN_SIMILARITY) return byLower.get(found);
  // A beginning that only one name has.
  const begun = names.filter((name) => lower.length > 1 && name.toLowerCase().startsWith(lower));
  return begun.length === 1 ? begun[0] : undefined;
}

/** `Did you mean NAME? `, to stand before other advice; empty where no name is like the word. */
export function didYouMean(word: string, names: readonly string[]): string {
  const meant = meantName(word, names);
  return meant === undefined ? '' : `Did you mean ${meant}? `;
}
