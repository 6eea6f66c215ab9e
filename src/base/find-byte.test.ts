import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findByte } from './find-byte.ts';

test('finds what indexOf finds, from any position to any end', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 64 }),
      fc.nat(63),
      fc.nat(64),
      fc.oneof(fc.constant(0x0a), fc.nat(255)),
      (bytes, start, stop, byte) => {
        const data = new Uint8Array(bytes.length & ~3);
        data.set(bytes.subarray(0, data.length));
        const from = Math.min(start, data.length);
        const end = Math.max(from, Math.min(stop, data.length));
        const found = data.subarray(from, end).indexOf(byte);
        const words = new Int32Array(data.buffer);
        expect(findByte(data, words, byte, from, end)).toBe(found < 0 ? end : from + found);
      },
    ),
  );
});

test('is not misled by a byte that is one more than the wanted one (the borrow of the zero-byte test)', () => {
  const data = Uint8Array.from([0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0a, 0x0b, 0x0b]);
  expect(findByte(data, new Int32Array(data.buffer), 0x0a, 0, 8)).toBe(5);
});
