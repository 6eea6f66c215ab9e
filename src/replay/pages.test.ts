import { describe, expect, test } from 'vitest';
import { replayed } from './replayed.testdata.ts';

const TABLE = 'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP';
const USER = 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP';
/** Pipe buffers are user memory that the kernel tags (page_alloc.md section 8). */
const PIPE = 'GFP_HIGHUSER|__GFP_ACCOUNT';
const GATHER = 'GFP_NOWAIT';

/** One order-0 page, 64-byte blocks (page_alloc.md section 6c): 4 + 63 to tag, 64 DC ZVA to zero. */
const POISONED = { calls: 1, granules: 256, stg: 4, dcGva: 63 };
const TAGGED = { calls: 1, granules: 256, irg: 1, stg: 4, dcGva: 63 };
const TAGGED_ZEROED = { calls: 1, granules: 256, irg: 1, stzg: 4, dcGzva: 63 };
const times = (count: number, counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).map(([key, value]) => [key, value * count]));

const alloc = (pfn: number, gfp: string, order = 0): string =>
  `mm_page_alloc: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=${order} migratetype=0 gfp_flags=${gfp}`;
const free = (pfn: number, order = 0): string =>
  `mm_page_free: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=${order}`;
const batched = (pfn: number): string =>
  `mm_page_free_batched: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=0`;
const inSoftirq = (event: string): string => `bench-44 [000] ..s.. ${event}`;
const trace = (...events: readonly string[]): string => events.join('\n');

describe('a page table is allocated and freed (page_alloc.md section 6c, the example)', () => {
  const text = trace(alloc(0x100, TABLE), free(0x100));

  test('before the series: tagged and zeroed in one, then poisoned', () => {
    const { work, lifetimes } = replayed(text, { policy: 'before-series' });
    expect(work).toEqual({
      'page-table': { __kasan_unpoison_pages: TAGGED_ZEROED, __kasan_poison_pages: POISONED },
    });
    expect(lifetimes('page-table')).toEqual([1, 1, 4096]);
  });

  test('with the series: zeroed, and no tag instruction at all', () => {
    expect(replayed(text, { policy: 'series' }).work).toEqual({
      'page-table': { 'clear_pages (alloc)': { calls: 1, dcZva: 64 } },
    });
  });

  test('the flags of a kernel that has the series do not matter under before-series', () => {
    const own = trace(alloc(0x100, `${TABLE}|__GFP_SKIP_KASAN`), free(0x100));
    expect(replayed(own, { policy: 'before-series' }).work).toEqual({
      'page-table': { __kasan_unpoison_pages: TAGGED_ZEROED, __kasan_poison_pages: POISONED },
    });
    expect(replayed(own, { policy: 'series' }).work).toEqual({
      'page-table': { 'clear_pages (alloc)': { calls: 1, dcZva: 64 } },
    });
  });
});

describe('blocks that are freed in parts (page_alloc.md section 8: split_page, ___free_pages)', () => {
  test('an order-2 block is tagged as one range and poisoned page by page', () => {
    const text = trace(alloc(0x100, 'GFP_KERNEL', 2), free(0x100), free(0x101), free(0x102), free(0x103));
    const { work, counts } = replayed(text);
    expect(work.unknown).toEqual({
      __kasan_unpoison_pages: { calls: 1, granules: 1024, irg: 1, stg: 4, dcGva: 255 },
      __kasan_poison_pages: times(4, POISONED),
    });
    expect(counts.unmatchedFrees).toBe(0);
  });

  test('the pages may come back in any order', () => {
    const text = trace(alloc(0x100, 'GFP_KERNEL', 2), free(0x102), free(0x100), free(0x103), free(0x101));
    const { work, counts } = replayed(text);
    expect(work.unknown?.__kasan_poison_pages).toEqual(times(4, POISONED));
    expect(counts.unmatchedFrees).toBe(0);
  });

  test('a page out of the middle of an order-3 block leaves blocks of order 0, 1 and 2', () => {
    const text = trace(alloc(0x100, 'GFP_KERNEL', 3), free(0x103), free(0x100, 1), free(0x102), free(0x104, 2));
    const { work, counts } = replayed(text);
    // 2 × (4 + 63), 4 + 127, 4 + 255: section 6c by order.
    expect(work.unknown?.__kasan_poison_pages).toEqual({
      calls: 4,
      granules: 2048,
      stg: 16,
      dcGva: 63 * 2 + 127 + 255,
    });
    expect(counts.unmatchedFrees).toBe(0);
  });

  test('a page beside the block was never part of it', () => {
    expect(replayed(trace(alloc(0x104, 'GFP_KERNEL', 2), free(0x103), free(0x108))).counts.unmatchedFrees).toBe(2);
  });

  test('a page is freed only once: the second free belongs to an allocation that was not seen', () => {
    const { counts } = replayed(trace(alloc(0x100, 'GFP_KERNEL', 2), free(0x102), free(0x102)));
    expect(counts.unmatchedFrees).toBe(1);
  });
});

describe('mm_page_free_batched', () => {
  test('is additional to mm_page_free, and no free of its own (traces.md section 3)', () => {
    const { work, counts, lifetimes } = replayed(trace(alloc(0x100, PIPE), free(0x100), batched(0x100)));
    expect(work.pipe?.__kasan_poison_pages).toEqual(POISONED);
    expect(lifetimes('pipe')).toEqual([1, 1, 4096]);
    expect(counts.unmatchedFrees).toBe(0);
  });

  test('alone it frees nothing: the page is still allocated', () => {
    expect(replayed(trace(alloc(0x100, PIPE), batched(0x100))).work.pipe?.__kasan_poison_pages).toBeUndefined();
  });
});

describe('allocations that failed', () => {
  test.each(['pfn=0x0', 'pfn=18446744073709551615'])('%s is no page (traces.md section 1)', (pfn) => {
    const { work, lifetimes } = replayed(`mm_page_alloc: page=0000000000000000 ${pfn} order=0 gfp_flags=${PIPE}`);
    expect([work, lifetimes('pipe')]).toEqual([{}, [0, 0, 0]]);
  });
});

describe('a page that is allocated again must have been freed', () => {
  test('the free is charged to its first owner, and counted as missed', () => {
    const { work, counts, lifetimes } = replayed(trace(alloc(0x100, PIPE), alloc(0x100, TABLE)));
    expect(work.pipe?.__kasan_poison_pages).toEqual(POISONED);
    expect(counts.missedPageFrees).toBe(1);
    expect(lifetimes('pipe')).toEqual([1, 1, 4096]);
  });

  test('it was as large as it had been allocated, not as what is allocated now', () => {
    const { work } = replayed(trace(alloc(0x100, PIPE), alloc(0x100, 'GFP_KERNEL', 2)));
    expect(work.pipe?.__kasan_poison_pages).toEqual(POISONED);
  });
});

describe('user memory', () => {
  test('of a kernel without KASAN: GFP_HIGHUSER_MOVABLE is skipped, as 7.3 has SKIP_KASAN in it (page_alloc.md section 8)', () => {
    const { work } = replayed(trace(alloc(0x100, USER), free(0x100)), { recordedBy: [6, 18] });
    expect(work).toEqual({ 'user-anon': { 'clear_pages (alloc)': { calls: 1, dcZva: 64 } } });
  });

  test('GFP_HIGHUSER alone has no such bit: pipe buffers are tagged', () => {
    const { work } = replayed(trace(alloc(0x100, PIPE), free(0x100)), { recordedBy: [6, 18] });
    expect(work).toEqual({ pipe: { __kasan_unpoison_pages: TAGGED, __kasan_poison_pages: POISONED } });
  });

  test('of a HW_TAGS kernel: the composite contains SKIP_KASAN (oracle note 7)', () => {
    const own = trace(alloc(0x100, USER), free(0x100), alloc(0x200, `${TABLE}|__GFP_SKIP_KASAN`));
    expect(replayed(own).work['user-anon']).toEqual({ 'clear_pages (alloc)': { calls: 1, dcZva: 64 } });
  });

  test('all tags it too', () => {
    const { work } = replayed(trace(alloc(0x100, USER), free(0x100)), { policy: 'all' });
    expect(work).toEqual({
      'user-anon': { __kasan_unpoison_pages: TAGGED_ZEROED, __kasan_poison_pages: POISONED },
    });
  });

  test('none only zeroes, whatever it is', () => {
    const text = trace(
      alloc(0x100, USER),
      alloc(0x101, TABLE),
      alloc(0x102, PIPE),
      free(0x100),
      free(0x101),
      free(0x102),
    );
    expect(replayed(text, { policy: 'none' }).work).toEqual({
      'user-anon': { 'clear_pages (alloc)': { calls: 1, dcZva: 64 } },
      'page-table': { 'clear_pages (alloc)': { calls: 1, dcZva: 64 } },
    });
  });
});

describe('the action `kernel` leaves the choice to the flags', () => {
  const kernel = { name: 'as the kernel', description: '', source: '', rules: [], otherwise: 'kernel' } as const;

  test('a trace without HW_TAGS is replayed as 7.3: page tables are skipped', () => {
    expect(replayed(alloc(0x100, TABLE), { policy: kernel, recordedBy: [6, 18] }).work).toEqual({
      'page-table': { 'clear_pages (alloc)': { calls: 1, dcZva: 64 } },
    });
  });

  test('a HW_TAGS kernel decides for itself: one without the series tags them', () => {
    // The user page shows that the kernel has the flag.
    const text = trace(alloc(0x100, TABLE), alloc(0x200, 'GFP_KERNEL|__GFP_SKIP_KASAN'));
    expect(replayed(text, { policy: kernel }).work['page-table']).toEqual({ __kasan_unpoison_pages: TAGGED_ZEROED });
  });
});

describe('kernel parameters', () => {
  const text = trace(alloc(0x100, PIPE), free(0x100));

  test('init_on_alloc: zeroed with the tag stores; a skipped page by DC ZVA (page_alloc.md section 6a)', () => {
    const config = { initOnAlloc: true };
    expect(replayed(text, { config }).work.pipe).toEqual({
      __kasan_unpoison_pages: TAGGED_ZEROED,
      __kasan_poison_pages: POISONED,
    });
    expect(replayed(text, { config, policy: 'none' }).work.pipe).toEqual({
      'clear_pages (alloc)': { calls: 1, dcZva: 64 },
    });
  });

  test('init_on_free: zeroed when poisoned, and not again for __GFP_ZERO (sections 6a and 6b)', () => {
    const config = { initOnFree: true };
    const poisoned = { calls: 1, granules: 256, stzg: 4, dcGzva: 63 };
    expect(replayed(trace(alloc(0x100, TABLE), free(0x100)), { config }).work['page-table']).toEqual({
      __kasan_unpoison_pages: TAGGED,
      __kasan_poison_pages: poisoned,
    });
    expect(replayed(trace(alloc(0x100, TABLE), free(0x100)), { config, policy: 'series' }).work['page-table']).toEqual({
      'clear_pages (free)': { calls: 1, dcZva: 64 },
    });
  });

  test('kasan=off: zeroing is all that is left', () => {
    expect(replayed(trace(alloc(0x100, TABLE), free(0x100)), { config: { kasan: false } }).work).toEqual({
      'page-table': { 'clear_pages (alloc)': { calls: 1, dcZva: 64 } },
    });
  });

  test('kasan.page_alloc.sample=2 on two CPUs: the first of each, then every second; frees follow the page tag', () => {
    const other = (event: string): string => `bench-45 [001] ..... ${event}`;
    const text4 = trace(
      ...[0x100, 0x101, 0x102, 0x103].map((pfn) => alloc(pfn, PIPE)),
      ...[0x200, 0x201].map((pfn) => other(alloc(pfn, PIPE))),
      ...[0x100, 0x101, 0x102, 0x103, 0x200, 0x201].map((pfn) => free(pfn)),
    );
    const { work } = replayed(text4, { config: { pageAllocSample: 2, pageAllocSampleOrder: 0 } });
    expect(work.pipe).toEqual({
      __kasan_unpoison_pages: times(3, TAGGED),
      __kasan_poison_pages: times(3, POISONED),
    });
  });

  test('sampling begins at order 3 by default', () => {
    const orders = [2, 2, 3, 3];
    const text4 = trace(...orders.map((order, index) => alloc(0x100 + 16 * index, 'GFP_KERNEL', order)));
    expect(replayed(text4, { config: { pageAllocSample: 10 } }).work.unknown?.__kasan_unpoison_pages).toEqual({
      calls: 3,
      granules: 1024 * 2 + 2048,
      irg: 3,
      stg: 12,
      dcGva: 255 * 2 + 511,
    });
  });
});

describe('a part of the trace', () => {
  const text = trace(
    `bench-44 [000] ..... 10.000000: ${alloc(0x100, PIPE)}`,
    `bench-44 [000] ..... 10.500000: ${alloc(0x101, TABLE)}`,
    `bench-44 [000] ..... 11.000000: ${free(0x100)}`,
    `bench-44 [000] ..... 11.500000: ${free(0x101)}`,
  );

  test('--since: what came before is known, but not counted', () => {
    const { work, counts, lifetimes } = replayed(text, { since: 10.9 });
    expect(work).toEqual({
      pipe: { __kasan_poison_pages: POISONED },
      'page-table': { __kasan_poison_pages: POISONED },
    });
    expect(lifetimes('pipe')).toEqual([0, 1, 0]);
    expect(counts.unmatchedFrees).toBe(0);
  });

  test('--until: what comes after is not counted', () => {
    const { work } = replayed(text, { until: 11.2 });
    expect(work).toEqual({
      pipe: { __kasan_unpoison_pages: TAGGED, __kasan_poison_pages: POISONED },
      'page-table': { __kasan_unpoison_pages: TAGGED_ZEROED },
    });
  });

  test('both: from the first on, and before the second', () => {
    expect(replayed(text, { since: 10.5, until: 11 }).work).toEqual({
      'page-table': { __kasan_unpoison_pages: TAGGED_ZEROED },
    });
    expect(replayed(text, { since: 20, until: 30 }).work).toEqual({});
  });

  test('the parts add up to the whole', () => {
    const granulesOf = (scenario: { since?: number; until?: number }): number =>
      Object.values(replayed(text, scenario).work)
        .flatMap((hooks) => Object.values(hooks ?? {}))
        .reduce((sum, counts) => sum + (counts.granules ?? 0), 0);
    expect(granulesOf({ until: 10.7 }) + granulesOf({ since: 10.7 })).toBe(granulesOf({}));
    expect(granulesOf({})).toBe(4 * 256);
  });
});

describe('rows by command', () => {
  const text = trace(
    `make-10 [000] ..... ${alloc(0x100, TABLE)}`,
    `cc1-11 [000] ..... ${alloc(0x101, TABLE)}`,
    `cc1-12 [001] ..... ${alloc(0x102, TABLE)}`,
    // Whoever frees it: the work belongs to the row of the allocation.
    `make-10 [000] ..... ${free(0x102)}`,
  );

  test('--by comm: one row a command, tasks of one name together', () => {
    const { rows } = replayed(text, { groupBy: 'comm' });
    expect(rows.map(({ group, allocations, frees }) => [group, allocations, frees])).toEqual([
      ['make', 1, 0],
      ['cc1', 2, 1],
    ]);
  });

  test('without it there is one row', () => {
    expect(replayed(text).rows.map(({ allocations, frees }) => [allocations, frees])).toEqual([[3, 1]]);
  });

  test('--by stack: one row a stack', () => {
    const stacks = trace(
      alloc(0x100, TABLE),
      '=> alloc_pages_noprof',
      '=> __pte_alloc',
      '=> copy_page_range',
      alloc(0x101, TABLE),
      '=> alloc_pages_noprof',
      '=> __pte_alloc',
      '=> do_anonymous_page',
    );
    expect(replayed(stacks, { groupBy: 'stack' }).rows.map((row) => [row.site, row.group])).toEqual([
      ['__pte_alloc', 'alloc_pages;__pte_alloc;copy_page_range'],
      ['__pte_alloc', 'alloc_pages;__pte_alloc;do_anonymous_page'],
    ]);
  });

  test('a policy may decide by command', () => {
    const policy = {
      name: 'cc1 only',
      description: '',
      source: '',
      rules: [{ match: { comm: ['cc1'] }, action: 'tag' }],
      otherwise: 'skip',
    } as const;
    expect(replayed(text, { policy }).work['page-table']).toEqual({
      __kasan_unpoison_pages: times(2, TAGGED_ZEROED),
      __kasan_poison_pages: POISONED,
      'clear_pages (alloc)': { calls: 1, dcZva: 64 },
    });
  });
});

describe('frees of pages from before the trace', () => {
  /** In softirq three page tables and one mmu-gather page are freed; then four pages that nobody knows. */
  const rcu = trace(
    ...[0x100, 0x101, 0x102].map((pfn) => alloc(pfn, TABLE)),
    alloc(0x103, GATHER),
    ...[0x100, 0x101, 0x102, 0x103].map((pfn) => inSoftirq(free(pfn))),
    ...[0x900, 0x901, 0x902, 0x903].map((pfn) => inSoftirq(free(pfn))),
  );

  test('are divided as the known frees in the same context are; low: none tagged, high: all', () => {
    const { estimated, estimate, counts } = replayed(rcu);
    expect(estimated).toEqual({
      'page-table': { __kasan_poison_pages: times(3, POISONED) },
      'mmu-gather': { __kasan_poison_pages: POISONED },
    });
    expect(estimate('pagesFromBeforeTrace')).toMatchObject({
      calls: { low: 0, best: 4, high: 4 },
      granules: { low: 0, best: 1024, high: 1024 },
      tagInstructions: { low: 0, best: 4 * 67, high: 4 * 67 },
    });
    expect(counts.unmatchedFrees).toBe(4);
  });

  test('under the series the page tables among them cost nothing', () => {
    const { estimated, estimate } = replayed(rcu, { policy: 'series' });
    expect(estimated).toEqual({ 'mmu-gather': { __kasan_poison_pages: POISONED } });
    expect(estimate('pagesFromBeforeTrace').tagInstructions).toEqual({ low: 0, best: 67, high: 4 * 67 });
  });

  test('a page that went through a folio batch is user memory, and certainly untagged (free_unref_folios)', () => {
    const text = trace(
      alloc(0x100, TABLE),
      alloc(0x101, USER),
      free(0x100),
      free(0x101),
      batched(0x101),
      free(0x900),
      batched(0x900),
      free(0x901),
    );
    const { estimated, estimate } = replayed(text);
    expect(estimated).toEqual({ 'page-table': { __kasan_poison_pages: POISONED } });
    // Only the other page, 0x901, is in doubt.
    expect(estimate('pagesFromBeforeTrace').tagInstructions).toEqual({ low: 0, best: 67, high: 67 });
  });

  test('the stack of a free tells the class (traces.md section 4, free-side frames)', () => {
    const text = trace(
      free(0x900),
      '=> free_frozen_pages',
      '=> __tlb_remove_table',
      '=> tlb_remove_table_rcu',
      '=> rcu_core',
    );
    expect(replayed(text).work['page-table']?.__kasan_poison_pages).toEqual(POISONED);
    expect(replayed(text, { policy: 'series' }).work).toEqual({});
    expect(replayed(text).estimate('pagesFromBeforeTrace').tagInstructions).toEqual({ low: 67, best: 67, high: 67 });
  });

  test('slab pages have a match-all page tag: nothing to poison, under any policy (slab.md section 2)', () => {
    const text = trace(free(0x900, 3), '=> free_frozen_pages', '=> __free_slab', '=> discard_slab');
    for (const policy of ['before-series', 'series', 'all', 'none'])
      expect(replayed(text, { policy }).work).toEqual({});
  });
});

describe('a HW_TAGS kernel from before 6.0 tags user memory too', () => {
  const asRecorded = { name: 'as is', description: '', source: '', rules: [], otherwise: 'kernel' } as const;
  // A pointer with a tag shows that HW_TAGS is on: up to 5.17 no flag is its own.
  const object =
    'kmalloc: call_site=f+0x1/0x2 ptr=f3ff000001001000 bytes_req=32 bytes_alloc=32 gfp_flags=GFP_KERNEL node=-1';
  const user = (gfp: string) => trace(object, alloc(0x100, gfp), free(0x100));

  test('5.14 to 5.19: at allocation, and leaves the tags when it is freed (__GFP_SKIP_KASAN_POISON)', () => {
    const { work } = replayed(user('GFP_HIGHUSER_MOVABLE'), { policy: asRecorded, recordedBy: [5, 15] });
    expect(work['user-anon']).toEqual({
      __kasan_unpoison_pages: { calls: 1, granules: 256, irg: 1, stg: 4, dcGva: 63 },
    });
  });

  test('5.11 to 5.13: at both', () => {
    const { work } = replayed(user('GFP_HIGHUSER_MOVABLE'), { policy: asRecorded, recordedBy: [5, 11] });
    expect(work['user-anon']).toEqual({
      __kasan_unpoison_pages: { calls: 1, granules: 256, irg: 1, stg: 4, dcGva: 63 },
      __kasan_poison_pages: POISONED,
    });
  });

  test('since 6.0 not at all: the composite holds the flag', () => {
    expect(replayed(user('GFP_HIGHUSER_MOVABLE'), { policy: asRecorded, recordedBy: [6, 1] }).work['user-anon']).toBe(
      undefined,
    );
  });
});
