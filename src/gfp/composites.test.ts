import { expect, test } from 'vitest';
import { gfpComposites } from './composites.ts';
import { GFP_ATOMIC_BIT, GFP_NOWARN, GFP_SKIP_KASAN, GFP_SKIP_KASAN_POISON, gfpHasAny } from './flags.ts';
import type { Gfp } from './flags.ts';

const composite = (major: number, minor: number, name: string, hwTags = true): Gfp => {
  const found = gfpComposites({ major, minor }, { hwTags }).find((entry) => entry.name === name);
  if (found === undefined) throw new Error(name);
  return found.flags;
};

test('canonical masks of 7.3 (print format of a HW_TAGS build)', () => {
  expect(gfpComposites({ major: 7, minor: 3 }, { hwTags: true }).map(({ name, flags }) => [flags, name])).toEqual([
    [0x21c24ca, 'GFP_TRANSHUGE'],
    [0x21c20ca, 'GFP_TRANSHUGE_LIGHT'],
    [0x2100cca, 'GFP_HIGHUSER_MOVABLE'],
    [0x100cc2, 'GFP_HIGHUSER'],
    [0x100cc0, 'GFP_USER'],
    [0x400cc0, 'GFP_KERNEL_ACCOUNT'],
    [0xcc0, 'GFP_KERNEL'],
    [0xc40, 'GFP_NOFS'],
    [0x820, 'GFP_ATOMIC'],
    [0xc00, 'GFP_NOIO'],
    [0x2800, 'GFP_NOWAIT'],
    [0x1, 'GFP_DMA'],
    [0x4, 'GFP_DMA32'],
    [0xc00, '__GFP_RECLAIM'],
  ]);
});

test('GFP_NOWAIT has NOWARN since 6.7 (commit 16f5dfbc851b)', () => {
  expect(composite(6, 6, 'GFP_NOWAIT')).toBe(0x800);
  expect(composite(6, 7, 'GFP_NOWAIT')).toBe(0x2800);
  expect(gfpHasAny(composite(5, 10, 'GFP_NOWAIT'), GFP_NOWARN)).toBe(false);
});

test('GFP_ATOMIC has __GFP_ATOMIC up to 6.2 (commit "mm: discard __GFP_ATOMIC")', () => {
  expect(gfpHasAny(composite(6, 2, 'GFP_ATOMIC'), GFP_ATOMIC_BIT)).toBe(true);
  expect(composite(6, 3, 'GFP_ATOMIC')).toBe(0x820);
});

test('user pages of a HW_TAGS build: not poisoned since 5.14, not tagged either since 6.0', () => {
  const skip = (major: number, minor: number): number =>
    composite(major, minor, 'GFP_HIGHUSER_MOVABLE') & (GFP_SKIP_KASAN | GFP_SKIP_KASAN_POISON);
  expect(skip(5, 13)).toBe(0);
  expect(skip(5, 14)).toBe(GFP_SKIP_KASAN_POISON);
  expect(skip(5, 19)).toBe(GFP_SKIP_KASAN_POISON);
  expect(skip(6, 0)).toBe(GFP_SKIP_KASAN | GFP_SKIP_KASAN_POISON);
  expect(skip(6, 3)).toBe(GFP_SKIP_KASAN | GFP_SKIP_KASAN_POISON);
  expect(skip(6, 4)).toBe(GFP_SKIP_KASAN);
});

test.each([
  [5, 10],
  [5, 18],
  [6, 1],
  [6, 18],
  [7, 3],
])('without HW_TAGS, %d.%d has no skip bit in user masks', (major, minor) => {
  expect(composite(major, minor, 'GFP_HIGHUSER_MOVABLE', false)).toBe(0x100cca);
  expect(composite(major, minor, 'GFP_TRANSHUGE', false)).toBe(0x1c24ca);
  expect(composite(major, minor, 'GFP_TRANSHUGE_LIGHT', false)).toBe(0x1c20ca);
});

test('5.14 to 5.17 have SKIP_KASAN_POISON in every build', () => {
  expect(gfpHasAny(composite(5, 15, 'GFP_HIGHUSER_MOVABLE', false), GFP_SKIP_KASAN_POISON)).toBe(true);
});
