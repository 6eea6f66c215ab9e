import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DRAWS, FREED_TAGS, LARGE_KMALLOC, NEW_SLABS, type KasanChanges } from '../base/kasan-changes.ts';
import { GFP_SKIP_KASAN, GFP_ZERO, gfpUnion, NO_GFP } from '../gfp/flags.ts';
import { COUNTED_TAG, countedTag } from '../mte/counting-machine.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import { KASAN_BUILDS, type KernelConfig } from './kernel-config.ts';
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
  __kasan_kmalloc_large,
  __kasan_poison_slab,
  __kasan_slab_alloc,
  __kasan_slab_free,
  alloc_slab_page_gfp,
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
      __kasan_kmalloc_large(kasan, 0, 10000, 16384, COUNTED_TAG);
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
