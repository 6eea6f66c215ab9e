import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from './random.ts';

const drawn = (seed: number, count: number): number[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.nextUint32());
};

describe('Random', () => {
  test('the same seed gives the same numbers, another seed others', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(drawn(seed, 8)).toEqual(drawn(seed, 8));
        expect(drawn(seed, 8)).not.toEqual(drawn(seed + 1, 8));
      }),
    );
  });

  test('numbers are whole, below the limit, and every one of a small range comes', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 20 }), (seed, limit) => {
        const random = new Random(seed);
        const seen = new Set(Array.from({ length: 600 }, () => random.below(limit)));
        expect([...seen].toSorted((a, b) => a - b)).toEqual(Array.from({ length: limit }, (_, value) => value));
      }),
    );
  });

  test('the 14 tags come equally often, also right behind one another (chi-squared, 0.1 % points of 13 and 195 degrees)', () => {
    const random = new Random(1);
    const draws = 140_000;
    const single = Array.from({ length: 14 }, () => 0);
    const pairs = Array.from({ length: 196 }, () => 0);
    let last = random.below(14);
    for (let draw = 0; draw < draws; draw++) {
      const next = random.below(14);
      single[next]++;
      pairs[last * 14 + next]++;
      last = next;
    }
    const chiSquared = (counts: readonly number[]): number =>
      counts.reduce((sum, count) => sum + (count - draws / counts.length) ** 2 / (draws / counts.length), 0);
    expect(chiSquared(single)).toBeLessThan(34.5);
    expect(chiSquared(pairs)).toBeLessThan(262.5);
  });
});
