import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DRAWS, FREED_TAGS, LARGE_KMALLOC, NEW_SLABS, NO_CHANGES, type KasanChanges } from '../base/kasan-changes.ts';
import { GFP_SKIP_KASAN, GFP_ZERO, gfpUnion, NO_GFP } from '../gfp/flags.ts';
import { COUNTED_TAG, CountingMachine, countedTag } from '../mte/counting-machine.ts';
import { AddressSpace } from '../mte/address-space.ts';
import { FullMachine } from '../mte/full-machine.ts';
import { TagMemory } from '../mte/tag-memory.ts';
import { Random } from '../base/random.ts';
import { kasanOf } from './kasan.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import { defaultKernelConfig, KASAN_BUILDS, type KernelConfig } from './kernel-config.ts';
import { __kasan_krealloc } from './krealloc.ts';
import {
  __kasan_mempool_poison_object,
  __kasan_mempool_poison_pages,
  __kasan_mempool_unpoison_object,
} from './mempool.ts';
import { __free_pages_prepare, memblock_free_all, post_alloc_hook } from './page-alloc.ts';
import { recordingKasan, type RecordingKasan } from './recording-kasan.testdata.ts';
import {
  __kasan_kmalloc,
  __kasan_kfree_large,
  __kasan_kmalloc_large,
  __kasan_poison_slab,
  __kasan_slab_alloc,
  __kasan_slab_free,
  alloc_slab_page_gfp,
  kmalloc_large_gfp,
  setup_object,
  type SlabCache,
} from './slab.ts';

const KMALLOC_128: SlabCache = { objectSize: 128, size: 128, ctor: false, typesafeByRcu: false };
const CTOR: SlabCache = { objectSize: 96, size: 96, ctor: true, typesafeByRcu: false };
const BY_RCU: SlabCache = { objectSize: 96, size: 96, ctor: false, typesafeByRcu: true };
const INIT_ON_FREE: Partial<KernelConfig> = { initOnFree: true };

/** What hooks do on a kernel with changes: 4 KiB pages, 64-byte DC blocks. */
function worked(
  changes: Partial<KasanChanges>,
  run: (kasan: RecordingKasan) => void,
  config: Partial<KernelConfig> = {},
): ReturnType<RecordingKasan['work']> {
  const kasan = recordingKasan(config, cpuProfile('cortex-a710'), changes);
  run(kasan);
  return kasan.work();
}

describe('keep: freed memory keeps its tag (RFC of June 2026: kasan_poison does nothing but for redzones)', () => {
  const keep = { freedPages: 'keep', freedObjects: 'keep' } as const;

  test('freeing pages does nothing, and zeroes them where it is to: 64 DC ZVA for a page', () => {
    const free = (kasan: RecordingKasan): void => __free_pages_prepare(kasan, 0, 0, countedTag(true));
    expect(worked(keep, free)).toEqual({});
    expect(worked(keep, free, INIT_ON_FREE)).toEqual({ 'clear_pages (free)': { calls: 1, dcZva: 64 } });
  });

  test('freeing an object still compares the tag, by one LDG, and writes none', () => {
    for (const cache of [KMALLOC_128, CTOR, BY_RCU])
      expect(worked(keep, (kasan) => void __kasan_slab_free(kasan, cache, 0, COUNTED_TAG))).toEqual({
        __kasan_slab_free: { calls: 1, ldg: 1 },
      });
  });

  test('elements of a mempool are not poisoned while they wait', () => {
    const { __kasan_mempool_poison_object: object, __kasan_mempool_poison_pages: pages } = worked(keep, (kasan) => {
      __kasan_mempool_poison_object(kasan, 0, COUNTED_TAG, 128, 'slab');
      __kasan_mempool_poison_pages(kasan, 0, 0, COUNTED_TAG);
    });
    expect([object, pages]).toEqual([
      { calls: 1, ldg: 1 },
      { calls: 1, ldg: 1 },
    ]);
  });

  test('allocation, redzones and new slabs are as they were', () => {
    const allocate = (kasan: RecordingKasan): void => {
      post_alloc_hook(kasan, 0, 0, 2, GFP_ZERO);
      __kasan_poison_slab(kasan, 0, 4096);
      setup_object(kasan, CTOR, 0);
      __kasan_slab_alloc(kasan, KMALLOC_128, 0, COUNTED_TAG, false);
      __kasan_kmalloc(kasan, KMALLOC_128, 0, 100);
      void __kasan_kmalloc_large(kasan, 0, 10000, 16384, COUNTED_TAG);
    };
    expect(worked(keep, allocate)).toEqual(worked({}, allocate));
  });
});

describe('redraw: freed memory gets a random tag, and its next owner takes it over (bugzilla 212189)', () => {
  const redraw = { freedPages: 'redraw', freedObjects: 'redraw' } as const;

  test('a page: IRG and 4 + 63 when it is freed; one LDG and the zeroing of its own when it is allocated', () => {
    expect(worked(redraw, (kasan) => __free_pages_prepare(kasan, 0, 0, countedTag(true)))).toEqual({
      __kasan_poison_pages: { calls: 1, granules: 256, irg: 1, stg: 4, dcGva: 63 },
    });
    expect(worked(redraw, (kasan) => void post_alloc_hook(kasan, 0, 0, 0, NO_GFP))).toEqual({
      __kasan_unpoison_pages: { calls: 1, ldg: 1 },
    });
    expect(worked(redraw, (kasan) => void post_alloc_hook(kasan, 0, 0, 0, GFP_ZERO))).toEqual({
      __kasan_unpoison_pages: { calls: 1, ldg: 1 },
      'clear_pages (alloc)': { calls: 1, dcZva: 64 },
    });
  });

  test('a block of four pages, which may have four tags, is tagged at allocation too: 4 + 255', () => {
    expect(worked(redraw, (kasan) => void post_alloc_hook(kasan, 0, 0, 2, NO_GFP))).toEqual({
      __kasan_unpoison_pages: { calls: 1, granules: 1024, irg: 1, stg: 4, dcGva: 255 },
    });
  });

  test('an object: IRG and 4 + 1 when it is freed, one LDG when it is given out, and the redzone of a kmalloc(100)', () => {
    const lifetime = worked(redraw, (kasan) => {
      __kasan_slab_alloc(kasan, KMALLOC_128, 0, COUNTED_TAG, true);
      __kasan_kmalloc(kasan, KMALLOC_128, 0, 100);
      __kasan_slab_free(kasan, KMALLOC_128, 0, COUNTED_TAG);
    });
    expect(lifetime).toEqual({
      __kasan_slab_alloc: { calls: 1, ldg: 1 },
      __kasan_kmalloc: { calls: 1, granules: 1, stg: 1 },
      __kasan_slab_free: { calls: 1, granules: 8, ldg: 1, irg: 1, stg: 4, dcGva: 1 },
    });
  });

  test('a new slab gives each object its first tag, and is tagged as a page when it is freed', () => {
    expect(worked(redraw, (kasan) => void setup_object(kasan, KMALLOC_128, 0))).toEqual({
      setup_object: { calls: 1, granules: 8, irg: 1, stg: 4, dcGva: 1 },
    });
    const kasan = recordingKasan({}, cpuProfile('cortex-a710'), redraw);
    const pageTag = __kasan_poison_slab(kasan, 0, 4096);
    __free_pages_prepare(kasan, 0, 0, pageTag);
    expect(kasan.work()['__kasan_poison_pages']).toEqual({ calls: 1, granules: 256, irg: 1, stg: 4, dcGva: 63 });
    // As it is now a slab page has no tag.
    expect(__kasan_poison_slab(recordingKasan(), 0, 4096)).toBe(KASAN_TAG_KERNEL);
  });

  test('what matches all goes on as it is: neither redzone nor poison marks it, as they do in Linux 7.3', () => {
    const large = (kasan: RecordingKasan): void => {
      __kasan_kmalloc_large(kasan, 0, 10000, 16384, KASAN_TAG_KERNEL);
      __kasan_krealloc(kasan, 0, KASAN_TAG_KERNEL, 9000, 16384, 'pages');
      __kasan_mempool_poison_object(kasan, 0, KASAN_TAG_KERNEL, 16384, 'pages');
      __kasan_mempool_unpoison_object(kasan, 0, KASAN_TAG_KERNEL, 10000, 16384, 'pages');
    };
    expect(worked(redraw, large)).toEqual({ __kasan_mempool_poison_object: { calls: 1 } });
    // (16384 - 10000) / 16 granules; of krealloc all 1024.
    expect(worked({}, large)).toMatchObject({
      __kasan_kmalloc_large: { calls: 1, granules: 399 },
      __kasan_krealloc: { calls: 1, granules: 1024 },
      __kasan_mempool_poison_object: { calls: 1, granules: 1024 },
      __kasan_mempool_unpoison_object: { calls: 1, granules: 1024 },
    });
  });

  test('memory that comes to the page allocator at boot is tagged page by page, as a free: IRG and 4 + 63 for each', () => {
    const boot = (kasan: RecordingKasan): void => memblock_free_all(kasan, 0, 3 * 4096);
    expect(worked(redraw, boot)).toEqual({
      __kasan_poison_pages: { calls: 1, granules: 768, irg: 3, stg: 12, dcGva: 189 },
    });
    expect(worked({}, boot)).toEqual({});
  });

  test('objects that keep one tag for the life of their slab do so still', () => {
    for (const cache of [CTOR, BY_RCU]) {
      const lifetime = (kasan: RecordingKasan): void => {
        setup_object(kasan, cache, 0);
        __kasan_slab_alloc(kasan, cache, 0, COUNTED_TAG, false);
        __kasan_slab_free(kasan, cache, 0, COUNTED_TAG);
      };
      expect(worked(redraw, lifetime)).toEqual(worked({}, lifetime));
    }
  });
});

describe('new slabs skipped: a slab is marked once (patch of 13 May 2026)', () => {
  test('the mask has the flag, so the page allocator leaves the pages and slab marks them', () => {
    const make = (kasan: RecordingKasan): void => {
      post_alloc_hook(kasan, 0, 0, 0, alloc_slab_page_gfp(kasan, NO_GFP));
      __kasan_poison_slab(kasan, 0, 4096);
    };
    const marked = { __kasan_poison_slab: { calls: 1, granules: 256, stg: 4, dcGva: 63 } };
    expect(worked({ newSlabs: 'skip' }, make)).toEqual(marked);
    expect(worked({}, make)).toEqual({
      ...marked,
      __kasan_unpoison_pages: { calls: 1, granules: 256, irg: 1, stg: 4, dcGva: 63 },
    });
  });
});

describe('new slabs left as they are: neither the page allocator nor slab marks them (bugzilla 218321, both steps)', () => {
  test('nothing is written for a new slab, also where a constructor or typesafe objects draw their tags', () => {
    const make = (kasan: RecordingKasan): void => {
      post_alloc_hook(kasan, 0, 0, 0, alloc_slab_page_gfp(kasan, NO_GFP));
      __kasan_poison_slab(kasan, 0, 4096);
    };
    expect(worked({ newSlabs: 'leave' }, make)).toEqual({});
    const setUp = (kasan: RecordingKasan): void => {
      setup_object(kasan, CTOR, 0);
      setup_object(kasan, BY_RCU, 0);
    };
    expect(worked({ newSlabs: 'leave' }, setUp)).toEqual(worked({}, setUp));
  });

  test('the page tag is what it is after kasan_poison_slab', () => {
    for (const freedPages of FREED_TAGS) {
      const tagOf = (newSlabs: KasanChanges['newSlabs']) =>
        __kasan_poison_slab(recordingKasan({}, cpuProfile('cortex-a710'), { newSlabs, freedPages }), 0, 4096);
      expect(tagOf('leave')).toBe(tagOf('tag'));
    }
  });
});

describe('large kmallocs tagged by their hooks, not by the page allocator (bugzilla 218322)', () => {
  const hooks = { largeKmalloc: 'hooks' } as const;
  const KIB_16 = 16384;
  /** kmalloc(10000): four pages, 625 granules and a redzone of 399. */
  const lifetime = (kasan: RecordingKasan): void => {
    const pageTag = post_alloc_hook(kasan, 0, 0, 2, kmalloc_large_gfp(kasan, NO_GFP));
    const tag = __kasan_kmalloc_large(kasan, 0, 10000, KIB_16, pageTag);
    __kasan_kfree_large(kasan, 0, tag, KIB_16);
    __free_pages_prepare(kasan, 0, 2, pageTag);
  };

  test('each granule is written once at allocation, and once when it is freed', () => {
    // In 7.3 the page allocator writes 1024, the redzone 399 of them again, and __kasan_poison_pages 1024.
    expect(worked({}, lifetime)).toMatchObject({
      __kasan_unpoison_pages: { calls: 1, granules: 1024, irg: 1 },
      __kasan_kmalloc_large: { calls: 1, granules: 399 },
      __kasan_kfree_large: { calls: 1, ldg: 1 },
      __kasan_poison_pages: { calls: 1, granules: 1024 },
    });
    const work = worked(hooks, lifetime);
    expect(Object.keys(work)).toEqual(['__kasan_kmalloc_large', '__kasan_kfree_large']);
    expect(work).toMatchObject({
      __kasan_kmalloc_large: { calls: 1, granules: 1024, irg: 1 },
      __kasan_kfree_large: { calls: 1, granules: 1024, ldg: 1, stg: 4, dcGva: 255 },
    });
  });

  test('page sampling does not reach them, and zeroing stays with the page allocator: 4 × 64 DC ZVA', () => {
    expect(worked(hooks, lifetime, { pageAllocSample: 10, pageAllocSampleOrder: 0 })).toEqual(worked(hooks, lifetime));
    const zeroed = (kasan: RecordingKasan): void =>
      void post_alloc_hook(kasan, 0, 0, 2, kmalloc_large_gfp(kasan, GFP_ZERO));
    expect(worked(hooks, zeroed)).toEqual({ 'clear_pages (alloc)': { calls: 1, dcZva: 256 } });
  });

  test('where freed memory keeps its tag, or gets a new one, the hook of kfree does so', () => {
    const free = (kasan: RecordingKasan): void => void __kasan_kfree_large(kasan, 0, COUNTED_TAG, KIB_16);
    expect(worked({ ...hooks, freedPages: 'keep' }, free)).toEqual({ __kasan_kfree_large: { calls: 1, ldg: 1 } });
    expect(worked({ ...hooks, freedPages: 'redraw' }, free)).toEqual({
      __kasan_kfree_large: { calls: 1, granules: 1024, ldg: 1, irg: 1, stg: 4, dcGva: 255 },
    });
  });
});

describe('distinct tags: other than before, and than on both sides (bugzilla 203505 and 212177)', () => {
  const distinct = { draws: 'distinct' } as const;

  test('an object or a page costs two LDG more when it draws, and nothing else', () => {
    const draw = (kasan: RecordingKasan): void => {
      __kasan_slab_alloc(kasan, KMALLOC_128, 0, COUNTED_TAG, false);
      post_alloc_hook(kasan, 0, 0, 0, NO_GFP);
    };
    expect(worked({}, draw)['__kasan_slab_alloc']).toEqual({ calls: 1, granules: 8, irg: 1, stg: 4, dcGva: 1 });
    expect(worked(distinct, draw)).toEqual({
      __kasan_slab_alloc: { calls: 1, granules: 8, irg: 1, ldg: 2, stg: 4, dcGva: 1 },
      __kasan_unpoison_pages: { calls: 1, granules: 256, irg: 1, ldg: 2, stg: 4, dcGva: 63 },
    });
  });

  test('objects that keep their tag, and areas, are as they were', () => {
    for (const cache of [CTOR, BY_RCU]) {
      const lifetime = (kasan: RecordingKasan): void => {
        setup_object(kasan, cache, 0);
        __kasan_slab_alloc(kasan, cache, 0, COUNTED_TAG, false);
        __kasan_slab_free(kasan, cache, 0, COUNTED_TAG);
      };
      expect(worked(distinct, lifetime)).toEqual(worked({}, lifetime));
    }
  });

  test('on memory: of 14 tags one is left, and it is drawn', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 13 }), fc.nat(1000), (left, seed) => {
        const ram = 64 << 10;
        const counter = new CountingMachine(cpuProfile('cortex-a710'));
        const machine = new FullMachine(counter, new TagMemory(ram), new AddressSpace(ram, 4096), new Random(seed));
        const others = 0x3fff & ~(1 << left);
        expect(machine.irg(others)).toBe(0xf0 + left);
        expect(machine.irg(0x3fff)).toBe(0xf0);
      }),
      { numRuns: 50 },
    );
  });

  test('neighbours and the old tag are never drawn again', () => {
    const ram = 64 << 10;
    const config = defaultKernelConfig();
    const machine = new FullMachine(
      new CountingMachine(cpuProfile('cortex-a710')),
      new TagMemory(ram),
      new AddressSpace(ram, config.pageSize),
      new Random(1),
    );
    const kasan = kasanOf(config, machine, () => {}, { ...NO_CHANGES, ...distinct });
    const at = (object: number): number => 4096 + object * KMALLOC_128.size;
    let tags = [0, 1, 2].map((object) => __kasan_slab_alloc(kasan, KMALLOC_128, at(object), KASAN_TAG_KERNEL, false));
    for (let turn = 0; turn < 300; turn++) {
      const object = turn % 3;
      const tag = __kasan_slab_alloc(kasan, KMALLOC_128, at(object), tags[object], false);
      // The redzone of a kmalloc(100) hides its end, not its beginning.
      __kasan_kmalloc(kasan, KMALLOC_128, at(object), 100);
      expect([tags[object], tags[object - 1], tags[object + 1]]).not.toContain(tag);
      tags = tags.with(object, tag);
    }
  });
});

/** Calls of hooks with arguments as they come. */
const calls = fc.array(
  fc.record({
    kind: fc.constantFrom('pages', 'slab', 'object', 'ctor', 'rcu'),
    order: fc.nat(4),
    mask: fc.constantFrom(NO_GFP, GFP_ZERO, GFP_SKIP_KASAN, gfpUnion(GFP_ZERO, GFP_SKIP_KASAN)),
    cpu: fc.nat(2),
  }),
);
const changes: fc.Arbitrary<KasanChanges> = fc.record({
  freedPages: fc.constantFrom(...FREED_TAGS),
  freedObjects: fc.constantFrom(...FREED_TAGS),
  newSlabs: fc.constantFrom(...NEW_SLABS),
  largeKmalloc: fc.constantFrom(...LARGE_KMALLOC),
  draws: fc.constantFrom(...DRAWS),
  sample: fc.option(fc.record({ every: fc.integer({ min: 1, max: 9 }), order: fc.nat(4) }), { nil: undefined }),
});

function callAll(kasan: RecordingKasan, list: ReturnType<typeof calls.generate>['value']): void {
  for (const { kind, order, mask, cpu } of list) {
    if (kind === 'pages') __free_pages_prepare(kasan, 0, order, post_alloc_hook(kasan, cpu, 0, order, mask));
    else if (kind === 'slab') {
      post_alloc_hook(kasan, cpu, 0, order, alloc_slab_page_gfp(kasan, mask));
      __free_pages_prepare(kasan, 0, order, __kasan_poison_slab(kasan, 0, 4096 << order));
    } else {
      const cache = kind === 'object' ? KMALLOC_128 : kind === 'ctor' ? CTOR : BY_RCU;
      setup_object(kasan, cache, 0);
      __kasan_slab_alloc(kasan, cache, 0, COUNTED_TAG, mask === GFP_ZERO);
      __kasan_slab_free(kasan, cache, 0, COUNTED_TAG);
    }
  }
}

describe('whatever is called', () => {
  test('without hardware tags no change changes anything', () => {
    fc.assert(
      fc.property(calls, changes, fc.constantFrom(...KASAN_BUILDS), fc.boolean(), (list, proposed, build, kasan) => {
        if (build === 'hw-tags' && kasan) return;
        const config = { build, kasan };
        expect(worked(proposed, (of) => callAll(of, list), config)).toEqual(
          worked({}, (of) => callAll(of, list), config),
        );
      }),
    );
  });

  test('sampling by a change is sampling by boot parameters, which it overrides', () => {
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 9 }), fc.nat(4), (list, every, order) => {
        const asParameter = { pageAllocSample: every, pageAllocSampleOrder: order };
        const other = { pageAllocSample: 5, pageAllocSampleOrder: 0 };
        expect(worked({ sample: { every, order } }, (of) => callAll(of, list), other)).toEqual(
          worked({}, (of) => callAll(of, list), asParameter),
        );
      }),
    );
  });
});
