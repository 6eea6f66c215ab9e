import { expect, test } from 'vitest';
import { didYouMean, meantName } from './did-you-mean.ts';

const CLASSES = ['kernel-stack', 'page-table', 'pipe', 'user-anon'];

test.each([
  ['pagetable', 'page-table'],
  ['page_table', 'page-table'],
  ['Page-Table', 'page-table'],
  ['pip', 'pipe'],
  ['kernel', 'kernel-stack'],
])('%s was meant to be %s', (word, name) => {
  expect(meantName(word, CLASSES)).toBe(name);
  expect(didYouMean(word, CLASSES)).toBe(`Did you mean ${name}? `);
});

test.each(['', 'x', 'everything', 'vmalloc'])('%j is like none of the names', (word) => {
  expect(didYouMean(word, CLASSES)).toBe('');
});

test('of no names none is meant', () => {
  expect(meantName('a', [])).toBeUndefined();
});
