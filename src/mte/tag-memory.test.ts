import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteTagMemory, LargeTagMemory } from './tag-memory.ts';

const GRANULE = 16;
const RAM = 1024;
/** Parts that do not divide the memory: the last one is shorter. */
const PART = 176;

describe('tag RAM in parts', () => {
  test('holds what the same in one piece holds, whatever ranges are filled', () => {
    const granule = fc.integer({ min: 0, max: RAM / GRANULE });
    fc.assert(
      fc.property(fc.array(fc.tuple(granule, granule, fc.integer({ min: 0, max: 15 }))), (fills) => {
        const whole = new ByteTagMemory(RAM);
        const parts = new LargeTagMemory(RAM, PART);
        for (const [one, other, tag] of fills) {
          const [from, to] = [Math.min(one, other), Math.max(one, other)];
          for (const memory of [whole, parts]) memory.fill(from * GRANULE, (to - from) * GRANULE, tag);
        }
        for (let address = 0; address < RAM; address += GRANULE) expect(parts.get(address)).toBe(whole.get(address));
      }),
      { numRuns: 100 },
    );
  });
});
