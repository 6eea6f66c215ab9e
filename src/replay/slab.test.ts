import { describe, expect, test } from 'vitest';
import { replayed } from './replayed.testdata.ts';

const SLAB = 'GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC';
const trace = (...events: readonly string[]): string => events.join('\n');
const times = (count: number, counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).map(([key, value]) => [key, value * count]));

const cacheAlloc = (name: string, ptr: string, asked: number, size: number, gfp = 'GFP_KERNEL'): string =>
  `kmem_cache_alloc: call_site=maker+0x10/0x20 ptr=${ptr} name=${name} bytes_req=${asked} bytes_alloc=${size} gfp_flags=${gfp} node=-1 accounted=false`;
const cacheFree = (name: string, ptr: string): string =>
  `kmem_cache_free: call_site=breaker+0x10/0x20 ptr=${ptr} name=${name}`;
const kmalloc = (ptr: string, asked: number, size: number, gfp = 'GFP_KERNEL'): string =>
  `kmalloc: call_site=maker+0x10/0x20 ptr=${ptr} bytes_req=${asked} bytes_alloc=${size} gfp_flags=${gfp} node=-1 accounted=false`;
const kfree = (ptr: string, site = 'breaker'): string => `kfree: call_site=${site}+0x10/0x20 ptr=${ptr}`;
const pageAlloc = (pfn: number, gfp: string, order: number): string =>
  `mm_page_alloc: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=${order} migratetype=0 gfp_flags=${gfp}`;
const pageFree = (pfn: number, order: number): string =>
  `mm_page_free: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=${order}`;

const A = '00000000e42d803c';
const B = '000000005041efee';
const C = '00000000d7c1aff8';

describe('a kmalloc object', () => {
  test('kmalloc(100) and kfree (slab.md section 4, "Redzone examples")', () => {
    const { work, lifetimes, counts } = replayed(trace(kmalloc(A, 100, 128), kfree(A)));
    expect(work).toEqual({
      'slab-object': {
        __kasan_slab_alloc: { calls: 1, granules: 8, irg: 1, stg: 4, dcGva: 1 },
        __kasan_kmalloc: { calls: 1, granules: 1, stg: 1 },
        __kasan_slab_free: { calls: 1, granules: 8, ldg: 1, stg: 4, dcGva: 1 },
      },
    });
    expect(lifetimes('slab-object')).toEqual([1, 1, 128]);
    expect(counts.unmatchedFrees).toBe(0);
  });

  test('zeroed: STZG over the object, not the redzone', () => {
    expect(replayed(kmalloc(A, 40, 64, 'GFP_KERNEL|__GFP_ZERO')).work['slab-object']).toEqual({
      __kasan_slab_alloc: { calls: 1, granules: 4, irg: 1, stzg: 4 },
      __kasan_kmalloc: { calls: 1, granules: 1, stg: 1 },
    });
  });

  test('kmalloc-8 of a kernel without tags is kmalloc-16 on one with them (arch_slab_minalign)', () => {
    expect(replayed(kmalloc(A, 8, 8), { recordedBy: [6, 18] }).work['slab-object']).toEqual({
      __kasan_slab_alloc: { calls: 1, granules: 1, irg: 1, stg: 1 },
      __kasan_kmalloc: { calls: 1 },
    });
  });

  test('kfree(NULL) is an event and nothing else (traces.md section 1)', () => {
    const { work, counts, lifetimes } = replayed(
      trace(kfree('0000000000000000'), kfree('(nil)'.replace('(nil)', '0'))),
    );
    expect(work).toEqual({});
    expect([counts.unmatchedFrees, lifetimes('slab-object')]).toEqual([0, [0, 0, 0]]);
  });

  test('a failed allocation has no pointer and no work', () => {
    expect(replayed(kmalloc('0000000000000000', 64, 64)).work).toEqual({});
  });

  test('an object of another CPU or task is freed all the same', () => {
    const text = trace(kmalloc(A, 64, 64), `ksoftirqd/1-22 [001] ..s.. ${kfree(A)}`);
    expect(replayed(text).counts.unmatchedFrees).toBe(0);
  });
});

describe('policies decide over objects too', () => {
  const text = trace(kmalloc(A, 64, 64), kfree(A));

  test('none: no store, no IRG, no LDG', () => {
    expect(replayed(text, { policy: 'none' }).work).toEqual({});
  });

  test('the series changes nothing for them', () => {
    expect(replayed(text, { policy: 'series' }).work).toEqual(replayed(text, { policy: 'before-series' }).work);
    expect(replayed(text, { policy: 'series' }).work['slab-object']?.__kasan_slab_alloc).toEqual({
      calls: 1,
      granules: 4,
      irg: 1,
      stg: 4,
    });
  });

  test('kasan=off: nothing', () => {
    expect(replayed(text, { config: { kasan: false } }).work).toEqual({});
  });
});

describe('caches by their kind (slab.md section 4; oracle note 8)', () => {
  test('SLAB_TYPESAFE_BY_RCU: no IRG, and a free that does not poison', () => {
    const text = trace(cacheAlloc('vm_area_struct', A, 192, 192), cacheFree('vm_area_struct', A));
    expect(replayed(text).work).toEqual({
      'slab-object': {
        __kasan_slab_alloc: { calls: 1, granules: 12, stg: 4, dcGva: 2 },
        __kasan_slab_free: { calls: 1, ldg: 1 },
      },
    });
  });

  test('plain: as kmalloc, without a redzone', () => {
    const text = trace(cacheAlloc('pid', A, 144, 192), cacheFree('pid', A));
    expect(replayed(text).work).toEqual({
      'slab-object': {
        // 144 bytes are 5 + 1 (mte.md section 5); the padding up to 192 is left alone.
        __kasan_slab_alloc: { calls: 1, granules: 9, irg: 1, stg: 5, dcGva: 1 },
        __kasan_slab_free: { calls: 1, granules: 9, ldg: 1, stg: 5, dcGva: 1 },
      },
    });
  });
});

describe('a slab page (slab.md section 2)', () => {
  const page = {
    __kasan_unpoison_pages: { calls: 1, granules: 256, irg: 1, stg: 4, dcGva: 63 },
    __kasan_poison_slab: { calls: 1, granules: 256, stg: 4, dcGva: 63 },
  };

  test('of a plain cache is tagged twice; freeing it poisons nothing (oracle note 9)', () => {
    const text = trace(pageAlloc(0x100, SLAB, 0), cacheAlloc('pid', A, 144, 192), pageFree(0x100, 0));
    expect(replayed(text).work['slab-page']).toEqual(page);
    expect(replayed(text).lifetimes('slab-page')).toEqual([1, 1, 4096]);
  });

  test('of a constructor cache: each of its 42 objects of 96 bytes is set up', () => {
    const text = trace(pageAlloc(0x100, SLAB, 0), cacheAlloc('anon_vma', A, 88, 96));
    expect(replayed(text).work['slab-page']).toEqual({
      ...page,
      // 88 bytes are 6 granules: unpoisoned, then poisoned; one IRG each.
      setup_object: { calls: 42, granules: 42 * 12, irg: 42, stg: 42 * 12 },
    });
  });

  test('of a typesafe cache without constructor: each of its 21 objects draws a tag', () => {
    const text = trace(pageAlloc(0x100, SLAB, 0), cacheAlloc('vm_area_struct', A, 192, 192));
    expect(replayed(text).work['slab-page']).toEqual({ ...page, setup_object: { calls: 21, irg: 21 } });
  });

  test('the cache is that of the next allocation in the same task', () => {
    const text = trace(
      pageAlloc(0x100, SLAB, 0),
      `other-45 [001] ..... ${cacheAlloc('vm_area_struct', B, 192, 192)}`,
      cacheAlloc('pid', A, 144, 192),
    );
    expect(replayed(text).work['slab-page']).toEqual(page);
  });

  test('order 3: 32 KiB twice, 4 + 511 (page_alloc.md section 6c)', () => {
    expect(replayed(trace(pageAlloc(0x100, SLAB, 3), kmalloc(A, 2048, 2048))).work['slab-page']).toEqual({
      __kasan_unpoison_pages: { calls: 1, granules: 2048, irg: 1, stg: 4, dcGva: 511 },
      __kasan_poison_slab: { calls: 1, granules: 2048, stg: 4, dcGva: 511 },
    });
  });
});

describe('a kmalloc that is too large for slab (slab.md section 6)', () => {
  const COMP = 'GFP_KERNEL|__GFP_COMP';
  /** kmalloc(10000): 16 KiB; the redzone of 6384 bytes begins 16 bytes into a block: 3 stores and 99 blocks. */
  const redzone = { calls: 1, granules: 399, stg: 3, dcGva: 99 };
  const block = { calls: 1, granules: 1024, irg: 1, stg: 4, dcGva: 255 };
  const poisoned = { calls: 1, granules: 1024, stg: 4, dcGva: 255 };
  const large = kmalloc(A, 10000, 16384);

  test('its event comes twice on some routes and is one allocation', () => {
    for (const events of [[large], [large, large]]) {
      const { work, counts, lifetimes } = replayed(
        trace(pageAlloc(0x100, COMP, 2), ...events, kfree(A), pageFree(0x100, 2)),
      );
      expect(work['kmalloc-large']).toEqual({
        __kasan_unpoison_pages: block,
        __kasan_kmalloc_large: redzone,
        __kasan_kfree_large: { calls: 1, ldg: 1 },
        __kasan_poison_pages: poisoned,
      });
      expect(counts.unmatchedFrees).toBe(0);
      expect(lifetimes('kmalloc-large')).toEqual([1, 1, 16384]);
    }
  });

  test('the same address again, after another task has freed it, is another allocation', () => {
    const once = [pageAlloc(0x100, COMP, 2), large, large];
    const elsewhere = [kfree(A), pageFree(0x100, 2)].map((event) => `other-45 [001] ..... ${event}`);
    const { work, counts } = replayed(trace(...once, ...elsewhere, ...once, ...elsewhere));
    expect(work['kmalloc-large']).toEqual({
      __kasan_unpoison_pages: times(2, block),
      __kasan_kmalloc_large: times(2, redzone),
      __kasan_kfree_large: { calls: 2, ldg: 2 },
      __kasan_poison_pages: times(2, poisoned),
    });
    expect(counts.unmatchedFrees).toBe(0);
  });

  test('kvmalloc passes the flags of slab: the event that follows tells them apart', () => {
    const kvmalloc = 'GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP';
    const text = trace(pageAlloc(0x100, kvmalloc, 2), large, kfree(A), pageFree(0x100, 2));
    const { work } = replayed(text);
    expect(work['slab-page']).toBeUndefined();
    expect(work['kmalloc-large']?.__kasan_poison_pages).toEqual(poisoned);
    // With the event of a small object behind it the same page is a slab.
    const slab = replayed(trace(pageAlloc(0x100, kvmalloc, 2), kmalloc(A, 512, 512))).work;
    expect(slab['kmalloc-large']).toBeUndefined();
    expect(slab['slab-page']?.__kasan_poison_slab).toEqual(poisoned);
  });
});

describe('an address that is given out again proves a free without an event (oracle note 8)', () => {
  const node = { calls: 1, granules: 16, irg: 1, stg: 4, dcGva: 3 };
  const freed = { calls: 1, granules: 16, ldg: 1, stg: 4, dcGva: 3 };

  test.each([
    ['hashed', A, A],
    ['plain, with another tag: identity ignores it', 'f5ff000000d6ee40', 'f9ff000000d6ee40'],
    ['plain, without tags', 'ffff888105868f00', 'ffff888105868f00'],
  ])('%s', (_name, first, second) => {
    const text = trace(cacheAlloc('maple_node', first, 256, 256), cacheAlloc('maple_node', second, 256, 256));
    const { work, lifetimes } = replayed(text);
    expect(work['slab-object']).toEqual({ __kasan_slab_alloc: times(2, node), __kasan_slab_free: freed });
    // The second one is estimated to go the same way after the end.
    expect(lifetimes('slab-object')).toEqual([2, 2, 512]);
  });

  test('different addresses prove nothing', () => {
    const text = trace(cacheAlloc('pid', A, 144, 192), cacheAlloc('pid', B, 144, 192));
    expect(replayed(text).work['slab-object']?.__kasan_slab_free).toBeUndefined();
  });

  test('a free event with another tag than the allocation is still its free', () => {
    const text = trace(
      kmalloc('f5ff000000d6ee40', 64, 64),
      kfree('f5ff000000d6ee40'),
      kmalloc('f9ff000000d6ee40', 64, 64),
    );
    const { counts, lifetimes } = replayed(text);
    expect([counts.unmatchedFrees, lifetimes('slab-object')]).toEqual([0, [2, 1, 128]]);
  });
});

describe('objects that are still live at the end', () => {
  test('of a cache that frees without events: freed in the best estimate, twice as much at most', () => {
    const text = trace(
      cacheAlloc('maple_node', A, 256, 256),
      cacheAlloc('maple_node', A, 256, 256),
      cacheAlloc('maple_node', B, 256, 256),
    );
    const { estimated, estimate } = replayed(text);
    expect(estimated).toEqual({
      'slab-object': { __kasan_slab_free: { calls: 2, granules: 32, ldg: 2, stg: 8, dcGva: 6 } },
    });
    const { granules, tagInstructions } = estimate('unseenObjectFrees');
    expect([granules.low, granules.best]).toEqual([0, 32]);
    expect([tagInstructions.low, tagInstructions.best]).toEqual([0, 14]);
    expect(granules.high).toBeGreaterThanOrEqual(64);
  });

  test('as many as are on their way at the end may have been on it at the beginning: high is twice the best', () => {
    const text = trace(cacheAlloc('pid', A, 144, 192), cacheAlloc('pid', A, 144, 192));
    expect(replayed(text).estimate('unseenObjectFrees')).toMatchObject({
      calls: { low: 0, best: 1, high: 2 },
      granules: { low: 0, best: 9, high: 18 },
      tagInstructions: { low: 0, best: 6, high: 12 },
    });
  });

  test('of a cache whose frees are all seen: not freed, and no doubt about it', () => {
    const text = trace(cacheAlloc('pid', A, 144, 192), cacheFree('pid', A), cacheAlloc('pid', B, 144, 192));
    const { estimated, estimate } = replayed(text);
    expect(estimated).toEqual({});
    expect(estimate('unseenObjectFrees').granules).toEqual({ low: 0, best: 0, high: 0 });
  });
});

describe('caches that are known to be freed by kfree_rcu (classify/caches.ts:KFREE_RCU_CACHES)', () => {
  const nodes = (count: number): string =>
    trace(
      ...Array.from({ length: count }, (_, index) =>
        cacheAlloc('maple_node', (0xffff_8881_0586_8f00n + 256n * BigInt(index)).toString(16), 256, 256),
      ),
    );

  test('as many as fill a sheaf were freed, although no reuse proves it: 4 STG + 3 DC GVA each', () => {
    const { estimated, estimate } = replayed(nodes(32));
    expect(estimated['slab-object']?.__kasan_slab_free).toEqual({
      calls: 32,
      granules: 32 * 16,
      ldg: 32,
      stg: 32 * 4,
      dcGva: 32 * 3,
    });
    // Twice as much, and two sheaves of 32 objects that were on their way.
    expect(estimate('unseenObjectFrees').tagInstructions).toEqual({ low: 0, best: 32 * 7, high: 64 * 7 + 64 * 7 });
  });

  test('fewer are not poisoned before their sheaf is full (mm/slub.c:rcu_free_sheaf), but may have filled one', () => {
    // The counted page-table workload (cases/oracle, baseline-pgtable-nohash) has one node, which was not poisoned.
    for (const count of [1, 31]) {
      const { estimated, estimate } = replayed(nodes(count));
      expect(estimated).toEqual({});
      expect(estimate('unseenObjectFrees').tagInstructions).toEqual({ low: 0, best: 0, high: (count + 64) * 7 });
    }
  });

  test('not where the trace has what came before the part that is counted: reuse would tell', () => {
    expect(replayed(nodes(32), { since: 0 }).estimated).toEqual({});
  });

  test('not up to 6.17, where they are freed with an event', () => {
    expect(replayed(nodes(32), { recordedBy: [6, 12] }).estimated).toEqual({});
  });
});

describe('kmem_cache_alloc_bulk has no event: objects are freed that nobody was seen to allocate', () => {
  const one = cacheAlloc('node', A, 256, 256);
  const freed = (...pointers: readonly string[]): string =>
    trace(...pointers.map((pointer) => cacheFree('node', pointer)));

  test('one that is freed twice without an allocation in between proves it; the others are taken for such too', () => {
    // B is freed three times, C once: two allocations are proved, and two may be from before the trace.
    const { estimated, estimate } = replayed(trace(one, freed(A), freed(B, B, B, C)));
    expect(estimated['slab-object']?.__kasan_slab_alloc).toEqual({
      calls: 4,
      granules: 64,
      irg: 4,
      stg: 16,
      dcGva: 12,
    });
    expect(estimate('unseenObjectAllocations').tagInstructions).toEqual({ low: 2 * 7, best: 4 * 7, high: 4 * 7 });
  });

  test('less as many as live at the end, if the workload is steady', () => {
    const { estimate } = replayed(trace(one, freed(B, B, B, C)));
    expect(estimate('unseenObjectAllocations').calls).toEqual({ low: 2, best: 3, high: 5 });
  });

  test('without a proof they are from before the trace, but for caches that are known to do so', () => {
    expect(replayed(trace(one, freed(A), freed(B, C))).estimate('unseenObjectAllocations').calls.high).toBe(0);
    const nodes = trace(one, freed(A), freed(B, C)).replaceAll('name=node', 'name=maple_node');
    expect(replayed(nodes, { recordedBy: [6, 12] }).estimate('unseenObjectAllocations').calls.best).toBe(2);
    expect(replayed(nodes).estimate('unseenObjectAllocations').calls.best).toBe(0);
  });

  test('dropped events prove nothing: the allocation may be among them', () => {
    const text = trace(one, freed(A), freed(B, B, B, C));
    expect(replayed(text, { droppedEvents: 5 }).estimate('unseenObjectAllocations').calls.high).toBe(0);
  });
});

describe('an object of a cache that the trace has no allocation of', () => {
  test('is as large as others that have a cache of their own; the interval goes from 16 bytes to the largest cache', () => {
    const text = trace(cacheAlloc('cred', A, 144, 192), cacheFree('cred', A), cacheFree('task_struct', B));
    const { estimated, estimate } = replayed(text);
    expect(estimated['slab-object']?.__kasan_slab_free).toEqual({ calls: 1, granules: 9, ldg: 1, stg: 5, dcGva: 1 });
    // 8192 bytes: 4 STG and 127 DC GVA.
    expect(estimate('objectsFromBeforeTrace').tagInstructions).toEqual({ low: 1, best: 6, high: 4 + 127 });
  });

  test('where nothing tells any size, none is taken for granted', () => {
    const { estimated, estimate } = replayed(cacheFree('task_struct', B));
    expect(estimated).toEqual({});
    expect(estimate('objectsFromBeforeTrace').tagInstructions).toEqual({ low: 0, best: 0, high: 4 + 127 });
  });
});

describe('frees of objects from before the trace', () => {
  test('kmem_cache_free names the cache, and the cache its size', () => {
    const text = trace(cacheAlloc('pid', A, 144, 192), cacheFree('pid', B));
    const { work, counts, estimate } = replayed(text);
    expect(work['slab-object']?.__kasan_slab_free).toEqual({ calls: 1, granules: 9, ldg: 1, stg: 5, dcGva: 1 });
    expect(counts.unmatchedFrees).toBe(1);
    expect(estimate('objectsFromBeforeTrace').granules).toEqual({ low: 9, best: 9, high: 9 });
  });

  test('kfree does not: it is taken to be as others that the same function frees', () => {
    const text = trace(
      kmalloc(A, 64, 64),
      kfree(A, 'breaker'),
      kmalloc(B, 2048, 2048),
      kfree(B, 'other'),
      kfree(C, 'breaker'),
    );
    const { estimated, estimate } = replayed(text);
    expect(estimated).toEqual({
      'slab-object': { __kasan_slab_free: { calls: 1, granules: 4, ldg: 1, stg: 4 } },
    });
    expect(estimate('objectsFromBeforeTrace').granules).toEqual({ low: 4, best: 4, high: 4 });
  });

  test('of several sizes each figure has bounds of its own: 96 bytes are fewer granules but more instructions than 128', () => {
    const text = trace(kmalloc(A, 96, 96), kfree(A), kmalloc(B, 128, 128), kfree(B), kfree(C));
    const { granules, tagInstructions } = replayed(text).estimate('objectsFromBeforeTrace');
    // n(96) = 6 + 0, n(128) = 4 + 1 at 64-byte blocks (slab.md section 4).
    expect([granules.low, granules.high]).toEqual([6, 8]);
    expect([tagInstructions.low, tagInstructions.high]).toEqual([5, 6]);
    for (const { low, best, high } of [granules, tagInstructions]) {
      expect(low).toBeLessThanOrEqual(best);
      expect(best).toBeLessThanOrEqual(high);
    }
  });

  test('none: nothing, in the estimate either', () => {
    const text = trace(cacheAlloc('pid', A, 144, 192), cacheFree('pid', B), kmalloc(A, 64, 64), kfree(A), kfree(C));
    const { work, estimated } = replayed(text, { policy: 'none' });
    expect([work, estimated]).toEqual([{}, {}]);
  });
});

describe('where an object begins in a DC block', () => {
  // mm_struct: 1168 bytes tagged, objects 1216 bytes apart, which is 19 blocks: always at the beginning of one.
  test('a multiple of the block: the same everywhere', () => {
    const text = trace(cacheAlloc('mm_struct', A, 1160, 1216), cacheAlloc('mm_struct', B, 1160, 1216));
    expect(replayed(text).estimate('objectOffsets').tagInstructions).toEqual({ low: 0, best: 0, high: 0 });
  });

  // radix_tree_node of 592 bytes: 37 granules; the position follows from the pointer. 592 mod 64 = 16.
  test.each([
    // r = 0: 4 + (592 mod 64 = 16)/16 = 5 stores, 8 blocks.
    ['f5ff000000d6e000', 5, 8],
    // r = 48: 1 + ((48 + 592) mod 64 = 0) = 1 store, 9 blocks.
    ['f5ff000000d6e030', 1, 9],
  ])('plain pointer %s: %i stores, %i blocks (mte.md section 5)', (ptr, stg, dcGva) => {
    const { work, estimate } = replayed(cacheAlloc('files_cache', ptr, 592, 592));
    expect(work['slab-object']?.__kasan_slab_alloc).toEqual({ calls: 1, granules: 37, irg: 1, stg, dcGva });
    expect(estimate('objectOffsets').tagInstructions).toEqual({ low: 0, best: 0, high: 0 });
  });

  test('hashed pointers: between the cheapest and the dearest position, 10 and 13 instructions', () => {
    const { work, estimate } = replayed(cacheAlloc('files_cache', A, 592, 592));
    const counts = work['slab-object']?.__kasan_slab_alloc ?? {};
    expect(counts.granules).toBe(37);
    const instructions = counts.stg + counts.dcGva;
    const { low, high } = estimate('objectOffsets').tagInstructions;
    expect(instructions + low).toBeLessThanOrEqual(10);
    expect(instructions + high).toBeGreaterThanOrEqual(13);
  });
});

describe('kernels up to 6.12, whose allocations do not name the cache', () => {
  test('the name is learnt from the free of the same pointer', () => {
    const nameless = cacheAlloc('', A, 192, 192).replace('name= ', '');
    const text = trace(nameless, cacheFree('vm_area_struct', A), nameless);
    // Without a name it would draw a tag (IRG) and be poisoned.
    expect(replayed(text, { recordedBy: [6, 15] }).work['slab-object']).toEqual({
      __kasan_slab_alloc: { calls: 2, granules: 24, stg: 8, dcGva: 4 },
      __kasan_slab_free: { calls: 1, ldg: 1 },
    });
  });
});
