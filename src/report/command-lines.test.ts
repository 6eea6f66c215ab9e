import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandLines } from './command-lines.ts';

/** Words as a shell takes them. */
const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');

test('a command that fits is one line', () => {
  expect(commandLines('tagscope audit --policy series', 80, '    ')).toEqual(['    tagscope audit --policy series']);
});

test('a shell takes the lines for the same words; only the blanks of a claim may be line breaks', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'B', '7', ' ', "'", '>', '|', '$', '-', '"'), maxLength: 60 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), word, (words, claim) => {
      const command = quoted(['printf', '%s\\n==\\n', ...words]);
      const lines = commandLines(`${command} --claim ${quoted([claim])}`, 40, '  ');
      const { stdout } = spawnSync('sh', ['-c', lines.join('\n')], { encoding: 'utf8' });
      const taken = stdout.split('\n==\n').slice(0, -1);
      expect(taken.slice(0, -1)).toEqual([...words, '--claim']);
      const folded = (text: string): string => text.replace(/\s+/g, ' ').trim();
      expect(folded(taken[taken.length - 1])).toBe(folded(claim));
    }),
    { numRuns: 60 },
  );
});
