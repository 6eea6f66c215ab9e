import { describe, expect, test } from 'vitest';
import { GFP_ZERO, NO_GFP } from '../gfp/flags.ts';
import { COUNTED_TAG, countedTag } from '../mte/counting-machine.ts';
import { cpuProfile, withDcBlock } from '../mte/cpu.ts';
import type { KernelConfig } from './kernel-config.ts';
import { post_alloc_hook } from './page-alloc.ts';
import { recordingKasan, type HookCounts, type RecordingKasan } from './recording-kasan.testdata.ts';
import {
  __kasan_kfree_large,
  __kasan_kmalloc,
  __kasan_kmalloc_large,
  __kasan_poison_slab,
  __kasan_slab_alloc,
  __kasan_slab_free,
  setup_object,
  type SlabCache,
} from './slab.ts';

const plain = (objectSize: number): SlabCache => ({
  objectSize,
  size: Math.ceil(objectSize / 16) * 16,
  ctor: false,
  typesafeByRcu: false,
});
const CTOR: SlabCache = { ...plain(96), ctor: true };
const TYPESAFE: SlabCache = { ...plain(192), typesafeByRcu: true };
const BOTH: SlabCache = { ...plain(96), ctor: true, typesafeByRcu: true };

function worked(run: (kasan: RecordingKasan) => void, changes: Partial<KernelConfig> = {}) {
  const kasan = recordingKasan(changes);
  run(kasan);
  return kasan.work();
}

describe('objects of plain caches (slab.md section 4, "Instruction counts per object")', () => {
  test.each<readonly [size: number, stores: number, blocks: number, wideStores: number, wideBlocks: number]>([
    [16, 1, 0, 1, 0],
    [32, 2, 0, 2, 0],
    [64, 4, 0, 4, 0],
    [96, 6, 0, 6, 0],
    [128, 4, 1, 8, 0],
    [192, 4, 2, 12, 0],
    [256, 4, 3, 16, 0],
    [512, 4, 7, 32, 0],
    [1024, 4, 15, 32, 1],
    [2048, 4, 31, 32, 3],
    [4096, 4, 63, 32, 7],
    [8192, 4, 127, 32, 15],
  ])('%i bytes: alloc IRG + n, free LDG + n', (size, stores, blocks, wideStores, wideBlocks) => {
    for (const [block, stg, dcGva] of [
      ['64', stores, blocks],
      ['512', wideStores, wideBlocks],
    ] as const) {
      const kasan = recordingKasan({}, withDcBlock(cpuProfile('cortex-a710'), block));
      __kasan_slab_alloc(kasan, plain(size), 0, COUNTED_TAG, false);
      __kasan_slab_free(kasan, plain(size), 0, COUNTED_TAG);
      const n = { calls: 1, granules: size / 16, stg, ...(dcGva === 0 ? {} : { dcGva }) };
      expect(kasan.work()).toEqual({
        __kasan_slab_alloc: { ...n, irg: 1 },
        __kasan_slab_free: { ...n, ldg: 1 },
      });
    }
  });

  test('an object size that is no multiple of 16 is rounded up to granules: 88 bytes are 6', () => {
    expect(worked((kasan) => __kasan_slab_alloc(kasan, plain(88), 0, COUNTED_TAG, false))).toEqual({
      __kasan_slab_alloc: { calls: 1, granules: 6, irg: 1, stg: 6 },
    });
    expect(worked((kasan) => __kasan_slab_free(kasan, plain(88), 0, COUNTED_TAG))).toEqual({
      __kasan_slab_free: { calls: 1, granules: 6, ldg: 1, stg: 6 },
    });
  });

  test('where the object begins in a block matters: 144 bytes at offset 48 are 1 + 2 (mte.md section 5)', () => {
    expect(worked((kasan) => __kasan_slab_alloc(kasan, plain(144), 48, COUNTED_TAG, false))).toEqual({
      __kasan_slab_alloc: { calls: 1, granules: 9, irg: 1, stg: 1, dcGva: 2 },
    });
  });
});

describe('the redzone of kmalloc (slab.md section 4, "Redzone examples", 64-byte blocks)', () => {
  test.each<readonly [asked: number, cache: number, redzone: HookCounts]>([
    [40, 64, { calls: 1, granules: 1, stg: 1 }],
    [48, 64, { calls: 1, granules: 1, stg: 1 }],
    [64, 64, { calls: 1 }],
    [65, 96, { calls: 1, granules: 1, stg: 1 }],
    [100, 128, { calls: 1, granules: 1, stg: 1 }],
    [1, 16, { calls: 1 }],
    // G − ceil(size/16) granules from a misaligned start: 3984 bytes at 112 are 1 + 62 (vmalloc.md section 3).
    [100, 4096, { calls: 1, granules: 249, stg: 1, dcGva: 62 }],
  ])('kmalloc(%i) from kmalloc-%i', (asked, size, redzone) => {
    expect(worked((kasan) => __kasan_kmalloc(kasan, plain(size), 0, asked))).toEqual({ __kasan_kmalloc: redzone });
  });

  test('kmalloc(100) as a whole: 4 STG + 1 DC GVA + 1 STG; free 1 LDG + 4 STG + 1 DC GVA', () => {
    expect(
      worked((kasan) => {
        __kasan_slab_alloc(kasan, plain(128), 0, COUNTED_TAG, false);
        __kasan_kmalloc(kasan, plain(128), 0, 100);
        __kasan_slab_free(kasan, plain(128), 0, COUNTED_TAG);
      }),
    ).toEqual({
      __kasan_slab_alloc: { calls: 1, granules: 8, irg: 1, stg: 4, dcGva: 1 },
      __kasan_kmalloc: { calls: 1, granules: 1, stg: 1 },
      __kasan_slab_free: { calls: 1, granules: 8, ldg: 1, stg: 4, dcGva: 1 },
    });
  });

  test('zeroing covers the object, never the redzone (section 4, steps 2 and 4)', () => {
    expect(
      worked((kasan) => {
        __kasan_slab_alloc(kasan, plain(128), 0, COUNTED_TAG, true);
        __kasan_kmalloc(kasan, plain(128), 0, 100);
      }),
    ).toEqual({
      __kasan_slab_alloc: { calls: 1, granules: 8, irg: 1, stzg: 4, dcGzva: 1 },
      __kasan_kmalloc: { calls: 1, granules: 1, stg: 1 },
    });
  });
});

describe('caches whose objects keep their tag (slab.md section 4, last table)', () => {
  test('constructor: unpoisoned without IRG, poisoned at free', () => {
    expect(worked((kasan) => __kasan_slab_alloc(kasan, CTOR, 0, COUNTED_TAG, false))).toEqual({
      __kasan_slab_alloc: { calls: 1, granules: 6, stg: 6 },
    });
    expect(worked((kasan) => __kasan_slab_free(kasan, CTOR, 0, COUNTED_TAG))).toEqual({
      __kasan_slab_free: { calls: 1, granules: 6, ldg: 1, stg: 6 },
    });
  });

  test.each([
    ['SLAB_TYPESAFE_BY_RCU', TYPESAFE, { calls: 1, granules: 12, stg: 4, dcGva: 2 }],
    ['both', BOTH, { calls: 1, granules: 6, stg: 6 }],
  ])('%s: unpoisoned without IRG, and a free only looks at the tag (oracle note 8)', (_name, cache, alloc) => {
    expect(worked((kasan) => __kasan_slab_alloc(kasan, cache, 0, COUNTED_TAG, false))).toEqual({
      __kasan_slab_alloc: alloc,
    });
    expect(worked((kasan) => __kasan_slab_free(kasan, cache, 0, COUNTED_TAG))).toEqual({
      __kasan_slab_free: { calls: 1, ldg: 1 },
    });
  });
});

describe('who is zeroed at allocation (slab.md section 4, step 1)', () => {
  const zeroed = (cache: SlabCache, zero: boolean, changes: Partial<KernelConfig>): boolean => {
    const work = worked((kasan) => __kasan_slab_alloc(kasan, cache, 0, COUNTED_TAG, zero), changes).__kasan_slab_alloc;
    const { stzg = 0, stg = 0 } = work;
    expect(stzg === 0).not.toBe(stg === 0);
    return stzg > 0;
  };

  test.each<readonly [string, SlabCache, zero: boolean, initOnAlloc: boolean, initOnFree: boolean, boolean]>([
    ['plain', plain(64), false, false, false, false],
    ['plain, __GFP_ZERO', plain(64), true, false, false, true],
    ['plain, init_on_alloc', plain(64), false, true, false, true],
    ['constructor, init_on_alloc: never', CTOR, false, true, false, false],
    ['typesafe, init_on_alloc: only for __GFP_ZERO', TYPESAFE, false, true, false, false],
    ['typesafe, init_on_alloc and __GFP_ZERO', TYPESAFE, true, true, false, true],
    ['init_on_free does not replace it, unlike in the page allocator', plain(64), true, false, true, true],
  ])('%s', (_name, cache, zero, initOnAlloc, initOnFree, expected) => {
    expect(zeroed(cache, zero, { initOnAlloc, initOnFree })).toBe(expected);
  });
});

describe('init_on_free (slab.md section 5: not for constructor, TYPESAFE and POISON caches)', () => {
  const init = { initOnFree: true };

  test('plain objects are zeroed by the poisoning stores', () => {
    expect(worked((kasan) => __kasan_slab_free(kasan, plain(256), 0, COUNTED_TAG), init)).toEqual({
      __kasan_slab_free: { calls: 1, granules: 16, ldg: 1, stzg: 4, dcGzva: 3 },
    });
  });

  test('objects of constructor caches are not', () => {
    expect(worked((kasan) => __kasan_slab_free(kasan, CTOR, 0, COUNTED_TAG), init)).toEqual({
      __kasan_slab_free: { calls: 1, granules: 6, ldg: 1, stg: 6 },
    });
  });
});

describe('a new slab page (slab.md section 2)', () => {
  test('is tagged twice: by page_alloc with a random tag, and poisoned (oracle note 9)', () => {
    expect(
      worked((kasan) => {
        post_alloc_hook(kasan, 0, 0, 0, NO_GFP);
        __kasan_poison_slab(kasan, 0, 4096);
      }),
    ).toEqual({
      __kasan_unpoison_pages: { calls: 1, granules: 256, irg: 1, stg: 4, dcGva: 63 },
      __kasan_poison_slab: { calls: 1, granules: 256, stg: 4, dcGva: 63 },
    });
  });

  test('is never zeroed by the poisoning, also with init_on_alloc', () => {
    expect(
      worked(
        (kasan) => {
          post_alloc_hook(kasan, 0, 0, 3, NO_GFP);
          __kasan_poison_slab(kasan, 0, 32768);
        },
        { initOnAlloc: true },
      ),
    ).toEqual({
      __kasan_unpoison_pages: { calls: 1, granules: 2048, irg: 1, stzg: 4, dcGzva: 511 },
      __kasan_poison_slab: { calls: 1, granules: 2048, stg: 4, dcGva: 511 },
    });
  });

  test('sampled out by page_alloc, it is still poisoned', () => {
    const kasan = recordingKasan({ pageAllocSample: 2, pageAllocSampleOrder: 0 });
    kasan.sampler.kasan_sample_page_alloc(0, 0);
    post_alloc_hook(kasan, 0, 0, 0, NO_GFP);
    __kasan_poison_slab(kasan, 0, 4096);
    expect(kasan.work()).toEqual({ __kasan_poison_slab: { calls: 1, granules: 256, stg: 4, dcGva: 63 } });
  });

  test.each<readonly [string, SlabCache, HookCounts | undefined]>([
    ['plain: nothing', plain(96), undefined],
    ['typesafe: a tag is drawn, memory stays poisoned', TYPESAFE, { calls: 1, irg: 1 }],
    ['constructor: unpoisoned for it, then poisoned again', CTOR, { calls: 1, irg: 1, granules: 12, stg: 12 }],
    ['both: as constructor', BOTH, { calls: 1, irg: 1, granules: 12, stg: 12 }],
  ])('its objects, %s', (_name, cache, counts) => {
    expect(worked((kasan) => setup_object(kasan, cache, 0))).toEqual(
      counts === undefined ? {} : { setup_object: counts },
    );
  });
});

describe('large kmalloc (slab.md section 6)', () => {
  test('kmalloc(9000), order 2: page_alloc tags 16 KiB, then the redzone from 9008 on is poisoned', () => {
    // 7376 bytes at offset 9008 mod 64 = 48: 1 store, then 115 whole blocks up to the end.
    expect(
      worked((kasan) => {
        post_alloc_hook(kasan, 0, 0, 2, GFP_ZERO);
        __kasan_kmalloc_large(kasan, 0, 9000, 16384, COUNTED_TAG);
      }),
    ).toEqual({
      __kasan_unpoison_pages: { calls: 1, granules: 1024, irg: 1, stzg: 4, dcGzva: 255 },
      __kasan_kmalloc_large: { calls: 1, granules: 461, stg: 1, dcGva: 115 },
    });
  });

  test('a size that fills its pages has no redzone', () => {
    expect(worked((kasan) => __kasan_kmalloc_large(kasan, 0, 16384, 16384, COUNTED_TAG))).toEqual({
      __kasan_kmalloc_large: { calls: 1 },
    });
  });

  test('kfree looks at one tag; poisoning is left to the page allocator', () => {
    expect(worked((kasan) => __kasan_kfree_large(kasan, 0, countedTag(true), 16384))).toEqual({
      __kasan_kfree_large: { calls: 1, ldg: 1 },
    });
  });
});

test('kasan=off: no slab hook does anything', () => {
  const work = worked(
    (kasan) => {
      for (const cache of [plain(64), CTOR, TYPESAFE]) {
        __kasan_poison_slab(kasan, 0, 4096);
        setup_object(kasan, cache, 0);
        __kasan_slab_alloc(kasan, cache, 0, COUNTED_TAG, true);
        __kasan_kmalloc(kasan, cache, 0, 1);
        __kasan_slab_free(kasan, cache, 0, COUNTED_TAG);
      }
      __kasan_kmalloc_large(kasan, 0, 9000, 16384, COUNTED_TAG);
      __kasan_kfree_large(kasan, 0, countedTag(true), 16384);
    },
    { kasan: false, initOnAlloc: true, initOnFree: true },
  );
  expect(work).toEqual({});
});
