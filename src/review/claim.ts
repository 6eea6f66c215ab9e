import type { Finding } from './question.ts';
import type { Surroundings } from './rule.ts';
import { sentencesOf } from './sentences.ts';
import type { Understood } from './understood.ts';

/** What becomes of a claim. */
export const VERDICTS = ['confirmed', 'refuted', 'not decidable'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What is found of one claim. */
export interface Judgement {
  readonly verdict: Verdict;
  /** What is so, in one sentence; why, where it is not decidable. */
  readonly is: string;
  /** The command that shows it; undefined where that is the review of the claim alone. */
  readonly reproduce?: string | undefined;
}

/** A sentence of the author that can be checked. */
export interface Claim extends Omit<Judgement, 'reproduce'> {
  readonly kind: string;
  /** The command that shows it: a result has one for each claim, null stands for it before the series has a name. */
  readonly reproduce: string | null;
  /** The sentence, or the part of it that claims. */
  readonly text: string;
  /** The patch, or 0 for the cover letter. */
  readonly patch: number;
}

/** What claims are checked with. */
export interface ClaimContext {
  readonly series: Understood;
  readonly surroundings: Surroundings;
  /** The patch whose message is read, or 0 for the cover letter. */
  readonly patch: number;
  /** What a rule finds on the final state. */
  findings(rule: string): readonly Finding[];
}

/** A kind of claim: how people phrase it, and how it is decided. */
export interface ClaimKind {
  readonly kind: string;
  /** One sentence for lists. */
  readonly about: string;
  /** The claims of this kind in a paragraph. Patterns must be linear: it is a stranger's. */
  claimsIn(paragraph: string, context: ClaimContext): readonly Claimed[];
}

/** A part of a paragraph that claims, and what is found of it. */
export interface Claimed extends Judgement {
  readonly text: string;
}

/**
 * Claims that one sentence makes.
 *
 * @param judge undefined if the sentence claims nothing after all
 */
export const bySentence =
  (phrase: RegExp, judge: (sentence: string, context: ClaimContext) => Judgement | undefined): ClaimKind['claimsIn'] =>
  (paragraph, context) =>
    sentencesOf(paragraph).flatMap((sentence) => {
      const judgement = phrase.test(sentence) ? judge(sentence, context) : undefined;
      return judgement === undefined ? [] : [{ text: sentence, ...judgement }];
    });
