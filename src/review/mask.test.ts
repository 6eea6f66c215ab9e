import { describe, expect, test } from 'vitest';
import { scanSource } from '../c-source/tokens.ts';
import { maskNames } from './kernel-facts.ts';
import { gainedFlags, maskOf } from './mask.ts';

const names = maskNames('before-series');
const value = (text: string) => {
  const { flags, without, rest, only } = maskOf(scanSource({ firstLine: 1, lines: [text] }).tokens, names);
  return {
    flags: [...flags].toSorted(),
    without: [...without],
    rest: [...rest],
    ...(only === undefined ? {} : { only: [...only].toSorted() }),
  };
};

// include/linux/gfp_types.h, 7.3.
const KERNEL = ['__GFP_DIRECT_RECLAIM', '__GFP_FS', '__GFP_IO', '__GFP_KSWAPD_RECLAIM'];

describe('the value of a mask', () => {
  test('is that of its flags, however they are named', () => {
    expect(value('GFP_KERNEL | __GFP_ZERO')).toEqual({ flags: [...KERNEL, '__GFP_ZERO'], without: [], rest: [] });
    expect(value('((__force gfp_t)(__GFP_RECLAIM | __GFP_IO | __GFP_FS))').flags).toEqual(KERNEL);
  });

  test('has the parts that are not known', () => {
    expect(value('gfp_mask | __GFP_ZERO')).toEqual({ flags: ['__GFP_ZERO'], without: [], rest: ['gfp_mask'] });
    expect(value('mc->gfp | get_gfp(x, y)').rest).toEqual(['mc->gfp', 'get_gfp()']);
  });

  test('does not have what is taken out', () => {
    expect(value('gfp_mask & ~__GFP_SKIP_KASAN')).toEqual({
      flags: [],
      without: ['__GFP_SKIP_KASAN'],
      rest: ['gfp_mask'],
    });
    expect(value('(GFP_KERNEL | __GFP_ZERO) & ~__GFP_ZERO').flags).toEqual(KERNEL);
    expect(value('(gfp & ~__GFP_ZERO) | __GFP_ZERO')).toEqual({ flags: ['__GFP_ZERO'], without: [], rest: ['gfp'] });
  });

  test('of a list that lets some flags through has no more than these', () => {
    expect(value('(gfp & GFP_CONSTRAINT_MASK) | __GFP_ZERO')).toEqual({
      flags: ['__GFP_ZERO'],
      without: [],
      rest: ['gfp'],
      only: ['__GFP_HARDWALL', '__GFP_THISNODE'],
    });
  });

  test('of a choice is either', () => {
    expect(value('skip ? gfp | __GFP_SKIP_KASAN : gfp').flags).toEqual(['__GFP_SKIP_KASAN']);
  });

  test('changes by what one has and the other has not', () => {
    const mask = (text: string) => maskOf(scanSource({ firstLine: 1, lines: [text] }).tokens, names);
    expect(gainedFlags(mask('GFP_KERNEL'), mask('GFP_KERNEL_ACCOUNT | __GFP_ZERO'))).toEqual([
      '__GFP_ACCOUNT',
      '__GFP_ZERO',
    ]);
  });

  test('of hostile nesting is read in bounded depth', () => {
    expect(() => value(`${'('.repeat(50_000)}GFP_KERNEL`)).not.toThrow();
    expect(() => value('a ? b : '.repeat(20_000))).not.toThrow();
    expect(() => value('~'.repeat(50_000))).not.toThrow();
  });
});
