import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyGlob, glob } from './glob.ts';

describe('a pattern', () => {
  test.each([
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['*', '', true],
    ['a*', 'a', true],
    ['*a', 'ba', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'acb', false],
    ['**', 'x', true],
    // The last part must be the end, not only somewhere behind.
    ['*ab', 'abab', true],
    ['*ab*ab', 'ab', false],
    ['a.c', 'abc', false],
    ['a\n*', 'a\nb\nc', true],
  ])('%j and %j: %s', (pattern, name, expected) => {
    expect(glob(pattern)(name)).toBe(expected);
  });

  test('agrees with the expression that it stands for', () => {
    const letters = fc.constantFrom('a', 'b', '*');
    const text = (of: fc.Arbitrary<string>) => fc.array(of, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text(letters), text(fc.constantFrom('a', 'b')), (pattern, name) => {
        expect(glob(pattern)(name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
      }),
      { numRuns: 2000 },
    );
  });

  // Trying every way to spread 100,000 characters over 51 stars would not end.
  test('many stars and a long name', () => {
    expect(glob(`${'*a'.repeat(50)}*b`)('a'.repeat(100_000))).toBe(false);
  });

  test('one of several', () => {
    expect(anyGlob(['x*', '*y'])('ay')).toBe(true);
    expect(anyGlob([])('ay')).toBe(false);
  });
});
