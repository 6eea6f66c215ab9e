import type { ComparedPolicy, CompareResult } from '../decide/compare.ts';

/** A policy as a point: what it saves and what it detects, both in percent. */
export interface Point {
  /** A letter; a capital one on the front. */
  readonly letter: string;
  readonly name: string;
  /** Granules saved of the baseline's. */
  readonly saved: number;
  /** Mean share of bugs that are detected by the rules. */
  readonly detected: number;
  readonly onFront: boolean;
}

/** How many policies can be told apart by letters. */
export const MAX_COMPARED = 26;

/** Policies that cost more than the baseline by this many percent would press all others to one side. */
const MAX_EXTRA_PERCENT = 25;

/** The letter of each policy of a result, in its order; the baseline's work must be more than nothing for a point. */
export const letterOf = (policy: Pick<ComparedPolicy, 'onFront'>, index: number): string => {
  const letter = String.fromCharCode('a'.charCodeAt(0) + (index % MAX_COMPARED));
  return policy.onFront ? letter.toUpperCase() : letter;
};

/** The points of a result; `outside` are left off a plot, and have to be named beside it. */
export function pointsOf({ policies }: CompareResult): { readonly inside: Point[]; readonly outside: Point[] } {
  const points = policies.flatMap((policy, index): Point[] => {
    const { granules } = policy.savedShare;
    if (granules === null) return [];
    return [
      {
        letter: letterOf(policy, index),
        name: policy.policy.name,
        saved: 100 * granules,
        detected: 100 * policy.detection.byRules,
        onFront: policy.onFront,
      },
    ];
  });
  const isInside = ({ saved }: Point): boolean => saved >= -MAX_EXTRA_PERCENT;
  return { inside: points.filter(isInside), outside: points.filter((point) => !isInside(point)) };
}

/** The least and the most of some values, apart from each other by one at least, with a little room at both ends. */
export function rangeOf(values: readonly number[]): readonly [low: number, high: number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(1, (high - low) / 20);
  return [low - room, high + room];
}
