/** A word as a POSIX shell takes it: bare if nothing in it is special. */
export function shellQuote(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replace(/'/g, `'\\''`)}'`;
}

/** A command line that a shell takes apart into exactly these words. */
export const shellCommand = (words: readonly string[]): string => words.map(shellQuote).join(' ');
