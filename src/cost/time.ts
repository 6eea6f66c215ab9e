import type { Interval } from '../base/interval.ts';

/**
 * A length of time by a cost profile, in nanoseconds. Bounds are what the readings of the profile span; `readings` has
 * the time by each of them, in the profile's order, the best first. The difference of two times is taken reading by
 * reading: what is uncertain about both of them does not add up.
 */
export interface Time extends Interval {
  readonly readings: readonly number[];
}

/** @param readings by each reading of a profile, the best first */
export const timeOf = (readings: readonly [number, ...number[]]): Time => ({
  low: Math.min(...readings),
  best: readings[0],
  high: Math.max(...readings),
  readings,
});

const ZERO: Time = { low: 0, best: 0, high: 0, readings: [] };

/** What `a` is more than `b`; both by one profile. */
export const timeDifference = (a: Time, b: Time): Time => combine(a, b, (x, y) => x - y);

/** Both together; both by one profile. */
export const timeSum = (times: readonly Time[]): Time =>
  times.reduce((sum, time) => combine(sum, time, (x, y) => x + y), ZERO);

/** So many times as long. */
export const timeScaled = ({ low, best, high, readings }: Time, by: number): Time => ({
  low: low * by,
  best: best * by,
  high: high * by,
  readings: readings.map((ns) => ns * by),
});

function combine(a: Time, b: Time, both: (x: number, y: number) => number): Time {
  const length = Math.max(a.readings.length, b.readings.length);
  const [best = 0, ...others] = Array.from({ length }, (_, index) =>
    both(a.readings[index] ?? 0, b.readings[index] ?? 0),
  );
  return timeOf([best, ...others]);
}
