import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, granulesOf, roundUp } from './units.ts';

describe('granulesOf', () => {
  it.each([
    [0, 0],
    [1, 1],
    [15, 1],
    [16, 1],
    [17, 2],
    [4096, 256],
    [16_384, 1024],
  ])('%i bytes touch %i granules', (size, granules) => {
    expect(granulesOf(bytes(size))).toBe(granules);
  });

  it('covers the bytes with less than a granule to spare', () => {
    fc.assert(
      fc.property(fc.nat(), (size) => {
        const covered = granulesOf(bytes(size)) * 16;
        expect(covered).toBeGreaterThanOrEqual(size);
        expect(covered - size).toBeLessThan(16);
      }),
    );
  });
});

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
