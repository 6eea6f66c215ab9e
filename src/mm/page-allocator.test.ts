import { zone_batchsize } from './page-allocator.ts';
import { describe, expect, test } from 'vitest';
import { GFP_SKIP_KASAN, GFP_ZERO, gfpUnion } from '../gfp/flags.ts';
import { GFP_ATOMIC, GFP_KERNEL } from '../gfp/masks.ts';
import { KASAN_TAG_INVALID, KASAN_TAG_KERNEL } from '../mte/tag-machine.ts';
import { NO_PAGE } from './page-map.ts';
import { testKernel } from './test-kernel.testdata.ts';

const PAGE = 4096;

describe("what tag memory holds through a page's life (page_alloc.md section 7)", () => {
  test('allocated: one random tag over the block, in memory and in the page flags', () => {
    const { kernel, machine, place } = testKernel();
    const pfn = kernel.pages.alloc_pages(0, 2, place({ class: 'driver/other' }));
    const tag = kernel.map.kasanTag[pfn];
    expect(tag).toBeGreaterThanOrEqual(0xf0);
    expect(tag).toBeLessThanOrEqual(0xfd);
    for (let page = pfn; page < pfn + 4; page++) {
      expect(kernel.map.kasanTag[page]).toBe(tag);
      expect(machine.memoryTag(page * PAGE)).toBe(tag);
      expect(machine.memoryTag(page * PAGE + PAGE - 16)).toBe(tag);
    }
  });

  test('freed: poison in memory, and the page tag stays until the next allocation', () => {
    const { kernel, machine, place } = testKernel();
    const pfn = kernel.pages.alloc_pages(0, 0, place({ class: 'driver/other' }));
    const tag = kernel.map.kasanTag[pfn];
    kernel.pages.free_pages(0, pfn);
    expect(machine.memoryTag(pfn * PAGE)).toBe(KASAN_TAG_INVALID);
    expect(kernel.map.kasanTag[pfn]).toBe(tag);
  });

  test('allocated with SKIP_KASAN after that: memory keeps the poison, the page tag is match-all, freeing writes nothing', () => {
    const { kernel, machine, place } = testKernel();
    const site = place({ class: 'driver/other' });
    const pfn = kernel.pages.alloc_pages(0, 0, site);
    kernel.pages.free_pages(0, pfn);
    const skipped = place({ class: 'page-table', gfp: gfpUnion(GFP_KERNEL, GFP_ZERO, GFP_SKIP_KASAN) });
    const again = kernel.pages.alloc_pages(0, 0, skipped);
    expect(again).toBe(pfn);
    expect(kernel.map.kasanTag[pfn]).toBe(KASAN_TAG_KERNEL);
    expect(machine.memoryTag(pfn * PAGE)).toBe(KASAN_TAG_INVALID);
    kernel.pages.free_pages(0, pfn);
    expect(machine.memoryTag(pfn * PAGE)).toBe(KASAN_TAG_INVALID);
  });

  test('memory from boot that is skipped was never tagged: it reads f0', () => {
    const { kernel, machine, place } = testKernel();
    const skipped = place({ class: 'page-table', gfp: gfpUnion(GFP_KERNEL, GFP_SKIP_KASAN) });
    const pfn = kernel.pages.alloc_pages(0, 0, skipped);
    expect(machine.memoryTag(pfn * PAGE)).toBe(0xf0);
  });
});

describe('where memory is out', () => {
  const drain = (gfp = GFP_KERNEL) => {
    const env = testKernel({}, { ram: 40 << 20 });
    const site = env.place({ class: 'driver/other', gfp });
    let pages = 0;
    while (env.kernel.pages.alloc_pages(0, 0, site) !== NO_PAGE) pages++;
    return { ...env, pages };
  };

  test('an allocation fails while the reserve is untouched; GFP_ATOMIC goes into it (gfp_to_alloc_flags)', () => {
    const { kernel, place, pages } = drain();
    expect(pages).toBeGreaterThan(1000);
    expect(kernel.pages.freePages).toBeGreaterThan(0);
    expect(kernel.pages.alloc_pages(0, 0, place({ class: 'driver/other', gfp: GFP_ATOMIC }))).not.toBe(NO_PAGE);
  });

  test('in the end GFP_ATOMIC fails too: what is left is in lists of other orders, which it cannot drain', () => {
    expect(drain(GFP_ATOMIC).kernel.pages.freePages).toBeLessThan(64);
  });

  test.each([
    // 1 GiB and more: 63 pages of 4 KiB, 15 of 16 KiB, 3 of 64 KiB (1 MiB, a quarter of it, and a power of two less 1).
    [2 ** 18, 4096, 63],
    [2 ** 22, 4096, 63],
    [2 ** 16, 16384, 15],
    [2 ** 14, 65536, 3],
    // 128 MiB: a thousandth, of which a quarter is 8, and half as many again.
    [2 ** 15, 4096, 7],
    [2 ** 10, 65536, 1],
  ])('zone_batchsize of %i pages of %i bytes is %i', (pages, pageSize, batch) => {
    expect(zone_batchsize(pages, pageSize)).toBe(batch);
  });

  test('an order beyond MAX_PAGE_ORDER is never served', () => {
    const { kernel, place } = testKernel();
    expect(kernel.pages.alloc_pages(0, 11, place({ class: 'driver/other' }))).toBe(NO_PAGE);
  });
});

test('a block that was split is freed page by page, each by its own tag (split_page, page_alloc.md section 8)', () => {
  const { kernel, machine, place } = testKernel();
  const pfn = kernel.pages.alloc_pages(0, 2, place({ class: 'driver/other' }));
  const tag = kernel.map.kasanTag[pfn];
  kernel.pages.split_page(pfn);
  kernel.pages.free_pages(0, pfn + 1);
  expect([0, 1, 2, 3].map((page) => machine.memoryTag((pfn + page) * PAGE))).toEqual([
    tag,
    KASAN_TAG_INVALID,
    tag,
    tag,
  ]);
});
