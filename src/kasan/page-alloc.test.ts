import { describe, expect, test } from 'vitest';
import { GFP_SKIP_KASAN, GFP_SKIP_ZERO, GFP_ZERO, GFP_ZEROTAGS, gfpUnion, NO_GFP, type Gfp } from '../gfp/flags.ts';
import { bytes } from '../base/units.ts';
import { COUNTED_TAG, countedTag } from '../mte/counting-machine.ts';
import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import { cpuProfile, withDcBlock } from '../mte/cpu.ts';
import type { KernelConfig } from './kernel-config.ts';
import { __free_pages_prepare, post_alloc_hook } from './page-alloc.ts';
import { PageAllocSampler } from './page-alloc-sampler.ts';
import { recordingKasan, type HookCounts } from './recording-kasan.testdata.ts';

const A710 = cpuProfile('cortex-a710');

/** Sampled out: the second allocation on a CPU with kasan.page_alloc.sample=2, at any order. */
const SAMPLED: Partial<KernelConfig> = { pageAllocSample: 2, pageAllocSampleOrder: 0 };

/** One order-0 page at 64-byte blocks (page_alloc.md section 6c): n1 + n2 = 4 + 63, zeroing 64 DC ZVA. */
const TAGGED: HookCounts = { calls: 1, granules: 256, irg: 1, stg: 4, dcGva: 63 };
const TAGGED_ZEROED: HookCounts = { calls: 1, granules: 256, irg: 1, stzg: 4, dcGzva: 63 };
const ZEROED: HookCounts = { calls: 1, dcZva: 64 };

const UNPOISON = '__kasan_unpoison_pages';
const CLEAR = 'clear_pages (alloc)';

/** Work and resulting page tag of one order-0 allocation. */
function allocated(gfp: Gfp, changes: Partial<KernelConfig> = {}, sampledOut = false) {
  const kasan = recordingKasan({ ...changes, ...(sampledOut ? SAMPLED : {}) });
  if (sampledOut) expect(kasan.sampler.kasan_sample_page_alloc(0, 0)).toBe(true);
  const tagged = post_alloc_hook(kasan, 0, 0, 0, gfp) !== KASAN_TAG_KERNEL;
  return { tagged, work: kasan.work() };
}

describe('allocation: the rows of page_alloc.md section 6a', () => {
  test('no SKIP_KASAN, sampled, not zeroed: STG and DC GVA', () => {
    expect(allocated(NO_GFP)).toEqual({ tagged: true, work: { [UNPOISON]: TAGGED } });
  });

  test('no SKIP_KASAN, sampled, zeroed: STZG and DC GZVA, and no DC ZVA', () => {
    expect(allocated(GFP_ZERO)).toEqual({ tagged: true, work: { [UNPOISON]: TAGGED_ZEROED } });
  });

  test('sampled out, not zeroed: nothing, and the page tag is match-all', () => {
    expect(allocated(NO_GFP, {}, true)).toEqual({ tagged: false, work: {} });
  });

  test('sampled out, zeroed: DC ZVA', () => {
    expect(allocated(GFP_ZERO, {}, true)).toEqual({ tagged: false, work: { [CLEAR]: ZEROED } });
  });

  test('SKIP_KASAN, not zeroed: nothing', () => {
    expect(allocated(GFP_SKIP_KASAN)).toEqual({ tagged: false, work: {} });
  });

  test('SKIP_KASAN, zeroed: DC ZVA', () => {
    expect(allocated(gfpUnion(GFP_SKIP_KASAN, GFP_ZERO))).toEqual({ tagged: false, work: { [CLEAR]: ZEROED } });
  });
});

describe('what "zero wanted" means (page_alloc.md section 3, step 1)', () => {
  const zeroes = (gfp: Gfp, changes: Partial<KernelConfig>): boolean => {
    const { work } = allocated(gfp, changes);
    return work[UNPOISON].stzg === 4;
  };

  test.each<readonly [name: string, gfp: Gfp, initOnAlloc: boolean, initOnFree: boolean, zeroed: boolean]>([
    ['nothing asks for it', NO_GFP, false, false, false],
    ['__GFP_ZERO', GFP_ZERO, false, false, true],
    ['init_on_alloc', NO_GFP, true, false, true],
    ['both', GFP_ZERO, true, false, true],
    ['__GFP_SKIP_ZERO overrides __GFP_ZERO', gfpUnion(GFP_ZERO, GFP_SKIP_ZERO), false, false, false],
    ['__GFP_SKIP_ZERO overrides init_on_alloc', GFP_SKIP_ZERO, true, false, false],
    ['with init_on_free a free page is zero already', GFP_ZERO, false, true, false],
    ['init_on_free wins over init_on_alloc', GFP_ZERO, true, true, false],
  ])('%s', (_name, gfp, initOnAlloc, initOnFree, zeroed) => {
    expect(zeroes(gfp, { initOnAlloc, initOnFree })).toBe(zeroed);
  });

  test('a skipped page is zeroed under the same conditions, by DC ZVA', () => {
    expect(allocated(GFP_SKIP_KASAN, { initOnAlloc: true }).work).toEqual({ [CLEAR]: ZEROED });
    expect(allocated(gfpUnion(GFP_SKIP_KASAN, GFP_ZERO), { initOnFree: true }).work).toEqual({});
  });
});

describe('kasan=off (page_alloc.md section 6a: no tag instruction, S/B DC ZVA if zero wanted)', () => {
  const off = { kasan: false };

  test('an allocation is only zeroed, and never tagged', () => {
    expect(allocated(NO_GFP, off)).toEqual({ tagged: false, work: {} });
    expect(allocated(GFP_ZERO, off)).toEqual({ tagged: false, work: { [CLEAR]: ZEROED } });
  });

  test('__GFP_SKIP_ZERO is honoured only if KASAN is on (section 3, step 1)', () => {
    expect(allocated(gfpUnion(GFP_ZERO, GFP_SKIP_ZERO), off).work).toEqual({ [CLEAR]: ZEROED });
  });

  test('sampling is not asked: the counter stays', () => {
    const kasan = recordingKasan({ ...off, ...SAMPLED });
    post_alloc_hook(kasan, 0, 0, 0, NO_GFP);
    expect(kasan.sampler.kasan_sample_page_alloc(0, 0)).toBe(true);
  });

  test('a free poisons nothing, whatever the page tag, and zeroes with init_on_free', () => {
    const kasan = recordingKasan({ ...off });
    __free_pages_prepare(kasan, 0, 0, countedTag(true));
    expect(kasan.work()).toEqual({});
    const initOnFree = recordingKasan({ ...off, initOnFree: true });
    __free_pages_prepare(initOnFree, 0, 0, countedTag(true));
    expect(initOnFree.work()).toEqual({ 'clear_pages (free)': ZEROED });
  });
});

describe('__GFP_ZEROTAGS: pages for PROT_MTE (page_alloc.md sections 3.3 and 6a; mte.md section 6)', () => {
  const CLEAR_TAGS = 'tag_clear_highpages';

  test('zero wanted: P/B DC GZVA, then the row without zeroing', () => {
    expect(allocated(gfpUnion(GFP_ZEROTAGS, GFP_ZERO))).toEqual({
      tagged: true,
      work: { [CLEAR_TAGS]: { calls: 1, granules: 256, dcGzva: 64 }, [UNPOISON]: TAGGED },
    });
  });

  test('zero not wanted: one STGM for 256 bytes', () => {
    expect(allocated(GFP_ZEROTAGS).work[CLEAR_TAGS]).toEqual({ calls: 1, granules: 256, stgm: 16 });
  });

  test('with SKIP_KASAN, as user memory has it: nothing else, not even DC ZVA', () => {
    expect(allocated(gfpUnion(GFP_ZEROTAGS, GFP_ZERO, GFP_SKIP_KASAN))).toEqual({
      tagged: false,
      work: { [CLEAR_TAGS]: { calls: 1, granules: 256, dcGzva: 64 } },
    });
  });
});

describe('free: the rows of page_alloc.md section 6b', () => {
  const freed = (tagged: boolean, initOnFree: boolean) => {
    const kasan = recordingKasan({ initOnFree });
    __free_pages_prepare(kasan, 0, 0, countedTag(tagged));
    return kasan.work();
  };

  test('a tagged page is poisoned; no IRG', () => {
    expect(freed(true, false)).toEqual({ __kasan_poison_pages: { calls: 1, granules: 256, stg: 4, dcGva: 63 } });
  });

  test('with init_on_free it is zeroed by the same stores', () => {
    expect(freed(true, true)).toEqual({ __kasan_poison_pages: { calls: 1, granules: 256, stzg: 4, dcGzva: 63 } });
  });

  test('an untagged page is left alone', () => {
    expect(freed(false, false)).toEqual({});
  });

  test('with init_on_free it is zeroed by DC ZVA', () => {
    expect(freed(false, true)).toEqual({ 'clear_pages (free)': ZEROED });
  });
});

describe('numbers by page size and order (page_alloc.md section 6c)', () => {
  type Row = readonly [
    kib: number,
    order: number,
    granules: number,
    n1: number,
    n2: number,
    zva: number,
    wideN1: number,
    wideN2: number,
    wideZva: number,
  ];

  test.each<Row>([
    [4, 0, 256, 4, 63, 64, 32, 7, 8],
    [4, 1, 512, 4, 127, 128, 32, 15, 16],
    [4, 2, 1024, 4, 255, 256, 32, 31, 32],
    [4, 3, 2048, 4, 511, 512, 32, 63, 64],
    [4, 4, 4096, 4, 1023, 1024, 32, 127, 128],
    [4, 9, 131072, 4, 32767, 32768, 32, 4095, 4096],
    [16, 0, 1024, 4, 255, 256, 32, 31, 32],
    [64, 0, 4096, 4, 1023, 1024, 32, 127, 128],
  ])('%i KiB pages, order %i: %i granules', (kib, order, granules, n1, n2, zva, wideN1, wideN2, wideZva) => {
    for (const [block, stores, blocks, clears] of [
      ['64', n1, n2, zva],
      ['512', wideN1, wideN2, wideZva],
    ] as const) {
      const cpu = withDcBlock(A710, block);
      const pageSize = bytes(kib * 1024);

      const tagged = recordingKasan({ pageSize }, cpu);
      post_alloc_hook(tagged, 0, 0, order, NO_GFP);
      __free_pages_prepare(tagged, 0, order, countedTag(true));
      expect(tagged.work()).toEqual({
        [UNPOISON]: { calls: 1, granules, irg: 1, stg: stores, dcGva: blocks },
        __kasan_poison_pages: { calls: 1, granules, stg: stores, dcGva: blocks },
      });

      const skipped = recordingKasan({ pageSize }, cpu);
      post_alloc_hook(skipped, 0, 0, order, gfpUnion(GFP_SKIP_KASAN, GFP_ZERO));
      expect(skipped.work()).toEqual({ [CLEAR]: { calls: 1, dcZva: clears } });
    }
  });

  test('the largest block there can be, order 15 of 64 KiB pages: 2 GiB', () => {
    const kasan = recordingKasan({ pageSize: bytes(65536) });
    post_alloc_hook(kasan, 0, 0, 15, NO_GFP);
    __free_pages_prepare(kasan, 0, 15, countedTag(true));
    const n = { calls: 1, granules: 2 ** 27, stg: 4, dcGva: 2 ** 25 - 1 };
    expect(kasan.work()).toEqual({ [UNPOISON]: { ...n, irg: 1 }, __kasan_poison_pages: n });
  });

  test('DZP: S/16 stores and no block operation; zeroing is STNP and not counted', () => {
    const kasan = recordingKasan({}, withDcBlock(A710, 'dzp'));
    post_alloc_hook(kasan, 0, 0, 0, GFP_ZERO);
    post_alloc_hook(kasan, 0, 0, 0, gfpUnion(GFP_ZERO, GFP_SKIP_KASAN));
    expect(kasan.work()).toEqual({
      [UNPOISON]: { calls: 1, granules: 256, irg: 1, stzg: 256 },
      [CLEAR]: { calls: 1 },
    });
  });

  test('the example: a zeroed page table page is 512 granules before the series, and 64 DC ZVA with it', () => {
    const before = recordingKasan();
    __free_pages_prepare(before, 0, 0, post_alloc_hook(before, 0, 0, 0, GFP_ZERO));
    expect(before.work()).toEqual({
      [UNPOISON]: TAGGED_ZEROED,
      __kasan_poison_pages: { calls: 1, granules: 256, stg: 4, dcGva: 63 },
    });
    const series = recordingKasan();
    __free_pages_prepare(series, 0, 0, post_alloc_hook(series, 0, 0, 0, gfpUnion(GFP_ZERO, GFP_SKIP_KASAN)));
    expect(series.work()).toEqual({ [CLEAR]: ZEROED });
  });
});

describe('sampling (page_alloc.md section 5, mm/kasan/kasan.h:kasan_sample_page_alloc)', () => {
  const decisions = (sampler: PageAllocSampler, cpu: number, orders: readonly number[]): string =>
    orders.map((order) => (sampler.kasan_sample_page_alloc(cpu, order) ? 'T' : '-')).join('');
  const samplerOf = (pageAllocSample: number, pageAllocSampleOrder: number): PageAllocSampler =>
    new PageAllocSampler({ ...recordingKasan().config, pageAllocSample, pageAllocSampleOrder });
  const zeros = (count: number): readonly number[] => Array.from({ length: count }, () => 0);

  test('sample=1, the default: every allocation', () => {
    expect(decisions(samplerOf(1, 0), 0, zeros(6))).toBe('TTTTTT');
  });

  test('sample=3: the first on a CPU, then every third', () => {
    expect(decisions(samplerOf(3, 0), 0, zeros(8))).toBe('T--T--T-');
  });

  test('each CPU counts for itself', () => {
    const sampler = samplerOf(3, 0);
    expect(decisions(sampler, 0, zeros(2))).toBe('T-');
    expect(decisions(sampler, 7, zeros(4))).toBe('T--T');
    expect(decisions(sampler, 0, zeros(3))).toBe('-T-');
  });

  test('orders below sample.order are always tagged and do not count', () => {
    expect(decisions(samplerOf(2, 3), 0, [3, 0, 3, 2, 0, 3, 4])).toBe('TT-TTT-');
  });

  test('allocations with SKIP_KASAN consume nothing', () => {
    const kasan = recordingKasan(SAMPLED);
    expect(post_alloc_hook(kasan, 0, 0, 0, NO_GFP)).toBe(COUNTED_TAG);
    for (let skipped = 0; skipped < 3; skipped++) post_alloc_hook(kasan, 0, 0, 0, GFP_SKIP_KASAN);
    expect(post_alloc_hook(kasan, 0, 0, 0, NO_GFP)).toBe(KASAN_TAG_KERNEL);
    expect(post_alloc_hook(kasan, 0, 0, 0, NO_GFP)).toBe(COUNTED_TAG);
  });
});
