import { expect, test } from 'vitest';
import { createCache } from './slab-cache.ts';

const PAGE = 4096;

test.each([
  [64, 5],
  [2048, 5],
  [3392, 5],
  [4096, 6],
  [8192, 6],
])(
  'a node keeps ilog2(size) / 2 empty slabs, in whole numbers, and 5 at least: of %i bytes %i (mm/slub.c: min_partial)',
  (objectSize, kept) => {
    expect(createCache({ name: 'test', objectSize }, PAGE, 1).minPartial).toBe(kept);
  },
);
