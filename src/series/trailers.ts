import type { Trailer } from './series.ts';

const TRAILER = /^([A-Za-z][A-Za-z0-9-]{1,40}): *(\S.*)$/;

/** Trailers that kernel developers use and that have no hyphen (Documentation/process/submitting-patches.rst). */
const SINGLE_WORDS = new Set([
  'fixes',
  'link',
  'closes',
  'cc',
  'bug',
  'reported',
  'tested',
  'acked',
  'reviewed',
  'bugzilla',
  'id',
]);

/** The trailer that a line is, if it can be one. */
export function trailerOf(line: string): Trailer | undefined {
  const match = line.length > 1000 ? null : TRAILER.exec(line);
  if (match === null) return undefined;
  const name = match[1].toLowerCase();
  const isOne = name.endsWith('-by') || name.includes('-') || SINGLE_WORDS.has(name);
  return isOne && !name.endsWith('-commit') ? { name: match[1], value: match[2].trim() } : undefined;
}

/** A line that goes on with a trailer, or what a maintainer notes between them: `[akpm@…: fixed a typo]`. */
const isBetweenTrailers = (line: string): boolean => /^(?:[ \t]+\S|\[.*\]\s*$)/.test(line.slice(0, 1000));

/** A message, and the trailers that it ends with. */
export interface SplitMessage {
  readonly text: readonly string[];
  readonly trailers: readonly Trailer[];
}

/** Takes the paragraphs at the end that are trailers off a message. */
export function splitTrailers(lines: readonly string[]): SplitMessage {
  let end = lines.length;
  const trailers: Trailer[] = [];
  for (;;) {
    while (end > 0 && lines[end - 1].trim() === '') end--;
    let start = end;
    while (start > 0 && (trailerOf(lines[start - 1]) !== undefined || isBetweenTrailers(lines[start - 1]))) start--;
    const isParagraph =
      start < end && (start === 0 || lines[start - 1].trim() === '') && trailerOf(lines[start]) !== undefined;
    if (!isParagraph) return { text: lines.slice(0, end), trailers: trailers.toReversed() };
    for (let at = end - 1; at >= start; at--) {
      const trailer = trailerOf(lines[at]);
      if (trailer !== undefined) trailers.push(trailer);
    }
    end = start;
  }
}

/** The trailers in a reply, wherever they stand, but not those that it quotes. */
export const trailersOfReply = (lines: readonly string[]): Trailer[] =>
  lines.flatMap((line) => {
    const trailer = trailerOf(line);
    return trailer !== undefined && /-by$/i.test(trailer.name) ? [trailer] : [];
  });
