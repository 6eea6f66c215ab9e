import { expect, test } from 'vitest';
import { eraOf, isAtLeast } from './kernel-version.ts';

test('versions compare by number, not as text', () => {
  expect(isAtLeast({ major: 6, minor: 12 }, { major: 6, minor: 9 })).toBe(true);
  expect(isAtLeast({ major: 5, minor: 19 }, { major: 6, minor: 0 })).toBe(false);
  expect(isAtLeast({ major: 7, minor: 0 }, { major: 6, minor: 18 })).toBe(true);
  expect(isAtLeast({ major: 6, minor: 4 }, { major: 6, minor: 4 })).toBe(true);
});

test('an era holds from its version on; older versions get the first', () => {
  const first = { since: { major: 5, minor: 10 } };
  const second = { since: { major: 6, minor: 4 } };
  expect(eraOf([first, second], { major: 4, minor: 19 })).toBe(first);
  expect(eraOf([first, second], { major: 6, minor: 3 })).toBe(first);
  expect(eraOf([first, second], { major: 6, minor: 4 })).toBe(second);
  expect(eraOf([first, second], { major: 9, minor: 0 })).toBe(second);
});
