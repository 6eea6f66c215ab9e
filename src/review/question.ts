import type { HunkPlace } from './hunk-place.ts';
import type { Mode } from './truth.ts';

/**
 * What follows if the answer is no, gravest first. Readers who want grades: the first two are high, the next two medium,
 * text is low.
 */
export const CONSEQUENCES = ['crash', 'not-zeroed', 'detection', 'cost-stays', 'text'] as const;
export type Consequence = (typeof CONSEQUENCES)[number];

/** What shows that a question is to the point. */
export interface Evidence {
  /** One sentence, with `file:function` or the figure. */
  readonly text: string;
  /** A command that shows it; null where the source does. */
  readonly reproduce: string | null;
}

/** What a rule found to ask. */
export interface Finding {
  /** What is asked, in one or two sentences. */
  readonly text: string;
  readonly patch: number;
  readonly file: string;
  /** In the file after the whole series. */
  readonly line: number;
  readonly function: string | undefined;
  readonly evidence: readonly Evidence[];
  /** Modes of KASAN that it is about; empty for HW_TAGS alone. */
  readonly modes: readonly Mode[];
  /** What tells it from other questions of the same rule at the same function, and stays in a new version. */
  readonly about: string;
}

/** A question to the author of a series. */
export interface Question extends Omit<Finding, 'about' | 'function'> {
  readonly rule: string;
  /** Null where the hunk does not tell. */
  readonly function: string | null;
  readonly follows: Consequence;
  /** Survives a new version of the series: no line or patch number is in it. */
  readonly id: string;
  /** The line of the patch that it stands at; null where no hunk shows it. */
  readonly at: HunkPlace | null;
}

/** Evidence from the source. */
export const inSource = (text: string): Evidence => ({ text, reproduce: null });
