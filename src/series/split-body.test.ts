import { describe, expect, it } from 'vitest';
import { isScissors, splitBody } from './split-body.ts';

const lines = (text: string): string[] => text.split('\n');

describe('scissors', () => {
  it.each(['-- >8 --', '-----8<-----', '--- 8< --- cut here --- 8< ---'])(
    'are a line of dashes and blades: %s',
    (line) => expect(isScissors(line)).toBe(true),
  );
  it.each(['---', '-- ', '8<', 'Use -- >8 -- to cut', '- - - - - - -'])('are no other line: %s', (line) =>
    expect(isScissors(line)).toBe(false),
  );
});

describe('the body of a patch', () => {
  it('may begin with the true author and subject', () => {
    expect(splitBody(lines('From: Bo <b@c>\nSubject: mm: x\n\nText.\n---\nnotes\n'))).toMatchObject({
      from: 'Bo <b@c>',
      subject: 'mm: x',
      message: ['Text.'],
      notes: ['notes', ''],
    });
  });

  it('does not begin so where prose does', () => {
    expect(splitBody(lines('From: here on it is text,\nas this line shows.\n'))).toMatchObject({ from: undefined });
  });
});
