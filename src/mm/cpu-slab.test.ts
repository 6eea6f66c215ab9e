import { describe, expect, test } from 'vitest';
import { cpuPartialSlabs, giveToCpuSlab, takeFromCpuSlab, type SlabPages } from './cpu-slab.ts';
import { KmemCache } from './kmem-cache.ts';
import { Slab } from './slab.ts';

const PAGE = 4096;

/** A cache of 8 objects of 512 bytes a slab, whose slabs lie one behind another. */
function scenario(minPartial?: number) {
  const cache = new KmemCache({ name: 'test', objectSize: 512, sheaves: false }, PAGE, 1);
  const slabs: Slab[] = [];
  const discarded: Slab[] = [];
  const pages: SlabPages = {
    create: () => {
      const slab = new Slab(cache, slabs.length * PAGE, slabs.length);
      slabs.push(slab);
      return slab;
    },
    discard: (slab) => discarded.push(slab),
  };
  if (minPartial !== undefined) expect(cache.minPartial).toBe(minPartial);
  const alloc = (): number => takeFromCpuSlab(cache, 0, pages) ?? -1;
  const free = (address: number): void => giveToCpuSlab(cache, 0, slabs[Math.floor(address / PAGE)], address, pages);
  const allocMany = (count: number): number[] => Array.from({ length: count }, alloc);
  return { cache, slabs, discarded, alloc, free, allocMany };
}

describe('slabs of a CPU (mm/slub.c, 6.12)', () => {
  test('objects come in the order of a new slab, and what was freed last is given out first', () => {
    const { alloc, free, slabs } = scenario();
    expect([alloc(), alloc(), alloc()]).toEqual([0, 512, 1024]);
    free(512);
    free(0);
    expect([alloc(), alloc(), alloc()]).toEqual([0, 512, 1536]);
    expect(slabs).toHaveLength(1);
  });

  test('a full slab with a free object is kept by the CPU, and used before a new one', () => {
    const { allocMany, free, alloc, slabs } = scenario();
    allocMany(9);
    free(512);
    allocMany(7);
    expect(slabs).toHaveLength(2);
    expect(alloc()).toBe(512);
    expect(alloc()).toBe(2 * PAGE);
  });

  test('a CPU keeps slabs for 52 objects of 512 bytes, if each is half full: 13 (set_cpu_partial)', () => {
    expect(cpuPartialSlabs({ size: 512, objects: 8 }, PAGE)).toBe(13);
    expect(cpuPartialSlabs({ size: 64, objects: 64 }, PAGE)).toBe(4);
    expect(cpuPartialSlabs({ size: 3392, objects: 9 }, PAGE)).toBe(6);
    expect(cpuPartialSlabs({ size: 4096, objects: 8 }, PAGE)).toBe(2);
  });

  test('with one more all go to the node, and of the empty ones it keeps min_partial', () => {
    const { allocMany, free, discarded, cache } = scenario(5);
    // Sixteen slabs; the CPU's own is the last.
    const addresses = allocMany(8 * 16);
    for (const address of addresses.slice(0, 8 * 13)) free(address);
    expect(discarded).toHaveLength(0);
    free(addresses[8 * 13]);
    expect(cache.nodePartial.size).toBe(5);
    expect(discarded).toHaveLength(8);
  });
});
