import { atAdded } from '../places.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { allAfter, piecesAfter } from '../understood.ts';

/** Where trace events have the names of flags. */
const NAMES = 'include/trace/events/mmflags.h';

export const flagNames: Rule = {
  id: 'flag-names',
  about: 'A new flag has no name in trace events.',
  follows: 'text',
  ask(series) {
    const named = piecesAfter(series, NAMES)
      .map(({ source }) => source.lines.join('\n'))
      .join('\n');
    const findings: Finding[] = [];
    for (const flag of series.newFlags) {
      const word = flag.replace(/^__GFP_/, '');
      if (new RegExp(`\\b(?:__GFP_)?${word}\\b`).test(named)) continue;
      const place = allAfter(series)
        .flatMap((piece) => piece.macros.filter(({ name }) => name === flag).map(({ line }) => atAdded(piece, line)))
        .find((where) => where !== undefined);
      if (place === undefined) continue;
      findings.push({
        ...place,
        text: `The new flag ${flag} has no entry in the trace names. Should ${NAMES} have one?`,
        evidence: [inSource(`${NAMES}: the series does not name ${flag} there, so traces would show it as a number`)],
        modes: [],
        about: flag,
      });
    }
    return findings;
  },
};
