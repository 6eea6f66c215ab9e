import { describe, expect, it } from 'vitest';
import { isFromLine, splitMbox } from './mbox.ts';
import { textBytes } from './text-bytes.ts';

const split = (text: string, limit = 100): { lines: number[]; texts: string[]; rest: number } => {
  const { mails, rest } = splitMbox(textBytes(text), limit);
  return { lines: mails.map(({ line }) => line), texts: mails.map(({ bytes }) => String.fromCharCode(...bytes)), rest };
};

// git's rule: builtin/mailsplit.c:is_from_line.
describe('a From line', () => {
  it.each([
    'From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001',
    'From mboxrd@z Thu Jan  1 00:00:00 1970',
    'From ann@example.org Thu Mar 19 11:49:43 2026',
  ])('is one: %s', (line) => expect(isFromLine(line)).toBe(true));

  it.each([
    'From here on the page is tagged:',
    'From ann@example.org at 11:49',
    'From a 11:49:43 2',
    'From: Ann <ann@example.org> 00:00:00 2001',
    '>From mboxrd@z Thu Jan  1 00:00:00 1970',
    'From ',
  ])('is none: %s', (line) => expect(isFromLine(line)).toBe(false));
});

const FROM = 'From a Mon Sep 17 00:00:00 2001\n';
const RD = 'From mboxrd@z Thu Jan  1 00:00:00 1970\n';

describe('a mailbox', () => {
  it('is cut where mails begin, a blank line before or not', () => {
    expect(split(`${FROM}A: 1\n\none\n${FROM}B: 2\n\nFrom two on\n`)).toEqual({
      lines: [2, 6],
      texts: ['A: 1\n\none\n', 'B: 2\n\nFrom two on\n'],
      rest: 0,
    });
  });

  it('is one mail without From lines', () => {
    expect(split('Subject: a\n\nbody\n').texts).toEqual(['Subject: a\n\nbody\n']);
  });

  it('gives back the quoted From of mboxrd, and leaves it alone elsewhere', () => {
    expect(split(`${RD}A: 1\n\n>From a\n>>From b\n>Fro\n`).texts).toEqual(['A: 1\n\nFrom a\n>From b\n>Fro\n']);
    expect(split(`${FROM}A: 1\n\n>From a\n`).texts).toEqual(['A: 1\n\n>From a\n']);
  });

  it('is read up to a number of mails', () => {
    const { texts, rest } = split(`${FROM}a\n${FROM}b\n${FROM}c\n`, 2);
    expect(texts).toEqual(['a\n', 'b\n']);
    expect(rest).toBe(`${FROM}c\n`.length);
  });

  it('may be empty', () => {
    expect(split('').texts).toEqual([]);
    expect(split(`${FROM}\n\n${FROM}`).texts).toEqual([]);
  });
});
