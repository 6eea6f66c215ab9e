import { expect, test } from 'vitest';
import { labelled, wrap } from './prose.ts';

test('lines break at blanks and are not longer than asked for', () => {
  expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
  expect(wrap('one two three', 8, '  ')).toEqual(['one two', '  three']);
});

test('a figure stays with its unit', () => {
  expect(wrap('it is 56.6 % of', 9)).toEqual(['it is', '56.6 % of']);
  expect(wrap('(56.6 %) of 4 sorts', 14)).toEqual(['(56.6 %) of 4', 'sorts']);
});

test('a word that is too long is broken, or kept whole', () => {
  expect(wrap('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl']);
  expect(wrap('abcdefghij kl', 4, '', 'keep')).toEqual(['abcdefghij', 'kl']);
});

test('a label stands before the first line only', () => {
  expect(labelled('To', 5, 'one two', 9)).toEqual(['To   one', '     two']);
});
