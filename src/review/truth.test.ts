import { describe, expect, test } from 'vitest';
import { scanSource } from '../c-source/tokens.ts';
import { hwTagsReaches, isAboutKasanAlone, MODES, truthInMode } from './truth.ts';

const condition = (text: string, holds = true) => ({
  tokens: scanSource({ firstLine: 1, lines: [text] }).tokens,
  holds,
});
const modesOf = (text: string, holds = true): readonly string[] =>
  MODES.filter((mode) => truthInMode([condition(text, holds)], mode) === 'true');

describe('where a condition on KASAN holds', () => {
  // include/linux/kasan-enabled.h and lib/Kconfig.kasan, 7.3.
  test.each([
    ['kasan_enabled()', ['generic', 'sw-tags', 'hw-tags']],
    ['kasan_hw_tags_enabled()', ['hw-tags']],
    ['!kasan_hw_tags_enabled()', ['generic', 'sw-tags', 'hw-tags-off', 'none']],
    ['IS_ENABLED(CONFIG_KASAN_HW_TAGS)', ['hw-tags', 'hw-tags-off']],
    ['defined(CONFIG_KASAN_GENERIC) || defined(CONFIG_KASAN_SW_TAGS)', ['generic', 'sw-tags']],
    ['IS_ENABLED(CONFIG_KASAN) && !kasan_hw_tags_enabled()', ['generic', 'sw-tags', 'hw-tags-off']],
    ['!(kasan_enabled() && !IS_ENABLED(CONFIG_KASAN_GENERIC))', ['generic', 'hw-tags-off', 'none']],
    ['unlikely(kasan_enabled())', ['generic', 'sw-tags', 'hw-tags']],
  ])('%s', (text, modes) => {
    expect(modesOf(text)).toEqual(modes);
    expect(isAboutKasanAlone(condition(text))).toBe(true);
  });

  test('the side of else is the opposite', () => {
    expect(modesOf('kasan_enabled()', false)).toEqual(['hw-tags-off', 'none']);
  });

  test.each([
    'gfp & __GFP_ZERO',
    'kasan_enabled() && init',
    'skip',
    'kasan_enabled() == x',
    'foo(kasan_enabled())',
    '',
  ])('%s says more than the mode', (text) => {
    expect(isAboutKasanAlone(condition(text))).toBe(false);
  });
});

test('code behind another build or architecture is out of reach of HW_TAGS', () => {
  expect(hwTagsReaches([condition('defined(CONFIG_KASAN_GENERIC)')])).toBe(false);
  expect(hwTagsReaches([condition('defined(CONFIG_VMAP_STACK)', false)])).toBe(false);
  expect(hwTagsReaches([condition('defined(CONFIG_MEMCG)'), condition('x > 1')])).toBe(true);
});

test('hostile nesting is read in bounded depth', () => {
  expect(() => modesOf(`${'!('.repeat(50_000)}kasan_enabled()`)).not.toThrow();
});
