import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gfpContext } from './context.ts';
import { GFP_FLAGS, GFP_HARDWALL, GFP_KSWAPD_RECLAIM, GFP_NOWARN, gfp, gfpUnion } from './flags.ts';
import { formatGfp } from './format.ts';
import { decodeGfpNumber, parseGfpNames } from './parse.ts';

const PLAIN = { hwTags: false, lockdep: false, slabObjExt: false };
const HW_73 = gfpContext({ major: 7, minor: 3 }, { ...PLAIN, hwTags: true });
const PLAIN_73 = gfpContext({ major: 7, minor: 3 }, PLAIN);

const print = (value: number, context: typeof HW_73): string => {
  const { flags, unknownBits } = decodeGfpNumber(value, context.numbering);
  return formatGfp(flags, context, unknownBits);
};

// Masks without HARDWALL as computed from 7.3's definitions: name, number and text without HW_TAGS, then with.
const MASKS = [
  ['GFP_KERNEL', 0xcc0, 'GFP_KERNEL', 0xcc0, 'GFP_KERNEL'],
  ['GFP_USER', 0x100cc0, 'GFP_USER', 0x100cc0, 'GFP_USER'],
  ['GFP_HIGHUSER', 0x100cc2, 'GFP_HIGHUSER', 0x100cc2, 'GFP_HIGHUSER'],
  ['GFP_HIGHUSER_MOVABLE', 0x100cca, 'GFP_HIGHUSER_MOVABLE', 0x2100cca, 'GFP_HIGHUSER_MOVABLE'],
  [
    'kernel page table that is not tagged',
    0xdc0,
    'GFP_KERNEL|__GFP_ZERO',
    0x2000dc0,
    'GFP_KERNEL|__GFP_ZERO|__GFP_SKIP_KASAN',
  ],
  ['kernel page table that is tagged', 0xdc0, 'GFP_KERNEL|__GFP_ZERO', 0xdc0, 'GFP_KERNEL|__GFP_ZERO'],
  [
    'user page table',
    0x400dc0,
    'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
    0x2400dc0,
    'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_SKIP_KASAN',
  ],
  [
    'user page table as in the event',
    0x440dc0,
    'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP',
    0x2440dc0,
    'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP|__GFP_SKIP_KASAN',
  ],
  [
    'fresh stack, attempt at order 2, not tagged',
    0x29c2,
    'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO',
    0x20029c2,
    'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO|__GFP_SKIP_KASAN',
  ],
  [
    'fresh stack, attempt at order 2, tagged by vmalloc',
    0x29c2,
    'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO',
    0x30029c2,
    'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO|__GFP_SKIP_ZERO|__GFP_SKIP_KASAN',
  ],
  [
    'vmalloc, one page',
    0x2cc2,
    'GFP_KERNEL|__GFP_HIGHMEM|__GFP_NOWARN',
    0x3002cc2,
    'GFP_KERNEL|__GFP_HIGHMEM|__GFP_NOWARN|__GFP_SKIP_ZERO|__GFP_SKIP_KASAN',
  ],
  [
    'vmalloc, large attempt',
    0x28c2,
    'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS',
    0x30028c2,
    'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_SKIP_ZERO|__GFP_SKIP_KASAN',
  ],
] as const;

test.each(MASKS)('%s of 7.3', (_, plain, plainText, hwTags, hwTagsText) => {
  expect(print(plain, PLAIN_73)).toBe(plainText);
  expect(print(hwTags, HW_73)).toBe(hwTagsText);
  expect(parseGfpNames(plainText, PLAIN_73)).toEqual(decodeGfpNumber(plain, PLAIN_73.numbering));
  expect(parseGfpNames(hwTagsText, HW_73)).toEqual(decodeGfpNumber(hwTags, HW_73.numbering));
  // Without the two bits that only HW_TAGS builds have, both builds mean the same.
  expect(decodeGfpNumber(hwTags & 0xffffff, HW_73.numbering)).toEqual(decodeGfpNumber(plain, PLAIN_73.numbering));
});

test('with cpusets, HARDWALL turns GFP_KERNEL into GFP_USER', () => {
  const withHardwall = (text: string): string =>
    formatGfp(gfpUnion(parseGfpNames(text, HW_73).flags, GFP_HARDWALL), HW_73);
  expect(withHardwall('GFP_KERNEL')).toBe('GFP_USER');
  expect(withHardwall('GFP_KERNEL_ACCOUNT')).toBe('GFP_USER|__GFP_ACCOUNT');
});

test('a mask made of other flags can print as a composite', () => {
  expect(formatGfp(gfpUnion(GFP_KSWAPD_RECLAIM, GFP_NOWARN), HW_73)).toBe('GFP_NOWAIT');
});

test('on a HW_TAGS build GFP_HIGHUSER_MOVABLE needs SKIP_KASAN to match', () => {
  expect(print(0x100cca, HW_73)).toBe('GFP_HIGHUSER|__GFP_MOVABLE');
});

test('nothing is "none"', () => {
  expect(formatGfp(gfp(0), HW_73)).toBe('none');
});

test('kernels before 6.15 have no name for NOLOCKDEP, and their own order (mmflags.h of 6.1)', () => {
  const lockdep = { ...PLAIN, lockdep: true };
  const text = 'GFP_NOFS|__GFP_COMP|__GFP_ZERO|__GFP_MOVABLE|0x8000000';
  const context = gfpContext({ major: 6, minor: 1 }, lockdep);
  expect(formatGfp(parseGfpNames(text, context).flags, context)).toBe(text);
  expect(formatGfp(parseGfpNames(text, context).flags, gfpContext({ major: 6, minor: 18 }, lockdep))).toBe(
    'GFP_NOFS|__GFP_MOVABLE|__GFP_ZERO|__GFP_COMP|__GFP_NOLOCKDEP',
  );
});

test('6.1 with HW_TAGS names POISON before UNPOISON (mmflags.h)', () => {
  const context = gfpContext({ major: 6, minor: 1 }, { ...PLAIN, hwTags: true });
  expect(print(0x7800dc0, context)).toBe(
    'GFP_KERNEL|__GFP_ZERO|__GFP_ZEROTAGS|__GFP_SKIP_ZERO|__GFP_SKIP_KASAN_POISON|__GFP_SKIP_KASAN_UNPOISON',
  );
  expect(print(0x6100cca, context)).toBe('GFP_HIGHUSER_MOVABLE');
});

test('5.10 and 5.15 (mmflags.h)', () => {
  const v510 = gfpContext({ major: 5, minor: 10 }, PLAIN);
  expect(print(0xa20, v510)).toBe('GFP_ATOMIC');
  expect(print(0x820, v510)).toBe('GFP_NOWAIT|__GFP_HIGH');
  expect(print(0x5, v510)).toBe('GFP_DMA|GFP_DMA32');
  const v515 = gfpContext({ major: 5, minor: 15 }, PLAIN);
  expect(print(0x1100cca, v515)).toBe('GFP_HIGHUSER_MOVABLE');
  expect(print(0x1800cc0, v515)).toBe('GFP_KERNEL|__GFP_ZEROTAGS|__GFP_SKIP_KASAN_POISON');
});

const context = fc
  .record({
    version: fc.constantFrom(
      ...[10, 13, 14, 17, 18, 19].map((minor) => ({ major: 5, minor })),
      ...[0, 1, 2, 3, 4, 6, 7, 9, 10, 12, 14, 15, 18].map((minor) => ({ major: 6, minor })),
      ...[0, 2, 3, 4].map((minor) => ({ major: 7, minor })),
    ),
    config: fc.record({ hwTags: fc.boolean(), lockdep: fc.boolean(), slabObjExt: fc.boolean() }),
  })
  .map(({ version, config }) => gfpContext(version, config));

test('a number survives text, and the text survives reading', () => {
  fc.assert(
    fc.property(context, fc.maxSafeNat(), (kernel, any) => {
      const number = decodeGfpNumber(any % 2 ** 32, kernel.numbering);
      const text = formatGfp(number.flags, kernel, number.unknownBits);
      const parse = parseGfpNames(text, kernel);
      expect(parse).toEqual(number);
      expect(formatGfp(parse.flags, kernel, parse.unknownBits)).toBe(text);
    }),
    { numRuns: 1000 },
  );
});

test('any canonical set survives the text of any kernel', () => {
  fc.assert(
    fc.property(context, fc.nat(2 ** GFP_FLAGS.length - 1), (kernel, bits) => {
      const flags = gfp(bits);
      expect(parseGfpNames(formatGfp(flags, kernel), kernel)).toEqual({ flags, unknownNames: [], unknownBits: 0 });
    }),
    { numRuns: 1000 },
  );
});
