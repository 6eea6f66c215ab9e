import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gfpContext } from './context.ts';
import { GFP_FLAGS, GFP_SKIP_KASAN, gfp, gfpWithout } from './flags.ts';
import { parseGfpNames } from './parse.ts';
import { restoreUserSkip } from './user-memory.ts';

const PLAIN = { hwTags: false, lockdep: false, slabObjExt: false };
const X86_618 = gfpContext({ major: 6, minor: 18 }, PLAIN);
const ARM64_618 = gfpContext({ major: 6, minor: 18 }, { ...PLAIN, hwTags: true });
const restored = (text: string): boolean => {
  const { flags } = parseGfpNames(text, X86_618);
  return restoreUserSkip(flags) !== flags;
};

test.each([
  'GFP_HIGHUSER_MOVABLE',
  'GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP',
  'GFP_TRANSHUGE',
  'GFP_TRANSHUGE_LIGHT',
])('%s gets what a HW_TAGS build has (include/linux/gfp_types.h)', (text) => {
  expect(restoreUserSkip(parseGfpNames(text, X86_618).flags)).toBe(parseGfpNames(text, ARM64_618).flags);
});

test('a mapping mask without FS still stems from GFP_HIGHUSER_MOVABLE (recorded on 6.18)', () => {
  expect(restored('GFP_NOFS|__GFP_HIGHMEM|__GFP_MOVABLE|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_HARDWALL')).toBe(
    true,
  );
});

test('a THP mask with other reclaim bits does too', () => {
  expect(restored('GFP_TRANSHUGE_LIGHT|__GFP_KSWAPD_RECLAIM')).toBe(true);
});

test.each([
  ['pipe buffer', 'GFP_HIGHUSER|__GFP_ACCOUNT'],
  ['zsmalloc', 'GFP_NOIO|__GFP_HIGHMEM|__GFP_MOVABLE|__GFP_NOWARN'],
  ['GFP_USER', 'GFP_USER'],
  ['movable lowmem', 'GFP_USER|__GFP_MOVABLE'],
  ['kernel stack', 'GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO'],
  ['user page table', 'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP'],
])('%s stays as it is', (_, text) => {
  expect(restored(text)).toBe(false);
});

test('only SKIP_KASAN is ever added, and a second time changes nothing', () => {
  fc.assert(
    fc.property(fc.nat(2 ** GFP_FLAGS.length - 1), (bits) => {
      const once = restoreUserSkip(gfp(bits));
      expect(restoreUserSkip(once)).toBe(once);
      expect(gfpWithout(once, GFP_SKIP_KASAN)).toBe(gfpWithout(gfp(bits), GFP_SKIP_KASAN));
    }),
  );
});
