import { expect, test } from 'vitest';
import { sizeFromPointers } from './kfree-sizes.ts';

test('objects side by side have the size of their distance', () => {
  expect(sizeFromPointers([0x1000, 0x1020, 0x1040, 0x3000])).toEqual({ largest: 32, likely: true });
});

test('kmalloc-96 objects are 96 bytes apart and begin at multiples of 32', () => {
  expect(sizeFromPointers([0x1000, 0x1060, 0x10c0])).toEqual({ largest: 96, likely: true });
});

test('a single object is at most as large as its address is aligned, or three halves of that', () => {
  expect(sizeFromPointers([0x1040])).toEqual({ largest: 192, likely: false });
  expect(sizeFromPointers([0x1010])).toEqual({ largest: 16, likely: false });
});

test('objects far apart only bound the size', () => {
  expect(sizeFromPointers([0x100000, 0x200000])).toEqual({ largest: 8192, likely: false });
});

test('without addresses, or with addresses that no object of a general cache has, nothing is known', () => {
  expect(sizeFromPointers([])).toBeUndefined();
  expect(sizeFromPointers([0x1008])).toBeUndefined();
});
