import { expect, test } from 'vitest';
import { GFP_FLAGS, GFP_SKIP_KASAN, GFP_SKIP_ZERO, GFP_ZERO, GFP_ZEROTAGS, gfp } from './flags.ts';

test('flags have distinct names and bits 0..30, one each', () => {
  expect(new Set(GFP_FLAGS.map(({ name }) => name)).size).toBe(GFP_FLAGS.length);
  GFP_FLAGS.forEach(({ bit, flag }, index) => {
    expect(bit).toBe(index);
    expect(flag).toBe(2 ** bit);
  });
  expect(GFP_FLAGS.length).toBeLessThanOrEqual(31);
});

test('canonical bits are those of a HW_TAGS build of 7.3 (include/linux/gfp_types.h)', () => {
  expect([GFP_ZERO, GFP_ZEROTAGS, GFP_SKIP_ZERO, GFP_SKIP_KASAN]).toEqual([0x100, 0x800000, 0x1000000, 0x2000000]);
});

test('a set stays a non-negative int32', () => {
  expect(gfp(-1)).toBe(0x7fff_ffff);
});

test('the table is frozen', () => {
  expect(Object.isFrozen(GFP_FLAGS) && GFP_FLAGS.every((flag) => Object.isFrozen(flag))).toBe(true);
});
