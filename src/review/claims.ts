import type { Claim, ClaimContext, ClaimKind } from './claim.ts';
import { coverageUnchanged, matchAllOnly } from './claims/detection.ts';
import {
  allUsersCovered,
  atAllocAndFree,
  noFunctionalChange,
  notTaggedAnyMore,
  otherModesUnchanged,
  zeroedAsBefore,
} from './claims/effect.ts';
import { percentage } from './claims/percentage.ts';
import { tagInstructionsPerPage } from './claims/tag-instructions-per-page.ts';
import type { Finding } from './question.ts';
import type { Surroundings } from './rule.ts';
import { RULES } from './rules.ts';
import { paragraphsOf } from './sentences.ts';
import type { Understood } from './understood.ts';

/** Every kind of claim that is checked. */
export const CLAIM_KINDS: readonly ClaimKind[] = [
  percentage,
  tagInstructionsPerPage,
  coverageUnchanged,
  otherModesUnchanged,
  matchAllOnly,
  zeroedAsBefore,
  notTaggedAnyMore,
  allUsersCovered,
  atAllocAndFree,
  noFunctionalChange,
];

/** What the author wrote, by patch; 0 is the cover letter. */
const textsOf = ({ version }: Understood): readonly ClaimText[] => [
  ...(version.cover === undefined ? [] : [{ patch: 0, text: version.cover.text }]),
  ...version.patches.map(({ number, message, notes }) => ({ patch: number, text: `${message}\n\n${notes}` })),
];

interface ClaimText {
  readonly patch: number;
  readonly text: string;
}

/** The claims of a series, each once, in the order in which they stand. */
export const claimsOf = (series: Understood, surroundings: Surroundings): readonly Claim[] =>
  claimsIn(textsOf(series), series, surroundings);

/** What the facts of a series say of a text that somebody else wrote of it; it is of the whole series. */
export const claimsOfText = (text: string, series: Understood, surroundings: Surroundings): readonly Claim[] =>
  claimsIn([{ patch: 0, text }], series, surroundings);

function claimsIn(texts: readonly ClaimText[], series: Understood, surroundings: Surroundings): readonly Claim[] {
  const asked = new Map<string, readonly Finding[]>();
  const findings = (id: string): readonly Finding[] => {
    const known = asked.get(id);
    if (known !== undefined) return known;
    const fresh = RULES.find((rule) => rule.id === id)?.ask(series, surroundings) ?? [];
    asked.set(id, fresh);
    return fresh;
  };
  const claims = new Map<string, Claim>();
  for (const { patch, text } of texts) {
    const context: ClaimContext = { series, surroundings, patch, findings };
    for (const paragraph of paragraphsOf(text))
      for (const { kind, claimsIn: found } of CLAIM_KINDS)
        for (const claimed of found(paragraph, context)) {
          const key = `${kind} ${claimed.text}`;
          if (!claims.has(key)) claims.set(key, { kind, patch, ...claimed, reproduce: claimed.reproduce ?? null });
        }
  }
  return [...claims.values()];
}
