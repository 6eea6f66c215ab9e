// Every gfp_flags text of real recordings, and the tables of names in real print formats.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gfpContext } from './context.ts';
import { formatGfp } from './format.ts';
import { GFP_SKIP_KASAN, gfpHasAny } from './flags.ts';
import { decodeGfpNumber, parseGfpNames } from './parse.ts';

const ARM64_73 = gfpContext({ major: 7, minor: 3 }, { hwTags: true, lockdep: false, slabObjExt: false });
const X86_618 = gfpContext({ major: 6, minor: 18 }, { hwTags: false, lockdep: false, slabObjExt: true });

const ARM64_73_TEXTS = [
  'GFP_ATOMIC',
  'GFP_ATOMIC|__GFP_NOWARN',
  'GFP_ATOMIC|__GFP_RECLAIMABLE|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC',
  'GFP_HIGHUSER_MOVABLE|__GFP_COMP',
  'GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP',
  'GFP_HIGHUSER|__GFP_ACCOUNT',
  'GFP_KERNEL',
  'GFP_KERNEL_ACCOUNT',
  'GFP_KERNEL_ACCOUNT|__GFP_NOWARN|__GFP_NOMEMALLOC',
  'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
  'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP',
  'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP|__GFP_SKIP_KASAN',
  'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_NOWARN',
  'GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC',
  'GFP_KERNEL|__GFP_ZERO',
  'GFP_KERNEL|__GFP_ZERO|__GFP_COMP',
  'GFP_KERNEL|__GFP_ZERO|__GFP_COMP|__GFP_SKIP_KASAN',
  'GFP_NOWAIT',
  'GFP_NOWAIT|__GFP_ACCOUNT',
  'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO|__GFP_SKIP_KASAN',
  'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO|__GFP_SKIP_ZERO|__GFP_SKIP_KASAN',
  'GFP_NOWAIT|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC',
  '__GFP_IO|__GFP_FS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC',
  '__GFP_ZERO|__GFP_NOWARN',
];

const X86_618_TEXTS = [
  'GFP_ATOMIC',
  'GFP_ATOMIC|__GFP_NOWARN',
  'GFP_ATOMIC|__GFP_NOWARN|__GFP_NORETRY|__GFP_NOMEMALLOC',
  'GFP_HIGHUSER_MOVABLE|__GFP_COMP',
  'GFP_HIGHUSER_MOVABLE|__GFP_WRITE|__GFP_COMP',
  'GFP_HIGHUSER_MOVABLE|__GFP_WRITE|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP',
  'GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP',
  'GFP_KERNEL',
  'GFP_KERNEL_ACCOUNT',
  'GFP_KERNEL_ACCOUNT|__GFP_ZERO',
  'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP',
  'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_NOWARN',
  'GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP',
  'GFP_KERNEL|__GFP_ZERO',
  'GFP_KERNEL|__GFP_ZERO|__GFP_COMP',
  'GFP_NOFS',
  'GFP_NOFS|__GFP_HIGHMEM|__GFP_MOVABLE|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_HARDWALL',
  'GFP_NOFS|__GFP_ZERO',
  'GFP_NOFS|__GFP_ZERO|__GFP_NOFAIL',
  'GFP_NOFS|__GFP_ZERO|__GFP_NOFAIL|__GFP_ACCOUNT',
  'GFP_NOWAIT',
  'GFP_NOWAIT|__GFP_ACCOUNT',
  'GFP_NOWAIT|__GFP_FS|__GFP_NORETRY|__GFP_NOMEMALLOC',
  'GFP_NOWAIT|__GFP_NORETRY|__GFP_COMP',
  'GFP_NOWAIT|__GFP_NORETRY|__GFP_COMP|__GFP_THISNODE',
  'GFP_NOWAIT|__GFP_NORETRY|__GFP_NOMEMALLOC',
  'GFP_NOWAIT|__GFP_ZERO',
  '__GFP_IO|__GFP_FS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC',
];

test.each(ARM64_73_TEXTS)('7.3 arm64 HW_TAGS: %s', (text) => {
  const parse = parseGfpNames(text, ARM64_73);
  expect([parse.unknownNames, parse.unknownBits]).toEqual([[], 0]);
  expect(formatGfp(parse.flags, ARM64_73)).toBe(text);
});

test.each(X86_618_TEXTS)('6.18 x86: %s', (text) => {
  const parse = parseGfpNames(text, X86_618);
  expect([parse.unknownNames, parse.unknownBits]).toEqual([[], 0]);
  expect(gfpHasAny(parse.flags, GFP_SKIP_KASAN)).toBe(false);
  expect(formatGfp(parse.flags, X86_618)).toBe(text);
});

// The single flags that both print formats name alike, in their order and with their bits.
const SINGLES: readonly (readonly [number, string])[] = [
  [0x1, 'GFP_DMA'],
  [0x4, 'GFP_DMA32'],
  [0xc00, '__GFP_RECLAIM'],
  [0x1, '__GFP_DMA'],
  [0x2, '__GFP_HIGHMEM'],
  [0x4, '__GFP_DMA32'],
  [0x8, '__GFP_MOVABLE'],
  [0x10, '__GFP_RECLAIMABLE'],
  [0x20, '__GFP_HIGH'],
  [0x40, '__GFP_IO'],
  [0x80, '__GFP_FS'],
  [0x100, '__GFP_ZERO'],
  [0x400, '__GFP_DIRECT_RECLAIM'],
  [0x800, '__GFP_KSWAPD_RECLAIM'],
  [0x1000, '__GFP_WRITE'],
  [0x2000, '__GFP_NOWARN'],
  [0x4000, '__GFP_RETRY_MAYFAIL'],
  [0x8000, '__GFP_NOFAIL'],
  [0x10000, '__GFP_NORETRY'],
  [0x20000, '__GFP_MEMALLOC'],
  [0x40000, '__GFP_COMP'],
  [0x80000, '__GFP_NOMEMALLOC'],
  [0x100000, '__GFP_HARDWALL'],
  [0x200000, '__GFP_THISNODE'],
  [0x400000, '__GFP_ACCOUNT'],
  [0x800000, '__GFP_ZEROTAGS'],
];
const COMPOSITES: readonly (readonly [number, string])[] = [
  [0x100cc2, 'GFP_HIGHUSER'],
  [0x100cc0, 'GFP_USER'],
  [0x400cc0, 'GFP_KERNEL_ACCOUNT'],
  [0xcc0, 'GFP_KERNEL'],
  [0xc40, 'GFP_NOFS'],
  [0x820, 'GFP_ATOMIC'],
  [0xc00, 'GFP_NOIO'],
  [0x2800, 'GFP_NOWAIT'],
];
const ARM64_73_FORMAT: readonly (readonly [number, string])[] = [
  [0x21c24ca, 'GFP_TRANSHUGE'],
  [0x21c20ca, 'GFP_TRANSHUGE_LIGHT'],
  [0x2100cca, 'GFP_HIGHUSER_MOVABLE'],
  ...COMPOSITES,
  ...SINGLES,
  [0x1000000, '__GFP_SKIP_ZERO'],
  [0x2000000, '__GFP_SKIP_KASAN'],
];
const X86_618_FORMAT: readonly (readonly [number, string])[] = [
  [0x1c24ca, 'GFP_TRANSHUGE'],
  [0x1c20ca, 'GFP_TRANSHUGE_LIGHT'],
  [0x100cca, 'GFP_HIGHUSER_MOVABLE'],
  ...COMPOSITES,
  ...SINGLES,
  [0x1000000, '__GFP_NO_OBJ_EXT'],
];

/** What a tracing tool does with such a table. */
const printFlags = (mask: number, table: readonly (readonly [number, string])[]): string => {
  if (mask === 0) return 'none';
  const words: string[] = [];
  let left = mask;
  for (const [bits, name] of table) {
    if ((left & bits) >>> 0 !== bits) continue;
    words.push(name);
    left = (left & ~bits) >>> 0;
  }
  if (left !== 0) words.push(`0x${left.toString(16)}`);
  return words.join('|');
};

test.each([
  ['7.3 arm64 HW_TAGS', ARM64_73, ARM64_73_FORMAT],
  ['6.18 x86', X86_618, X86_618_FORMAT],
] as const)('any number prints as by the print format of %s', (_, context, format) => {
  const composite = fc.constantFrom(...format.map(([mask]) => mask));
  const mask = fc.tuple(
    composite,
    composite,
    fc.maxSafeNat().map((n) => n % 2 ** 32),
    fc.boolean(),
  );
  fc.assert(
    fc.property(mask, ([a, b, any, useAny]) => {
      const value = (a | b | (useAny ? any : 0)) >>> 0;
      const text = printFlags(value, format);
      const number = decodeGfpNumber(value, context.numbering);
      expect(formatGfp(number.flags, context, number.unknownBits)).toBe(text);
      expect(parseGfpNames(text, context)).toEqual(number);
    }),
    { numRuns: 1000 },
  );
});
