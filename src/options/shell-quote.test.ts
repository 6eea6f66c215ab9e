import { expect, test } from 'vitest';
import { shellCommand, shellQuote } from './shell-quote.ts';

test('quotes are quoted, and so is what is empty', () => {
  expect(shellQuote("it's")).toBe("'it'\\''s'");
  expect(shellQuote('')).toBe("''");
  expect(shellCommand(['a b', '$c', 'd/e.f'])).toBe("'a b' '$c' d/e.f");
});
