import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { isUnicode, styleFor, widthOf } from './terminal.ts';

const stream = (tty: object = {}) => Object.assign(new PassThrough(), tty);
const terminal = stream({ isTTY: true, columns: 132 });

test('a terminal has its own width; what is none has COLUMNS or 80', () => {
  expect(widthOf(terminal, { COLUMNS: '70' })).toBe(132);
  expect(widthOf(stream(), {})).toBe(80);
  expect(widthOf(stream(), { COLUMNS: '120' })).toBe(120);
  expect(widthOf(stream(), { COLUMNS: '20' })).toBe(60);
  expect(widthOf(stream(), { COLUMNS: 'many' })).toBe(80);
});

test('the first locale variable that is set decides', () => {
  expect(isUnicode({ LANG: 'de_DE.UTF-8' })).toBe(true);
  expect(isUnicode({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' })).toBe(false);
  expect(isUnicode({ LANG: 'C', LC_CTYPE: 'C.utf8' })).toBe(true);
  expect(isUnicode({})).toBe(false);
});

test('colour is for terminals whose user does not mind', () => {
  const bold = (...args: Parameters<typeof styleFor>): boolean => styleFor(...args).strong('x') !== 'x';
  expect(bold(terminal, {}, true)).toBe(true);
  expect(bold(terminal, {}, false)).toBe(false);
  expect(bold(terminal, { NO_COLOR: '1' }, true)).toBe(false);
  expect(bold(terminal, { TERM: 'dumb' }, true)).toBe(false);
  expect(bold(stream(), {}, true)).toBe(false);
});
