import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countByte } from './count-byte.ts';

const counted = (bytes: Uint8Array, byte: number): number => bytes.filter((other) => other === byte).length;

test('counts as one that looks at each byte does, wherever the range lies in its buffer', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(0x0a, 0, 0x80, 0xff),
      fc.nat(8),
      fc.nat(8),
      (bytes, byte, from, less) => {
        const some = bytes.map((other) => (other < 128 ? byte : other));
        for (const all of [bytes, some, some.subarray(Math.min(from, some.length))]) {
          const to = Math.max(from, all.length - less);
          expect(countByte(all, byte, from, Math.min(to, all.length))).toBe(counted(all.slice(from, to), byte));
        }
      },
    ),
  );
});

test('more of them in a row than a lane can count', () => {
  const bytes = new Uint8Array(5000).fill(0x0a);
  expect(countByte(bytes, 0x0a, 3, 4999)).toBe(4996);
  expect(countByte(bytes, 0x0b, 3, 4999)).toBe(0);
});
