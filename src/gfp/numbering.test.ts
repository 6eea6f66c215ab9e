import { expect, test } from 'vitest';
import {
  GFP_ATOMIC_BIT,
  GFP_NO_OBJ_EXT,
  GFP_NOLOCKDEP,
  GFP_SKIP_KASAN,
  GFP_SKIP_KASAN_POISON,
  GFP_SKIP_ZERO,
  GFP_ZEROTAGS,
} from './flags.ts';
import { gfpNumbering } from './numbering.ts';
import { decodeGfpNumber } from './parse.ts';

const PLAIN = { hwTags: false, lockdep: false, slabObjExt: false };
const HW = { ...PLAIN, hwTags: true };
const LOCKDEP = { ...PLAIN, lockdep: true };
const ALL = { hwTags: true, lockdep: true, slabObjExt: true };
const UNKNOWN = 'unknown';

const cases = [
  // 5.10, include/linux/gfp.h
  [5, 10, PLAIN, 0x200, GFP_ATOMIC_BIT],
  [5, 10, LOCKDEP, 0x800000, GFP_NOLOCKDEP],
  [5, 10, PLAIN, 0x800000, UNKNOWN],
  [5, 13, HW, 0x1000000, UNKNOWN],
  // 5.14..5.17: in every build
  [5, 14, PLAIN, 0x800000, GFP_ZEROTAGS],
  [5, 15, PLAIN, 0x1000000, GFP_SKIP_KASAN_POISON],
  [5, 17, LOCKDEP, 0x2000000, GFP_NOLOCKDEP],
  // 5.18..6.3: only in HW_TAGS builds, and NOLOCKDEP does not move
  [5, 18, HW, 0x1000000, GFP_SKIP_ZERO],
  [6, 1, HW, 0x2000000, GFP_SKIP_KASAN],
  [6, 1, HW, 0x4000000, GFP_SKIP_KASAN_POISON],
  [6, 1, LOCKDEP, 0x8000000, GFP_NOLOCKDEP],
  [6, 1, LOCKDEP, 0x1000000, UNKNOWN],
  [6, 2, PLAIN, 0x200, GFP_ATOMIC_BIT],
  [6, 3, PLAIN, 0x200, UNKNOWN],
  [6, 3, HW, 0x4000000, GFP_SKIP_KASAN_POISON],
  // 6.4..6.9: one SKIP_KASAN, NOLOCKDEP still at a fixed place
  [6, 4, HW, 0x2000000, GFP_SKIP_KASAN],
  [6, 6, LOCKDEP, 0x4000000, GFP_NOLOCKDEP],
  [6, 9, LOCKDEP, 0x1000000, UNKNOWN],
  // 6.10..7.2: dense, NO_OBJ_EXT last
  [6, 12, LOCKDEP, 0x1000000, GFP_NOLOCKDEP],
  [6, 12, ALL, 0x4000000, GFP_NOLOCKDEP],
  [6, 12, ALL, 0x8000000, GFP_NO_OBJ_EXT],
  [6, 18, { ...PLAIN, slabObjExt: true }, 0x1000000, GFP_NO_OBJ_EXT],
  // 7.3, include/linux/gfp_types.h
  [7, 3, LOCKDEP, 0x1000000, GFP_NOLOCKDEP],
  [7, 3, HW, 0x1000000, GFP_SKIP_ZERO],
  [7, 3, HW, 0x2000000, GFP_SKIP_KASAN],
  [7, 3, ALL, 0x4000000, GFP_NOLOCKDEP],
  [7, 3, ALL, 0x8000000, UNKNOWN],
  // Outside the known range: the nearest
  [4, 19, LOCKDEP, 0x800000, GFP_NOLOCKDEP],
  [8, 0, HW, 0x2000000, GFP_SKIP_KASAN],
] as const;

test.each(cases)('%d.%d %o: the bit %i', (major, minor, config, value, expected) => {
  const { flags, unknownBits } = decodeGfpNumber(value, gfpNumbering({ major, minor }, config));
  expect([flags, unknownBits]).toEqual(expected === UNKNOWN ? [0, value] : [expected, 0]);
});

test('the same number has four meanings', () => {
  const meaning = (major: number, minor: number, config: typeof PLAIN): number =>
    decodeGfpNumber(0x1000000, gfpNumbering({ major, minor }, config)).flags;
  expect([
    meaning(5, 15, PLAIN),
    meaning(6, 1, HW),
    meaning(6, 12, LOCKDEP),
    meaning(6, 18, { ...PLAIN, slabObjExt: true }),
  ]).toEqual([GFP_SKIP_KASAN_POISON, GFP_SKIP_ZERO, GFP_NOLOCKDEP, GFP_NO_OBJ_EXT]);
});

test('a numbering has 32 entries and no flag twice', () => {
  const { bits } = gfpNumbering({ major: 6, minor: 12 }, ALL);
  expect(bits.length).toBe(32);
  const flags = bits.filter((flag) => flag !== 0);
  expect(new Set(flags).size).toBe(flags.length);
});
