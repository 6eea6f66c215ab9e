import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wilson } from './share.ts';

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
