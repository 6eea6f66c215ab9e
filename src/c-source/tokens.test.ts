import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanSource } from './tokens.ts';

const scan = (text: string) => scanSource({ firstLine: 10, lines: text.split('\n') });
const words = (text: string): readonly string[] => scan(text).tokens.map((token) => token.text);

describe('C taken apart', () => {
  test('operators of several characters are one token', () => {
    expect(words('a->b |= c<<2 && !d;')).toEqual(['a', '->', 'b', '|=', 'c', '<<', '2', '&&', '!', 'd', ';']);
  });

  test('comments are no code, and keep their lines', () => {
    const { tokens, comments } = scan('int a; /* one */ int b; // two\n/**\n * f() - does\n * things\n */\nint c;');
    expect(tokens.map(({ text }) => text)).toEqual(['int', 'a', ';', 'int', 'b', ';', 'int', 'c', ';']);
    expect(comments).toEqual([
      { firstLine: 10, lastLine: 10, text: 'one', isKernelDoc: false },
      { firstLine: 10, lastLine: 10, text: 'two', isKernelDoc: false },
      { firstLine: 11, lastLine: 14, text: 'f() - does things', isKernelDoc: true },
    ]);
    expect(tokens.at(-1)?.line).toBe(15);
  });

  test('a hunk that begins inside a comment begins with a comment', () => {
    const { tokens, comments } = scan(' * makes KASAN skip\n * kasan_poison()\n */\nint a;');
    expect(comments.map(({ text, firstLine, lastLine }) => [text, firstLine, lastLine])).toEqual([
      ['makes KASAN skip kasan_poison()', 10, 12],
    ]);
    expect(tokens.map(({ text }) => text)).toEqual(['int', 'a', ';']);
  });

  test('a hunk that ends inside a comment ends with it', () => {
    const { tokens, comments } = scan('int a;\n/*\n * to be');
    expect(tokens.map(({ text }) => text)).toEqual(['int', 'a', ';']);
    expect(comments.map(({ text }) => text)).toEqual(['to be']);
  });

  test('a hunk that begins inside a macro begins with what goes on', () => {
    const { tokens, directives } = scan('\t\tA |\\\n\t\tB)\nint c;');
    expect(
      directives.map(({ keyword, line, lastLine, tokens: of }) => [
        keyword,
        line,
        lastLine,
        of.map(({ text }) => text),
      ]),
    ).toEqual([['continued', 10, 11, ['A', '|', 'B', ')']]]);
    expect(tokens.map(({ text }) => text)).toEqual(['int', 'c', ';']);
  });

  test('marks of comments inside strings are text', () => {
    expect(words('a("/* no */", \'"\', b);')).toEqual(['a', '(', '"/* no */"', ',', "'\"'", ',', 'b', ')', ';']);
  });

  test('a directive has its continuations', () => {
    const { tokens, directives } = scan('#define F(x) \\\n\tg(x) \\\n\t/* c */\nint a;');
    expect(directives).toEqual([
      {
        line: 10,
        lastLine: 12,
        keyword: 'define',
        tokens: ['F', '(', 'x', ')', 'g', '(', 'x', ')'].map((text): unknown => expect.objectContaining({ text })),
      },
    ]);
    expect(tokens.map(({ text }) => text)).toEqual(['int', 'a', ';']);
  });

  test('whatever the text, every line is within the fragment and nothing is thrown', () => {
    const piece = fc.constantFrom(
      '/*',
      '*/',
      '//',
      '"',
      "'",
      '\\',
      '\n',
      '#define ',
      '(',
      ')',
      '{',
      '}',
      'a',
      ' ',
      '*',
      '0x1',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const text = pieces.join('');
        const { tokens, comments, directives } = scan(text);
        const last = 9 + text.split('\n').length;
        for (const { line } of tokens) expect(line >= 10 && line <= last).toBe(true);
        for (const { firstLine, lastLine } of comments)
          expect(firstLine >= 10 && firstLine <= lastLine && lastLine <= last).toBe(true);
        for (const { line } of directives) expect(line >= 10 && line <= last).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
