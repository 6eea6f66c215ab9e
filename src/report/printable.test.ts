import { expect, test } from 'vitest';
import { cellText, printable, shortenApart, shortenMiddle } from './printable.ts';

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

test('masks that differ stay different when they are shortened, and what differs is kept', () => {
  const common = 'GFP_KERNEL_ACCOUNT|__GFP_COMP|__GFP_NOWARN';
  const names = [`${common}|__GFP_ZERO|__GFP_NOMEMALLOC`, `${common}|__GFP_RECLAIMABLE|__GFP_NOMEMALLOC`];
  const short = shortenApart(names, 30, true);
  expect(new Set(short).size).toBe(2);
  expect(short[0]).toContain('__GFP_ZERO');
  expect(short[1]).toContain('__GFP_RECLAIM');
  for (const name of short) expect(name.length).toBeLessThanOrEqual(30);
});

test('names that are short, or differ at an end, are shortened as ever', () => {
  expect(shortenApart(['do_fork', 'copy_process'], 20, true)).toEqual(['do_fork', 'copy_process']);
  expect(shortenApart(['a_very_long_name_of_one', 'a_very_long_name_of_two'], 12, false)).toEqual([
    shortenMiddle('a_very_long_name_of_one', 12, false),
    shortenMiddle('a_very_long_name_of_two', 12, false),
  ]);
  // The same name twice is one name.
  expect(new Set(shortenApart(['x'.repeat(40), 'x'.repeat(40)], 10, true)).size).toBe(1);
});
