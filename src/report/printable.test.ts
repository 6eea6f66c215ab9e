import { expect, test } from 'vitest';
import { cellText, printable, shortenMiddle } from './printable.ts';

test('escape sequences and other control characters do not reach the terminal', () => {
  expect(printable('a\x1b[31mred\x9b0m\r\n\u202ex\u0301', true)).toBe('a?[31mred?0m???x?');
});

test('without unicode nothing but ASCII is printed', () => {
  expect(printable('a…b → ü', false)).toBe('a...b -> ?');
});

test('characters of unknown width do not stand in tables', () => {
  expect(cellText('漢字ü', true)).toBe('??ü');
});

test('names are shortened in the middle', () => {
  expect(shortenMiddle('__tlb_remove_folio_pages_size', 11, true)).toBe('__tlb…_size');
  expect(shortenMiddle('__tlb_remove_folio_pages_size', 10, false)).toBe('__tlb~size');
  expect(shortenMiddle('short', 5, true)).toBe('short');
});
