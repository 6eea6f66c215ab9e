import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TagMemory } from './tag-memory.ts';

const GRANULE = 16;
/** Every part ends where a MiB does, whatever is kept together. */
const MIB = 1 << 20;

describe('tag RAM', () => {
  test('holds what an array of all tags holds, whatever ranges are filled', () => {
    // Granules around the places where one part of the memory ends and the next begins.
    const ram = 3 * MIB + 64 * GRANULE;
    const near = fc.integer({ min: -40, max: 40 });
    const granule = fc
      .tuple(fc.constantFrom(1, 2, 3), near)
      .map(([mib, distance]) => Math.min(ram / GRANULE, (mib * MIB) / GRANULE + distance));
    const fills = fc.array(fc.tuple(granule, granule, fc.integer({ min: 0, max: 15 })));
    fc.assert(
      fc.property(fills, (all) => {
        const memory = new TagMemory(ram);
        const tags = new Uint8Array(ram / GRANULE);
        for (const [one, other, tag] of all) {
          const [from, to] = [Math.min(one, other), Math.max(one, other)];
          memory.fill(from * GRANULE, (to - from) * GRANULE, tag);
          tags.fill(tag, from, to);
        }
        for (const mib of [1, 2, 3])
          for (let distance = -64; distance < 64; distance++) {
            const at = (mib * MIB) / GRANULE + distance;
            if (at < tags.length) expect(memory.get(at * GRANULE)).toBe(tags[at]);
          }
      }),
      { numRuns: 100 },
    );
  });

  test('of memory that was never tagged the tag is 0; an address within a granule has its tag', () => {
    const memory = new TagMemory(2 * MIB);
    memory.fill(MIB + 32, 16, 5);
    expect([memory.get(0), memory.get(MIB + 16), memory.get(MIB + 47), memory.get(MIB + 48)]).toEqual([0, 0, 5, 0]);
  });

  test('a machine of a terabyte has tag RAM that takes memory where it is used', () => {
    const memory = new TagMemory(2 ** 40);
    memory.fill(2 ** 40 - 16, 16, 3);
    expect([memory.get(2 ** 40 - 16), memory.get(2 ** 39)]).toEqual([3, 0]);
  });
});
