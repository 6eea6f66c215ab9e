import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundUp } from './units.ts';

describe('roundUp', () => {
  it('gives the next multiple, for any multiple', () => {
    expect([roundUp(0, 8), roundUp(1, 8), roundUp(8, 8), roundUp(9, 8), roundUp(100, 48)]).toEqual([0, 8, 8, 16, 144]);
    fc.assert(
      fc.property(fc.nat(1 << 30), fc.integer({ min: 1, max: 1 << 16 }), (size, to) => {
        const rounded = roundUp(size, to);
        expect(rounded % to).toBe(0);
        expect(rounded).toBeGreaterThanOrEqual(size);
        expect(rounded - size).toBeLessThan(to);
      }),
    );
  });
});
