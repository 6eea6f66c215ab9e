import { expect, test } from 'vitest';
import { Xxh64 } from './xxh64.ts';

const low32 = (text: string): number => {
  const hash = new Xxh64();
  hash.update(Buffer.from(text));
  return hash.low32();
};

test('agrees with published values', () => {
  expect(low32('')).toBe(0x51d8e999);
  expect(low32('a')).toBe(0xa98c6e5b);
  expect(low32('abc')).toBe(0xad770999);
  expect(low32('Nobody inspects the spammish repetition')).toBe(0x8a378bf1);
});

test('does not depend on how the bytes are cut', () => {
  const text = 'Nobody inspects the spammish repetition'.repeat(5);
  for (let size = 1; size < 70; size++) {
    const hash = new Xxh64();
    for (let at = 0; at < text.length; at += size) hash.update(Buffer.from(text.slice(at, at + size)));
    expect(hash.low32()).toBe(low32(text));
  }
});
