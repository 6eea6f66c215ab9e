import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mayBe, wilson } from './share.ts';

describe('wilson', () => {
  test.each([
    // Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 95 %.
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
    [29, 29, 0.883, 1],
  ])('%i of %i at 95 %%: %d to %d', (count, of, low, high) => {
    const share = wilson(count, of, 1.959964);
    expect(share.low).toBeCloseTo(low, 4);
    expect(share.high).toBeCloseTo(high, 4);
  });

  test('the interval holds the share, lies in 0 to 1, and shrinks with more trials', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 1000 }), (part, of) => {
        const count = Math.min(part, of);
        const { low, share, high } = wilson(count, of);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(share);
        expect(high).toBeGreaterThanOrEqual(share);
        expect(high).toBeLessThanOrEqual(1);
        const more = wilson(count * 10, of * 10);
        expect(more.high - more.low).toBeLessThan(high - low);
      }),
    );
  });
});

describe('mayBe', () => {
  test('what is certain may not be otherwise, and what was never seen may not be certain', () => {
    expect(mayBe(50, 50, 1, 1)).toBe(true);
    expect(mayBe(49, 50, 1, 1)).toBe(false);
    expect(mayBe(1, 50, 0, 0)).toBe(false);
    expect(mayBe(0, 50, 0, 0)).toBe(true);
  });

  test('of two bounds the nearer one counts', () => {
    expect(mayBe(930, 1000, 13 / 14, 1)).toBe(true);
    expect(mayBe(1000, 1000, 13 / 14, 1)).toBe(true);
    expect(mayBe(800, 1000, 13 / 14, 1)).toBe(false);
    expect(mayBe(500, 1000, 0, 0.1)).toBe(false);
  });

  test('what is refused comes by chance less than once in 100,000, exactly counted, however few trials there are', () => {
    const truths = [1 / 14, 0.1, 1 / 2, 13 / 14];
    for (const truth of truths) {
      for (let of = 1; of <= 60; of++) {
        let refused = 0;
        let probability = (1 - truth) ** of;
        for (let count = 0; count <= of; count++) {
          if (!mayBe(count, of, truth, truth)) refused += probability;
          probability *= ((of - count) / (count + 1)) * (truth / (1 - truth));
        }
        // Both tails together.
        expect(refused).toBeLessThan(2e-5);
      }
    }
  });
});
