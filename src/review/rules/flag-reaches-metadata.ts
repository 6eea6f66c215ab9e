import type { Call } from '../../c-source/statements.ts';
import { METADATA_CALLEES, type MetadataCallee } from '../kernel-facts.ts';
import { maskOf, type MaskValue } from '../mask.ts';
import { atAdded, atChange } from '../places.ts';
import type { Piece } from '../pieces.ts';
import { inSource, type Finding } from '../question.ts';
import type { Rule } from '../rule.ts';
import { skipFlags } from '../tag-flags.ts';
import type { Understood } from '../understood.ts';
import { knownAfter, reachesVmalloc, VMALLOC_FILE } from '../vmalloc.ts';

interface MetadataCall {
  readonly piece: Piece;
  readonly call: Call;
  readonly callee: MetadataCallee;
  readonly mask: MaskValue;
}

/** The calls that allocate vmalloc's own memory, with the mask that each gets. */
function metadataCalls(series: Understood): readonly MetadataCall[] {
  return knownAfter(series, VMALLOC_FILE).flatMap((piece) =>
    piece.statements.calls.flatMap((call) => {
      const callee = METADATA_CALLEES.find(({ name }) => name === call.callee);
      // The definition of the function looks like a call of it.
      if (callee === undefined || call.function === undefined || call.function === call.callee) return [];
      const masks = call.arguments
        .filter((tokens) => tokens.some(({ text }) => /gfp/i.test(text)))
        .map((tokens) => maskOf(tokens, series.names.after));
      return masks.map((mask) => ({ piece, call, callee, mask }));
    }),
  );
}

export const flagReachesMetadata: Rule = {
  id: 'flag-reaches-metadata',
  about: 'The mask with the flag also goes to a function that allocates for itself.',
  follows: 'detection',
  ask(series) {
    const findings: Finding[] = [];
    for (const flag of skipFlags(series)) {
      const passed = reachesVmalloc(series, flag);
      if (passed.length === 0) continue;
      const calls = metadataCalls(series).filter(({ call }) => call.function?.includes('vmalloc') === true);
      const bare = calls.find(({ mask }) => !mask.without.has(flag) && (mask.rest.size > 0 || mask.flags.has(flag)));
      // Where the call is not shown: the series made the kernel take the flag out of the mask there.
      const known = calls.length === 0 && series.base === 'before-series';
      const [change] = passed;
      if (change === undefined || (bare === undefined && !known)) continue;
      const callee = bare?.callee ?? METADATA_CALLEES[0];
      if (callee === undefined) continue;
      const where = (bare === undefined ? undefined : atAdded(bare.piece, bare.call.line)) ?? atChange(change);
      findings.push({
        ...where,
        text: `The same mask goes to ${callee.name}(), whose ${callee.allocates} are used through their tagged pointers. Should ${flag} be cleared there?`,
        evidence: [
          inSource(
            bare === undefined
              ? `${callee.source}: gets the caller's mask, and the series does not change that`
              : `${bare.piece.path}:${bare.call.line}: ${callee.name}() gets the mask with ${flag}`,
          ),
        ],
        modes: [],
        about: callee.name,
      });
    }
    return findings;
  },
};
