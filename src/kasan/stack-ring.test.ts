import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tagBasedBugType } from './report/bug-type.ts';
import { StackRing } from './stack-ring.ts';

type Entry = readonly [pointer: number, size: number, kind: 'alloc' | 'free', pid: number];

function ringOf(size: number, entries: readonly Entry[]): StackRing {
  const ring = new StackRing(size);
  for (const [pointer, objectSize, kind, pid] of entries) {
    ring.save_stack_info(pointer, objectSize, pid, [`${kind} by ${pid}`], kind === 'free');
  }
  return ring;
}

describe('the stack ring (mm/kasan/tags.c) and the bug type (mm/kasan/report_tags.c)', () => {
  const P = 0xf3_0000;
  const OTHER_TAG = 0xf4_0000;

  test.each<readonly [string, readonly Entry[], string]>([
    [
      'freed with this tag last',
      [
        [P, 64, 'alloc', 1],
        [P, 64, 'free', 2],
      ],
      'slab-use-after-free',
    ],
    [
      'allocated with this tag last',
      [
        [P, 64, 'free', 1],
        [P, 64, 'alloc', 2],
      ],
      'slab-out-of-bounds',
    ],
    ['known with another tag only', [[OTHER_TAG, 64, 'alloc', 1]], 'invalid-access'],
    ['known with another size only (a slab page reused by another cache)', [[P, 32, 'free', 1]], 'invalid-access'],
    ['not known', [], 'invalid-access'],
  ])('an object that was %s', (_what, entries, expected) => {
    expect(tagBasedBugType(false, ringOf(16, entries).find(P, 64))).toBe(expected);
  });

  test('without a slab object, and for a size that wraps around, the common types', () => {
    expect(tagBasedBugType(false, undefined)).toBe('invalid-access');
    expect(tagBasedBugType(true, undefined)).toBe('out-of-bounds');
  });

  test('both stacks are found; an older one of the same kind is not taken', () => {
    const found = ringOf(16, [
      [P, 64, 'alloc', 1],
      [P, 64, 'free', 2],
      [P, 64, 'alloc', 3],
    ]).find(P, 64);
    expect(found).toEqual({
      newest: 'alloc',
      allocated: { pid: 3, frames: ['alloc by 3'] },
      freed: { pid: 2, frames: ['free by 2'] },
    });
  });

  test('a second entry of a kind ends the walk, though the other kind is still missing', () => {
    const found = ringOf(16, [
      [P, 64, 'alloc', 1],
      [P, 64, 'free', 2],
      [P, 64, 'free', 3],
    ]).find(P, 64);
    expect(found).toMatchObject({ newest: 'free', allocated: undefined, freed: { pid: 3 } });
  });

  test('what is older than the ring is forgotten', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(40), (size, later) => {
        const others = Array.from({ length: later }, (_, n): Entry => [OTHER_TAG + n * 16, 64, 'alloc', 9]);
        const { newest } = ringOf(size, [[P, 64, 'free', 1], ...others]).find(P, 64);
        expect(newest).toBe(later < size ? 'free' : undefined);
      }),
    );
  });
});
