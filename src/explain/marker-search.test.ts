import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MarkerSearch } from './marker-search.ts';

const MARKERS = ['abca', 'bcab', 'aabbc'];
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What a search for each alone says. */
const firstOf = (text: string, from: number, end: number): number => {
  const found = MARKERS.map((marker) => text.slice(0, end).indexOf(marker, from)).filter((at) => at >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
};

test('finds what a search for each text alone finds first', () => {
  const search = new MarkerSearch(MARKERS);
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), maxLength: 60 });
  fc.assert(
    fc.property(texts, fc.nat(10), fc.nat(10), (text, from, less) => {
      const end = Math.max(0, text.length - less);
      expect(search.first(bytesOf(text), from, end)).toBe(firstOf(text, from, end));
    }),
  );
});

test('a range that is shorter than the texts has none', () => {
  expect(new MarkerSearch(MARKERS).first(bytesOf('abca'), 1, 4)).toBe(-1);
  expect(new MarkerSearch(MARKERS).first(bytesOf(''), 0, 0)).toBe(-1);
});
