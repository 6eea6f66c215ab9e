import { expect, test } from 'vitest';
import { sizeFromPointers } from './kfree-sizes.ts';

/** With 4 KiB pages caches go up to two pages (include/linux/slab.h: KMALLOC_MAX_CACHE_SIZE). */
const sizeOf = (pointers: readonly number[]) => sizeFromPointers(pointers, 8192);

test('objects side by side have the size of their distance', () => {
  expect(sizeOf([0x1000, 0x1020, 0x1040, 0x3000])).toEqual({ largest: 32, likely: true });
});

test('kmalloc-96 objects are 96 bytes apart and begin at multiples of 32', () => {
  expect(sizeOf([0x1000, 0x1060, 0x10c0])).toEqual({ largest: 96, likely: true });
});

test('a single object is at most as large as its address is aligned, or three halves of that', () => {
  expect(sizeOf([0x1040])).toEqual({ largest: 192, likely: false });
  expect(sizeOf([0x1010])).toEqual({ largest: 16, likely: false });
});

test('objects far apart only bound the size', () => {
  expect(sizeOf([0x100000, 0x200000])).toEqual({ largest: 8192, likely: false });
});

test('without addresses, or with addresses that no object of a general cache has, nothing is known', () => {
  expect(sizeOf([])).toBeUndefined();
  expect(sizeOf([0x1008])).toBeUndefined();
});
