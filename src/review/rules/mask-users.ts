import { KNOWN_MASKS } from '../kernel-facts.ts';
import { atChange, listed, placeText } from '../places.ts';
import type { Piece } from '../pieces.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { skipFlags } from '../tag-flags.ts';
import { hwTagsReaches } from '../truth.ts';
import { allAfter, piecesOfTree, type Understood } from '../understood.ts';

/** Masks for any purpose: that others use them too says nothing. */
const GENERAL =
  /^_{0,3}GFP_(?:KERNEL|KERNEL_ACCOUNT|ATOMIC|NOWAIT|USER|HIGHUSER|HIGHUSER_MOVABLE|NOFS|NOIO|DMA|DMA32|RECLAIM|TRANSHUGE\w*|\w+_MASK)$|^__GFP_|_SUPPORTED$/;

/** Only arm64 has HW_TAGS; elsewhere the flag is 0. */
const OTHER_ARCHITECTURE = /^arch\/(?!arm64\/)/;

const isMaskName = (name: string): boolean => /^GFP_[A-Z]|_GFP(?:_[A-Z_]+)?$/.test(name) && !GENERAL.test(name);

/** The functions of a piece that use a mask without a flag beside it. */
function usersIn(piece: Piece, mask: string, flag: string): readonly string[] {
  if (OTHER_ARCHITECTURE.test(piece.path)) return [];
  const { calls, assignments } = piece.statements;
  const uses = [
    ...calls.flatMap((call) => call.arguments.map((tokens) => ({ place: call, tokens }))),
    ...assignments.map((assignment) => ({ place: assignment, tokens: assignment.value })),
  ];
  return uses
    .filter(({ tokens }) => tokens.some(({ text }) => text === mask) && !tokens.some(({ text }) => text === flag))
    .filter(({ place }) => hwTagsReaches([...place.configurations, ...place.conditions]))
    .map(({ place }) => placeText({ file: piece.path, function: place.function, line: place.line }));
}

/** Who else uses a mask, as `file:function`: by the tree, or by what is known of the kernel and what the series shows. */
function otherUsers(series: Understood, mask: string, flag: string): ReadonlySet<string> {
  const shown = allAfter(series).flatMap((piece) => usersIn(piece, mask, flag));
  if (series.tree !== undefined)
    return new Set([...shown, ...piecesOfTree(series, mask).flatMap((piece) => usersIn(piece, mask, flag))]);
  const known = KNOWN_MASKS.find(({ name }) => name === mask)?.users ?? [];
  const reachable = known.filter(({ unreachable }) => unreachable === undefined).map(({ place }) => place);
  return new Set([...shown, ...reachable]);
}

export const maskUsers: Rule = {
  id: 'mask-users',
  about: 'A flag is added at one use of a mask that has other users.',
  follows: 'cost-stays',
  ask(series) {
    const flags = skipFlags(series);
    const findings: Finding[] = [];
    for (const change of series.changes) {
      if (change.carrier === 'definition') continue;
      for (const flag of change.gained.filter((name) => flags.includes(name))) {
        for (const mask of new Set(change.expression.map(({ text }) => text).filter(isMaskName))) {
          if (series.names.after.valueOf(mask)?.flags.has(flag) === true) continue;
          const users = [...otherUsers(series, mask, flag)].filter((place) => place !== placeText(change));
          if (users.length === 0) continue;
          findings.push({
            ...atChange(change),
            text: `${flag} is added at this use of ${mask}. ${listed(users.slice(0, 3))} ${users.length === 1 ? 'uses' : 'use'} ${mask} too and ${users.length === 1 ? 'stays' : 'stay'} tagged. Is that meant?`,
            evidence: users.map((place) => inSource(`${place} uses ${mask} without ${flag}`)),
            modes: [],
            about: mask,
          });
        }
      }
    }
    return findings;
  },
};
