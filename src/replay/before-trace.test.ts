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

  test('where a stack is one page, a page is taken for one; the interval says that it may have been any area', () => {
    const { estimate } = replayed(vfree(1), { policy: 'series', config: defaultKernelConfig(65536) });
    expect(estimate('pagesFromBeforeTrace').tagInstructions).toEqual({ low: 0, best: 0, high: 4 + 1023 });
  });
});

describe('memory that the page allocator gets late', () => {
  const chunk = (pfn: number): string =>
    trace(pageFree(pfn, 10), '=> __free_pages_ok', '=> deferred_init_memmap_chunk', '=> deferred_grow_zone');

  test('is no free: no tag work, and no allocation that the trace lacks (mm/page_alloc.c:should_skip_kasan_poison)', () => {
    const { work, estimated, counts, rows } = replayed(trace(chunk(0x308000), chunk(0x308400)));
    expect([work, estimated, rows]).toEqual([{}, {}, []]);
    expect(counts.unmatchedFrees).toBe(0);
  });

  test('without stacks: a block of an order that nothing in the trace has is unknown, and not taken to be tagged', () => {
    const table = 'gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP';
    const { estimated, estimate, lifetimes } = replayed(
      trace(
        `mm_page_alloc: page=0000000000000001 pfn=0x100 order=0 migratetype=0 ${table}`,
        pageFree(0x100, 0),
        pageFree(0x308000, 10),
      ),
    );
    expect(estimated).toEqual({});
    expect([lifetimes('page-table')[1], lifetimes('unknown')[1]]).toEqual([1, 1]);
    // 4 MiB, if it was tagged: 4 STG and a DC GVA for each block of 64 bytes but the first.
    expect(estimate('pagesFromBeforeTrace').tagInstructions).toEqual({ low: 0, best: 0, high: 4 + 4 * 1024 * 16 - 1 });
  });
});

describe('pages that RCU frees, where the trace has no known free to compare with', () => {
  const softirq = (event: string): string => `bench-44 [000] ..s.. 1.000000: ${event}`;
  const task = (event: string): string => `bench-44 [000] ..... 1.000000: ${event}`;
  const table = task(
    'mm_page_alloc: page=0000000000000001 pfn=0x100 order=0 migratetype=0 gfp_flags=GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP',
  );
  const other = softirq('kmem_cache_free: call_site=put_cred_rcu+0x60/0xbc ptr=00000000aaaa0001 name=cred');
  const freed = (...pfns: readonly number[]): string => trace(...pfns.map((pfn) => softirq(pageFree(pfn, 0))));

  test('five tables and the page that lists them, twice (mm/mmu_gather.c:tlb_remove_table_rcu)', () => {
    const text = trace(table, freed(1, 2, 3, 4, 5, 6), other, freed(7, 8, 9, 10, 11, 12));
    const { lifetimes, estimate } = replayed(text, { policy: 'series' });
    expect([lifetimes('page-table')[1], lifetimes('mmu-gather')[1]]).toEqual([10, 2]);
    expect(estimate('pagesFromBeforeTrace').tagInstructions).toEqual({ low: 0, best: 2 * 67, high: 12 * 67 });
  });

  test('the work of mmu_gather speaks for tables too', () => {
    const batch = task('mm_page_alloc: page=0000000000000001 pfn=0x100 order=0 migratetype=0 gfp_flags=GFP_NOWAIT');
    expect(replayed(trace(batch, freed(1, 2, 3))).lifetimes('page-table')[1]).toBe(2);
  });

  test('one alone may be anything; and so are all if the trace has no tables', () => {
    expect(replayed(trace(table, freed(1))).lifetimes('unknown')[1]).toBe(1);
    expect(replayed(trace(other, freed(1, 2, 3))).lifetimes('unknown')[1]).toBe(3);
  });

  test('offloaded callbacks run in a thread of RCU (kernel/rcu/tree_nocb.h)', () => {
    const thread = (event: string): string => `rcuop/0-17 [000] ..... 1.000000: ${event}`;
    const text = trace(table, ...[1, 2, 3].map((pfn) => thread(pageFree(pfn, 0))));
    expect(replayed(text).lifetimes('mmu-gather')[1]).toBe(1);
  });
});

describe('compaction, whose allocations have no event (mm/compaction.c:compaction_alloc)', () => {
  const thread = (event: string): string => `kcompactd0-26 [000] ..... 1.000000: ${event}`;
  /** Two pages that were moved, and a block of 8 that was free before. */
  const text = trace(thread(pageFree(0x900, 0)), thread(pageFree(0x901, 0)), thread(pageFree(0x910, 3)));
  const stacks = (free: string, ...inner: readonly string[]): string =>
    trace(free, ...[...inner, 'compact_zone', 'compact_zone_order'].map((name) => `=> ${name}`));
  const ALLOCATED = { calls: 2, granules: 512, irg: 2, stg: 8, dcGva: 126 };

  test('a page that was moved has a new one, which is tagged; a free block is tagged and poisoned for nothing', () => {
    const { estimated, estimate, counts } = replayed(text, { policy: 'series' });
    expect(estimated.unknown).toEqual({
      __kasan_unpoison_pages: { calls: 3, granules: 512 + 2048, irg: 3, stg: 12, dcGva: 126 + 511 },
      __kasan_poison_pages: { calls: 1, granules: 2048, stg: 4, dcGva: 511 },
    });
    const best = 2 * 67 + 2 * 515;
    expect(estimate('compaction').tagInstructions).toEqual({ low: 0, best, high: 2 * best });
    // The block never was allocated.
    expect(counts.unmatchedFrees).toBe(2);
  });

  test('by stacks, whoever compacts', () => {
    const moved = stacks(pageFree(0x900, 0), '__folio_put', 'migrate_folio_done', 'migrate_pages_batch');
    const notNeeded = stacks(pageFree(0x901, 0), '__free_pages', 'release_free_list');
    const { estimated, rows } = replayed(trace(moved, notNeeded), { policy: 'series' });
    expect(estimated.unknown).toEqual({
      __kasan_unpoison_pages: ALLOCATED,
      __kasan_poison_pages: { calls: 1, granules: 256, stg: 4, dcGva: 63 },
    });
    expect(rows.map(({ site }) => site)).toEqual([
      '(allocated before the trace)',
      'compaction_alloc',
      'release_free_list',
    ]);
  });

  test('what softirq frees on top of kcompactd is not its', () => {
    const other = `kcompactd0-26 [000] ..s.. 1.000000: ${pageFree(0x900, 0)}`;
    expect(replayed(other).estimate('compaction').tagInstructions.high).toBe(0);
  });
});
