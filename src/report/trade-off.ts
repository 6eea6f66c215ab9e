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

/** An axis: where it begins and ends, and how far its marks are apart; all of them multiples of the last. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** So many steps are wanted at most; up to two more where both ends are rounded to whole steps. */
const MAX_STEPS = 6;

/** An axis for some values; its marks are 1, 2 or 5 times a power of ten apart. */
export function axisOf(values: readonly number[]): Axis {
  const [first, last] = values.length === 0 ? [0, 0] : [Math.min(...values), Math.max(...values)];
  // Values that are all the same still need an axis.
  const room = last - first < 2 ? 1 : 0;
  const [least, most] = [first - room, last + room];
  const wanted = (most - least) / MAX_STEPS;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= wanted) ?? 10);
  return { low: Math.floor(least / step) * step, high: Math.ceil(most / step) * step, step };
}

/** Where an axis has marks, from its beginning to its end. */
export const ticksOf = ({ low, high, step }: Axis): readonly number[] =>
  Array.from({ length: Math.round((high - low) / step) + 1 }, (_, index) => low + index * step);
