import { describe, expect, test } from 'vitest';
import { GFP_SKIP_KASAN, GFP_SKIP_ZERO, GFP_ZERO, gfpUnion, NO_GFP } from '../gfp/flags.ts';
import { COUNTED_TAG, countedTag } from '../mte/counting-machine.ts';
import { cpuProfile, withDcBlock } from '../mte/cpu.ts';
import { KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import type { KernelConfig } from './kernel-config.ts';
import { __free_pages_prepare, post_alloc_hook } from './page-alloc.ts';
import { recordingKasan } from './recording-kasan.testdata.ts';
import { alloc_thread_stack_node_from_cache } from './thread-stack.ts';
import { __kasan_unpoison_vmalloc, vmallocPageGfp, vmallocTags } from './vmalloc.ts';

const B512 = withDcBlock(cpuProfile('cortex-a710'), '512');

function unpoisoned(size: number, gfp = NO_GFP, changes: Partial<KernelConfig> = {}, cpu = cpuProfile('cortex-a710')) {
  const kasan = recordingKasan(changes, cpu);
  __kasan_unpoison_vmalloc(kasan, 0, size, gfp);
  return kasan.work();
}

const area = (counts: Readonly<Record<string, number>>) => ({
  __kasan_unpoison_vmalloc: { calls: 1, irg: 1, ...counts },
});

describe('counts of vmalloc (vmalloc.md section 3)', () => {
  test('a size of whole pages is one range and has no redzone', () => {
    expect(unpoisoned(65536)).toEqual(area({ granules: 4096, stg: 4, dcGva: 1023 }));
    expect(unpoisoned(65536, NO_GFP, {}, B512)).toEqual(area({ granules: 4096, stg: 32, dcGva: 127 }));
  });

  test('16 KiB, zeroed, as a kernel stack before the series: 4 STZG + 255 DC GZVA, or 32 + 31', () => {
    expect(unpoisoned(16384, GFP_ZERO)).toEqual(area({ granules: 1024, stzg: 4, dcGzva: 255 }));
    expect(unpoisoned(16384, GFP_ZERO, {}, B512)).toEqual(area({ granules: 1024, stzg: 32, dcGzva: 31 }));
  });

  test('vmalloc(100): 7 granules of data, and the rest of the page as redzone', () => {
    expect(unpoisoned(100)).toEqual(area({ granules: 256, stg: 7 + 1, dcGva: 62 }));
    expect(unpoisoned(100, NO_GFP, {}, B512)).toEqual(area({ granules: 256, stg: 7 + 25, dcGva: 7 }));
  });

  test('the redzone is zeroed with the data (section 3, step 5)', () => {
    expect(unpoisoned(100, GFP_ZERO)).toEqual(area({ granules: 256, stzg: 7 + 1, dcGzva: 62 }));
  });

  test('zeroed with init_on_alloc, not with init_on_free (section 2, step 6)', () => {
    expect(unpoisoned(4096, NO_GFP, { initOnAlloc: true })).toEqual(area({ granules: 256, stzg: 4, dcGzva: 63 }));
    expect(unpoisoned(4096, GFP_ZERO, { initOnFree: true })).toEqual(area({ granules: 256, stg: 4, dcGva: 63 }));
  });
});

describe('the mask of the backing pages (vmalloc.md section 2, table)', () => {
  const { config } = recordingKasan();

  test('normal: page_alloc neither tags nor zeroes', () => {
    expect(vmallocPageGfp(config, GFP_ZERO, false)).toBe(gfpUnion(GFP_ZERO, GFP_SKIP_KASAN, GFP_SKIP_ZERO));
    expect(vmallocTags(config, false)).toBe(true);
  });

  test('the caller passes SKIP_KASAN: page_alloc does not tag, but zeroes', () => {
    expect(vmallocPageGfp(config, GFP_ZERO, true)).toBe(gfpUnion(GFP_ZERO, GFP_SKIP_KASAN));
    expect(vmallocTags(config, true)).toBe(false);
  });

  test('kasan=off: as the caller passes it, and nothing is tagged', () => {
    const off = { ...config, kasan: false };
    expect(vmallocPageGfp(off, GFP_ZERO, false)).toBe(GFP_ZERO);
    expect(vmallocTags(off, false)).toBe(false);
    expect(unpoisoned(16384, GFP_ZERO, { kasan: false })).toEqual({});
  });

  test('kasan.vmalloc=off: as without it, and the pages are only zeroed (section 2; 275 fresh stacks of 7.3.4 measured)', () => {
    const kasan = recordingKasan({ vmalloc: false });
    const mask = vmallocPageGfp(kasan.config, GFP_ZERO, false);
    expect(mask).toBe(gfpUnion(GFP_ZERO, GFP_SKIP_KASAN, GFP_SKIP_ZERO));
    expect(vmallocTags(kasan.config, false)).toBe(false);
    expect(post_alloc_hook(kasan, 0, 0, 2, mask)).toBe(KASAN_TAG_KERNEL);
    expect(__kasan_unpoison_vmalloc(kasan, 0, 16384, GFP_ZERO)).toBe(KASAN_TAG_KERNEL);
    expect(kasan.work()).toEqual({ 'clear_pages (alloc)': { calls: 1, dcZva: 256 } });
  });

  test('kasan.vmalloc=off, not to be zeroed: nothing (mm/kasan/hw_tags.c:__kasan_unpoison_vmalloc)', () => {
    expect(unpoisoned(16384, NO_GFP, { vmalloc: false })).toEqual({});
    expect(unpoisoned(100, GFP_ZERO, { vmalloc: false })).toEqual({ 'clear_pages (alloc)': { calls: 1, dcZva: 64 } });
  });

  test('kasan.vmalloc=off with SKIP_KASAN, as stacks of 7.3: not tagged either, and zeroed by the page allocator', () => {
    const kasan = recordingKasan({ vmalloc: false });
    expect(post_alloc_hook(kasan, 0, 0, 2, vmallocPageGfp(kasan.config, GFP_ZERO, true))).toBe(KASAN_TAG_KERNEL);
    expect(kasan.work()).toEqual({ 'clear_pages (alloc)': { calls: 1, dcZva: 256 } });
  });
});

describe('kernel stacks (fork_stack_pgtable.md section 2, "Costs per event", 64- and 512-byte blocks)', () => {
  const cpus = [
    [cpuProfile('cortex-a710'), 4, 255, 256, 63],
    [B512, 32, 31, 32, 7],
  ] as const;

  test.each(cpus)('fresh, before the series: tagged and zeroed as one range', (cpu, stores, blocks) => {
    const kasan = recordingKasan({}, cpu);
    __kasan_unpoison_vmalloc(kasan, 0, 16384, GFP_ZERO);
    post_alloc_hook(kasan, 0, 0, 2, vmallocPageGfp(kasan.config, GFP_ZERO, false));
    expect(kasan.work()).toEqual(area({ granules: 1024, stzg: stores, dcGzva: blocks }));
  });

  test.each(cpus)('fresh, 7.3: only zeroed', (cpu, _stores, _blocks, clears) => {
    const kasan = recordingKasan({}, cpu);
    post_alloc_hook(kasan, 0, 0, 2, vmallocPageGfp(kasan.config, GFP_ZERO, true));
    expect(kasan.work()).toEqual({ 'clear_pages (alloc)': { calls: 1, dcZva: clears } });
  });

  test.each(cpus)('from the cache, before the series: unpoisoned again, then zeroed', (cpu, stores, blocks, clears) => {
    const kasan = recordingKasan({}, cpu);
    alloc_thread_stack_node_from_cache(kasan, 0, COUNTED_TAG, false);
    expect(kasan.work()).toEqual({
      __kasan_unpoison_range: { calls: 1, granules: 1024, stg: stores, dcGva: blocks },
      'clear_pages (alloc)': { calls: 1, dcZva: clears },
    });
  });

  test.each(cpus)('from the cache, 7.3: zeroed', (cpu, _stores, _blocks, clears) => {
    const kasan = recordingKasan({}, cpu);
    alloc_thread_stack_node_from_cache(kasan, 0, COUNTED_TAG, true);
    expect(kasan.work()).toEqual({ 'clear_pages (alloc)': { calls: 1, dcZva: clears } });
  });

  test('from the cache with kasan=off: zeroed', () => {
    const kasan = recordingKasan({ kasan: false });
    alloc_thread_stack_node_from_cache(kasan, 0, COUNTED_TAG, false);
    expect(kasan.work()).toEqual({ 'clear_pages (alloc)': { calls: 1, dcZva: 256 } });
  });

  test.each(cpus)('vfree, before the series: each of the four pages by itself', (cpu, stores, _b, _c, pageBlocks) => {
    const kasan = recordingKasan({}, cpu);
    for (let page = 0; page < 4; page++) __free_pages_prepare(kasan, 0, 0, countedTag(true));
    expect(kasan.work()).toEqual({
      __kasan_poison_pages: { calls: 4, granules: 1024, stg: 4 * stores, dcGva: 4 * pageBlocks },
    });
  });

  test('vfree, 7.3: nothing; with init_on_free 4 × 64 DC ZVA', () => {
    const kasan = recordingKasan();
    const initOnFree = recordingKasan({ initOnFree: true });
    for (let page = 0; page < 4; page++) {
      __free_pages_prepare(kasan, 0, 0, countedTag(false));
      __free_pages_prepare(initOnFree, 0, 0, countedTag(false));
    }
    expect(kasan.work()).toEqual({});
    expect(initOnFree.work()).toEqual({ 'clear_pages (free)': { calls: 4, dcZva: 256 } });
  });
});
