import type { AllocationClass } from '../../base/allocation-class.ts';
import { plainName } from '../../c-source/statements.ts';
import { FLAG_COMMENTS } from '../kernel-facts.ts';
import { atAdded, atChange } from '../places.ts';
import type { Piece } from '../pieces.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { allAfter, piecesAfter, type Understood } from '../understood.ts';

/** Names that the series takes away: functions and macros that are defined before it and nowhere after. */
function removedNames({ files }: Pick<Understood, 'files'>): ReadonlySet<string> {
  const defined = (side: 'before' | 'after'): readonly string[] =>
    files
      .flatMap((file) => file[side])
      .flatMap(({ macros, functions, source }) => [
        ...macros.map(({ name }) => name),
        // A function that a hunk's header names is not defined there.
        ...functions
          .filter(({ firstLine }) => !(firstLine === source.firstLine && source.heading !== undefined))
          .map(({ name }) => name),
      ]);
  // `f` is a macro for `f_noprof` where allocations are profiled: neither is gone.
  const after = new Set(defined('after').map(plainName));
  const used = new Set(
    files.flatMap((file) => file.after).flatMap(({ scanned }) => scanned.tokens.map(({ text }) => text)),
  );
  return new Set(defined('before').filter((name) => !after.has(plainName(name)) && !used.has(name)));
}

/** Comments that speak of a name that is gone. */
function ofRemovedNames(series: Understood): readonly Finding[] {
  const removed = removedNames(series);
  if (removed.size === 0) return [];
  const findings: Finding[] = [];
  for (const piece of allAfter(series)) {
    for (const { text, firstLine, lastLine } of piece.scanned.comments) {
      const name = (text.match(/[A-Za-z_]\w+/g) ?? []).find((word) => removed.has(word) && /_|\d/.test(word));
      if (name === undefined) continue;
      const line = lineNaming(piece, name, firstLine, lastLine);
      findings.push({
        ...(atAdded(piece, line) ?? {
          ...nearestChange(series, piece, line),
          file: piece.path,
          line,
          function: piece.functionOf(line),
        }),
        text: `This comment says ${name}; after the series there is none. Should it change?`,
        evidence: [inSource(`the series removes ${name}; ${piece.path}:${line} still names it`)],
        modes: [],
        about: name,
      });
    }
  }
  return findings;
}

function lineNaming(piece: Piece, name: string, first: number, last: number): number {
  for (let line = first; line <= last; line++)
    if (piece.source.lines[line - piece.source.firstLine]?.includes(name) === true) return line;
  return first;
}

/** The patch that changes what stands nearest to a line of a piece. */
function nearestChange(series: Understood, piece: Piece, line: number): { readonly patch: number } {
  let best: { patch: number; distance: number } | undefined;
  piece.source.lines.forEach((_, index) => {
    const at = piece.source.firstLine + index;
    const patch = piece.patchOf(at);
    const distance = Math.abs(at - line);
    if (patch !== undefined && (best === undefined || distance < best.distance)) best = { patch, distance };
  });
  const touching = series.version.patches.find(({ files }) => files.some(({ newPath }) => newPath === piece.path));
  return { patch: best?.patch ?? touching?.number ?? 1 };
}

/** Comments that list who uses a flag, where the series gives it a user that they do not name. */
function ofFlagUsers(series: Understood): readonly Finding[] {
  return FLAG_COMMENTS.flatMap(({ flag, file, usedFor, phrase }): readonly Finding[] => {
    // The series writes on that comment itself; with the series of 2026 the text is another.
    const rewritten = piecesAfter(series, file).some((piece) =>
      piece.scanned.comments.some(({ text, firstLine, lastLine }) => {
        const touched = piece.source.lines.some((_, index) => {
          const line = piece.source.firstLine + index;
          return line >= firstLine && line <= lastLine && piece.patchOf(line) !== undefined;
        });
        return touched && text.includes(flag);
      }),
    );
    if (rewritten || series.base === 'with-series') return [];
    const others: { readonly change: Understood['changes'][number]; readonly class: AllocationClass }[] = series.changes
      .filter(({ gained }) => gained.includes(flag))
      .flatMap((change) =>
        change.class === undefined || usedFor.includes(change.class) ? [] : [{ change, class: change.class }],
      );
    const [one] = others;
    if (one === undefined) return [];
    const classes = [...new Set(others.map((other) => other.class))].join(' and ');
    return [
      {
        ...atChange(one.change),
        text: `The comment on ${flag} in ${file} says "${phrase}"; after the series ${classes} use it too. Should it change?`,
        evidence: [inSource(`${file}: the comment on ${flag}, which the series does not touch`)],
        modes: [],
        about: flag,
      },
    ];
  });
}

export const commentStale: Rule = {
  id: 'comment-stale',
  about: 'A comment says what is not so any more.',
  follows: 'text',
  ask: (series) => [...ofRemovedNames(series), ...ofFlagUsers(series)],
};
