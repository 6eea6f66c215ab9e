import { describe, expect, test } from 'vitest';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { replayed } from './replayed.testdata.ts';

const trace = (...events: readonly string[]): string => events.join('\n');
const kfree = (ptr: string, site: string): string => `kfree: call_site=${site}+0x10/0x20 ptr=${ptr}`;
const kmalloc = (ptr: string, asked: number, size: number): string =>
  `kmalloc: call_site=maker+0x10/0x20 ptr=${ptr} bytes_req=${asked} bytes_alloc=${size} gfp_flags=GFP_KERNEL node=-1 accounted=false`;
const pageAlloc = (pfn: number, order: number): string =>
  `mm_page_alloc: page=0000000000000001 pfn=0x${pfn.toString(16)} order=${order} migratetype=0 gfp_flags=GFP_KERNEL|__GFP_COMP`;
const pageFree = (pfn: number, order: number): string =>
  `mm_page_free: page=0000000000000001 pfn=0x${pfn.toString(16)} order=${order}`;

describe('kfree of what kmalloc(0) gave (ZERO_SIZE_PTR, include/linux/slab.h)', () => {
  const others = [kmalloc('ffff000001000000', 512, 512), kfree('ffff000001000400', 'other')];

  test('is no free: nothing is looked up, and it says nothing of the size of other objects', () => {
    const without = replayed(trace(...others));
    const withIt = replayed(trace(...others, kfree('0000000000000010', 'other')));
    expect(withIt.counts.unmatchedFrees).toBe(without.counts.unmatchedFrees);
    expect([withIt.work, withIt.estimated]).toEqual([without.work, without.estimated]);
  });
});

describe('a large kmalloc from before the trace', () => {
  const { work, estimated, counts } = replayed(trace(kfree('ffff000003000000', 'big'), pageFree(0x43000, 3)));

  test('one LDG by kfree, and its pages by the page allocator (slab.md section 6); no object is poisoned', () => {
    expect(work).toEqual({
      'kmalloc-large': {
        __kasan_kfree_large: { calls: 1, ldg: 1 },
        __kasan_poison_pages: { calls: 1, granules: 2048, stg: 4, dcGva: 511 },
      },
    });
    expect(estimated).toEqual({});
    expect(counts.unmatchedFrees).toBe(2);
  });
});

test('a large kmalloc that was sampled out has a match-all pointer, which kfree does not look up (mte.md section 7)', () => {
  const pair = (pfn: number, ptr: string): string =>
    trace(pageAlloc(pfn, 3), kmalloc(ptr, 20000, 32768), kfree(ptr, 'big'), pageFree(pfn, 3));
  const events = trace(pair(0x43000, 'f3ff000003000000'), pair(0x44000, 'ffff000004000000'));
  const { work } = replayed(events, { config: { pageAllocSample: 1000 } });
  expect(work['kmalloc-large']?.['__kasan_kfree_large']).toEqual({ calls: 2, ldg: 1 });
});

test('an object that stays accessible costs one LDG, even if its cache has no allocation in the trace (slab.md section 5)', () => {
  const { work, estimated } = replayed('kmem_cache_free: call_site=x+0x1/0x2 ptr=ffff000002000400 name=sighand_cache');
  expect(work).toEqual({ 'slab-object': { __kasan_slab_free: { calls: 1, ldg: 1 } } });
  expect(estimated).toEqual({});
});

describe('pages that vfree frees, from before the trace', () => {
  const vfree = (pages: number): string =>
    trace(
      'free_vmap_area_noflush: va_start=0xffff800080b20000 nr_lazy=1 nr_lazy_max=8',
      ...Array.from({ length: pages }, (_, page) => pageFree(0x45ce4 + page, 0)),
      kfree('00000000aaaa0001', 'kvfree'),
    );

  test('four of 4 KiB are taken for a stack; the interval says that they may have been any area', () => {
    const { tagInstructions } = replayed(vfree(4), { policy: 'series' }).estimate('pagesFromBeforeTrace');
    // 67 instructions a page, if it was an ordinary area.
    expect(tagInstructions).toEqual({ low: 0, best: 0, high: 4 * 67 });
  });

  test('before the series the one costs what the other does', () => {
    const { tagInstructions } = replayed(vfree(4)).estimate('pagesFromBeforeTrace');
    expect(tagInstructions).toEqual({ low: 268, best: 268, high: 268 });
  });

  test('where a stack is one page, a page says nothing of stacks', () => {
    const { work } = replayed(vfree(1), { policy: 'series', config: defaultKernelConfig(65536) });
    expect(work.vmalloc?.['__kasan_poison_pages']?.['granules']).toBe(65536 / 16);
  });
});
