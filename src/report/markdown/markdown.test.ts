import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { code, commandBlock, heading, list, MARKDOWN_WIDTH, paragraph } from './markdown.ts';
import { pipeTable } from './pipe-table.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.stringMatching(/^[-\w|`*_<>[\]\\# .;/]{0,200}$/),
);
const fits = (lines: readonly string[]): void => {
  for (const line of lines) {
    expect(line).toMatch(/^[\x20-\x7e]*$/);
    expect(line.length).toBeLessThanOrEqual(MARKDOWN_WIDTH);
  }
};

test('whatever the names are: 72 columns of ASCII', () => {
  fc.assert(
    fc.property(anyText, anyText, (a, b) => {
      fits(paragraph(a));
      fits(list([a, b]));
      fits(heading(2, a));
      fits(commandBlock(`tagscope report ${a}`));
      fits(
        pipeTable(
          [a, b],
          [
            [
              { title: 'call site', kind: 'name', cell: (row) => row, shrinkTo: 12 },
              { title: 'instructions', kind: 'figure', cell: () => '123,456,789' },
            ],
          ],
        ),
      );
    }),
  );
});

describe('what a name could be taken for', () => {
  test.each([
    ['a *b* `c` [d](e) <script>', 'a \\*b\\* \\`c\\` \\[d\\](e) \\<script\\>'],
    ['# a', '\\# a'],
    ['- a', '\\- a'],
    ['1. a', '\\1. a'],
    ['59.9 % of all', '59.9 % of all'],
    ['the flag __GFP_SKIP_KASAN', 'the flag __GFP_SKIP_KASAN'],
    ['__a__', '\\_\\_a\\_\\_'],
  ])('%s', (text, markdown) => {
    expect(paragraph(text)).toEqual([markdown]);
  });

  test('a bar in a table, a backtick in code', () => {
    expect(code('GFP_KERNEL|__GFP_ZERO')).toBe('`GFP_KERNEL\\|__GFP_ZERO`');
    expect(code('a`b')).toBe("`a'b`");
    expect(code('')).toBe('`-`');
  });
});

test('columns are aligned, names on the left and figures on the right', () => {
  const lines = pipeTable(
    [
      { name: '__pte_alloc', figure: '53,332' },
      { name: 'pgd_alloc', figure: '7' },
    ],
    [
      [
        { title: 'call site', kind: 'name', cell: ({ name }) => name },
        { title: 'count', kind: 'figure', cell: ({ figure }) => figure },
      ],
    ],
  );
  expect(lines).toEqual([
    '| call site     |  count |',
    '|:--------------|-------:|',
    '| `__pte_alloc` | 53,332 |',
    '| `pgd_alloc`   |      7 |',
  ]);
});

/** A word as a shell takes it: bare if it may be, else in quotes. */
const shellQuote = (word: string): string => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

test('a command that was broken into lines is the same command to a shell', () => {
  const word = fc.stringMatching(/^[\x20-\x7e]{1,120}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const lines = commandBlock(`printf '%s\\n' ${words.map(shellQuote).join(' ')}`).map((line) => line.slice(4));
      const { stdout } = spawnSync('sh', ['-c', lines.join('\n')], { encoding: 'utf8' });
      expect(stdout).toBe(words.map((each) => `${each}\n`).join(''));
    }),
    { numRuns: 60 },
  );
});
