import { describe, expect, test } from 'vitest';
import { hookId } from '../kasan/hook.ts';
import { addressOf, NULL_POINTER, offsetBy, tagOf, type Pointer } from '../mte/pointer.ts';
import { KASAN_TAG_INVALID } from '../mte/tag-machine.ts';
import { KmemCache } from './kmem-cache.ts';
import { calculate_order, createCache, sheafBytes } from './slab-cache.ts';
import type { BadFree } from './slub.ts';
import { testKernel } from './test-kernel.testdata.ts';

const PAGE = 4096;

describe('caches (mm/slub.c:do_kmem_cache_create)', () => {
  test.each([
    ['task_struct', 3008, 3],
    ['maple_node', 256, 0],
    ['vm_area_struct', 192, 0],
    ['anon_vma', 96, 0],
  ])('%s of %i bytes has slabs of order %i on one CPU (slab pages in traces of 7.3.4)', (_name, size, order) => {
    expect(calculate_order(size, PAGE, 1)).toBe(order);
  });

  test('sheaves fill a size of kmalloc: 128 bytes for task_struct, 512 for small objects (kmalloc events of __alloc_empty_sheaf)', () => {
    expect(sheafBytes(createCache({ name: 'task_struct', objectSize: 3008 }, PAGE, 1))).toBe(128);
    expect(sheafBytes(createCache({ name: 'pid', objectSize: 144, align: 64 }, PAGE, 1))).toBe(512);
    expect(sheafBytes(createCache({ name: 'maple_node', objectSize: 256, sheafCapacity: 32 }, PAGE, 1))).toBe(288);
  });

  test('no two objects share a granule, whatever their size (ARCH_SLAB_MINALIGN under HW_TAGS)', () => {
    expect(createCache({ name: 'vmap_area', objectSize: 72 }, PAGE, 1).size).toBe(80);
  });
});

function cacheOf(description: Partial<ConstructorParameters<typeof KmemCache>[0]> = {}) {
  const env = testKernel();
  const cache = new KmemCache({ name: 'test', objectSize: 100, ...description }, PAGE, 1);
  const reports: [BadFree, Pointer][] = [];
  env.kernel.slub.reportBadFree = (kind, object) => reports.push([kind, object]);
  const alloc = (): Pointer => env.kernel.slub.alloc(0, cache, env.place());
  const free = (object: Pointer): void => env.kernel.slub.free(0, object);
  return { ...env, cache, alloc, free, reports };
}

describe('objects (slab.md sections 3 to 5)', () => {
  test('allocation gives 112 bytes of 100 the tag of the pointer; a free poisons them', () => {
    const { machine, alloc, free } = cacheOf();
    const object = alloc();
    const at = addressOf(object);
    expect([0, 96].map((offset) => machine.memoryTag(at + offset))).toEqual([tagOf(object), tagOf(object)]);
    expect(machine.memoryTag(at + 112)).toBe(KASAN_TAG_INVALID);
    free(object);
    expect(machine.memoryTag(at)).toBe(KASAN_TAG_INVALID);
  });

  test('the object that was freed last is given out next, with a tag of its own draw', () => {
    const { alloc, free } = cacheOf();
    const first = alloc();
    free(first);
    const tags = new Set<number>();
    for (let round = 0; round < 100; round++) {
      const again = alloc();
      expect(addressOf(again)).toBe(addressOf(first));
      tags.add(tagOf(again));
      free(again);
    }
    expect(tags.size).toBeGreaterThan(5);
  });

  test('a double free is refused and told, an address inside an object too, and neither is given out twice', () => {
    const { alloc, free, reports } = cacheOf();
    const object = alloc();
    free(offsetBy(object, 16));
    free(object);
    free(object);
    expect(reports).toEqual([
      ['invalid-free', offsetBy(object, 16)],
      ['double-free', object],
    ]);
    expect(addressOf(alloc())).not.toBe(addressOf(alloc()));
  });

  test('SLAB_TYPESAFE_BY_RCU: one tag for the life of the slab, freed memory stays accessible, a double free is not seen', () => {
    const { machine, alloc, free, reports } = cacheOf({ typesafeByRcu: true });
    const object = alloc();
    free(object);
    expect(machine.memoryTag(addressOf(object))).toBe(tagOf(object));
    expect(alloc()).toBe(object);
    expect(reports).toEqual([]);
  });

  test('a constructor cache keeps its tags and poisons what is freed', () => {
    const { machine, alloc, free } = cacheOf({ ctor: true });
    const object = alloc();
    free(object);
    expect(machine.memoryTag(addressOf(object))).toBe(KASAN_TAG_INVALID);
    expect(alloc()).toBe(object);
  });
});

describe('kmalloc (slab.md sections 4 and 6)', () => {
  test.each([
    [1, 16],
    [40, 64],
    [65, 96],
    [100, 128],
    [129, 192],
    [8192, 8192],
  ])('%i bytes come from the cache of %i', (size, cacheSize) => {
    expect(testKernel().kernel.kmalloc.cacheFor(size)?.objectSize).toBe(cacheSize);
  });

  test('the rest of an object beyond what was asked for is redzone, in granules', () => {
    const { kernel, machine, place } = testKernel();
    const object = kernel.kmalloc.kmalloc(0, 100, place());
    const at = addressOf(object);
    expect([96, 112].map((offset) => machine.memoryTag(at + offset))).toEqual([tagOf(object), KASAN_TAG_INVALID]);
  });

  test('8193 bytes are pages of their own, tagged as pages, with a redzone at the end; kfree gives them back', () => {
    const { kernel, machine, place } = testKernel();
    const before = kernel.pages.freePages;
    const object = kernel.kmalloc.kmalloc(0, 8193, place());
    const at = addressOf(object);
    expect(tagOf(object)).toBe(kernel.map.kasanTag[at / PAGE]);
    expect([0, 8192, 8208].map((offset) => machine.memoryTag(at + offset))).toEqual([
      tagOf(object),
      tagOf(object),
      KASAN_TAG_INVALID,
    ]);
    kernel.kmalloc.kfree(0, object);
    expect(machine.memoryTag(at)).toBe(KASAN_TAG_INVALID);
    expect(kernel.pages.freePages).toBe(before);
  });

  test('kfree of NULL does nothing', () => {
    const { kernel } = testKernel();
    expect(() => kernel.kmalloc.kfree(0, NULL_POINTER)).not.toThrow();
  });
});

describe('kfree_rcu (slab.md section 4): objects are poisoned after a grace period, and only when their sheaf is full', () => {
  test('31 of 32 objects wait; the 32nd sends them on their way', () => {
    const { kernel, machine, place } = testKernel();
    const { mapleNode } = kernel.caches;
    const objects = Array.from({ length: 32 }, () => kernel.slub.alloc(0, mapleNode, place()));
    const poisoned = (): number =>
      objects.filter((object) => machine.memoryTag(addressOf(object)) === KASAN_TAG_INVALID).length;
    for (const object of objects.slice(0, 31)) kernel.slub.kfree_rcu(0, object);
    kernel.settle(0);
    expect(poisoned()).toBe(0);
    kernel.slub.kfree_rcu(0, objects[31]);
    expect(poisoned()).toBe(0);
    kernel.settle(0);
    expect(poisoned()).toBe(32);
  });
});

test('slabs whose objects all came back are given up beyond min_partial, without a tag written (slab.md section 2)', () => {
  const { kernel, cache, alloc, free, ledger } = cacheOf({ objectSize: 1024 });
  const objects = Array.from({ length: 400 }, alloc);
  const before = kernel.pages.freePages;
  for (const object of objects) free(object);
  expect(kernel.pages.freePages).toBeGreaterThan(before);
  const poisoned = ledger.rows.reduce(
    (sum, _, row) => sum + ledger.calls(row, hookId('__kasan_poison_pages'), 'certain'),
    0,
  );
  expect(poisoned).toBe(0);
  expect(cache.partial.length).toBeGreaterThan(0);
});
