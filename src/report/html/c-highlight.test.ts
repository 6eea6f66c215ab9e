import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { highlightC } from './c-highlight.ts';

const textOf = (lines: readonly string[]): string[] =>
  highlightC(lines).map((parts) => parts.map(({ text }) => text).join(''));

describe('lines of C in colours', () => {
  test('keywords, types, strings, directives and comments', () => {
    const styles = highlightC(['#ifdef CONFIG_X', 'static int f(void) { return g("x"); } /* why */']).flatMap((parts) =>
      parts.filter(({ style }) => style !== undefined).map(({ text, style }) => `${style}: ${text.trim()}`),
    );
    for (const each of ['directive: #ifdef', 'keyword: static', 'keyword: return', 'string: "x"', 'comment: /* why */'])
      expect(styles).toContain(each);
  });

  test('a hunk that begins inside of a comment', () => {
    const [first, , third] = highlightC([' * a while of return', ' */', 'return 0;']);
    expect(first).toEqual([{ text: ' * a while of return', style: 'comment' }]);
    expect(third[0]).toEqual({ text: 'return', style: 'keyword' });
  });

  test('whatever it is, nothing is added and nothing is lost', () => {
    const line = fc.string({
      unit: fc.constantFrom('/', '*', '"', "'", '#', '\\', '{', '}', '(', ' ', 'if', 'a', '\t', '<', '0x'),
    });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), (lines) => {
        expect(textOf(lines)).toEqual(lines);
      }),
      { seed: 12, numRuns: 500 },
    );
  });

  test.each(['(', '{', 'if (x) ', '#if 1\n', 'a ? ', '*', '"'])('as much of %j as a hunk can have', (piece) => {
    const lines = piece.repeat(Math.ceil(120_000 / piece.length)).split('\n');
    expect(textOf(lines)).toEqual(lines);
    const fewer = piece.repeat(Math.ceil(90_000 / piece.length)).split('\n');
    expect(textOf(fewer)).toEqual(fewer);
  });
});
