import { expect, test } from 'vitest';
import { checkCommand, diffCommand, reportCommand } from './command-line.ts';
import { shellQuote } from './shell-quote.ts';

test('a plain report is a plain command', () => {
  expect(reportCommand(['a.trace'], { color: true })).toBe('tagscope report a.trace');
  expect(reportCommand(['-'], { color: false, json: true, output: 'x', force: true, quiet: true })).toBe(
    'tagscope report -',
  );
});

test('defaults that are given are left out, and what a shell would take apart is quoted', () => {
  expect(
    reportCommand(['my trace'], {
      color: true,
      policy: 'as-recorded',
      kernel: '7.3',
      cpu: 'max',
      cmdline: 'kasan.page_alloc.sample=10 init_on_alloc=1',
      top: '20',
      strict: true,
    }),
  ).toBe(
    "tagscope report 'my trace' --kernel 7.3 --cpu max --cmdline 'kasan.page_alloc.sample=10 init_on_alloc=1' --strict --top 20",
  );
});

test('what only lays tables out is part of the command lines that lay them out', () => {
  const raw = { color: true, by: 'comm', top: '3', since: '1' } as const;
  expect(reportCommand(['a'], raw)).toBe('tagscope report a --since 1 --by comm --top 3');
  expect(checkCommand('a', { ...raw, budget: ['losses<=0'] })).toBe("tagscope check a --budget 'losses<=0' --since 1");
});

test('a file that looks like an option does not become one', () => {
  expect(diffCommand(['-x', 'b'], ['--policy', 'series'], { color: true })).toBe(
    'tagscope diff ./-x b --policy series',
  );
});

test('quotes are quoted', () => {
  expect(shellQuote("it's")).toBe("'it'\\''s'");
  expect(shellQuote('')).toBe("''");
});
