import { describe, expect, test } from 'vitest';
import { AS_RECORDED, resolvePolicy } from '../policy/as-recorded.ts';
import { replayed, type Outcome } from './replayed.testdata.ts';

const SLAB = 'GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC';
const A = '00000000e42d803c';

const pages = (pfn: number, gfp: string, order: number, stack: string): readonly string[] => [
  `mm_page_alloc: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=${order} migratetype=0 gfp_flags=${gfp}`,
  ...stack.split(' ').map((frame) => ` => ${frame}`),
];
const pageFree = (pfn: number, order: number): string =>
  `mm_page_free: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=${order}`;
const kmalloc = (asked: number, size: number): string =>
  `kmalloc: call_site=maker+0x10/0x20 ptr=${A} bytes_req=${asked} bytes_alloc=${size} gfp_flags=GFP_KERNEL node=-1 accounted=false`;
const kfree = `kfree: call_site=breaker+0x10/0x20 ptr=${A}`;

/** One lifetime of each kind of memory: a user page, a pipe buffer, a table, a slab page, an object, a large kmalloc. */
const TRACE = [
  ...pages(0x100, 'GFP_HIGHUSER_MOVABLE', 0, 'do_anonymous_page __handle_mm_fault handle_mm_fault'),
  ...pages(0x200, 'GFP_HIGHUSER|__GFP_ACCOUNT', 0, 'anon_pipe_write vfs_write ksys_write'),
  ...pages(0x300, 'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP', 0, '__pte_alloc copy_page_range dup_mmap copy_process'),
  ...pages(0x400, SLAB, 0, 'allocate_slab new_slab ___slab_alloc __kmalloc_noprof maker'),
  kmalloc(100, 128),
  kfree,
  ...pages(0x500, 'GFP_KERNEL|__GFP_COMP', 3, '___kmalloc_large_node __kmalloc_large_noprof maker'),
  kmalloc(20000, 32768),
  kfree,
  pageFree(0x500, 3),
  pageFree(0x400, 0),
  pageFree(0x300, 0),
  pageFree(0x200, 0),
  pageFree(0x100, 0),
].join('\n');

type Work = Outcome['work'];
const under = (policy: string, text = TRACE): Work => {
  const { work, counts } = replayed(text, { policy });
  expect(counts.unmatchedFrees).toBe(0);
  return work;
};
const without = (work: Work, ...classes: readonly (keyof Work)[]): Work =>
  Object.fromEntries(Object.entries(work).filter(([name]) => !classes.some((left) => left === name)));

/** 4 KiB: 4 + 63 (mte.md section 5). */
const PAGE = { calls: 1, granules: 256, stg: 4, dcGva: 63 };
const UNPOISONED = { __kasan_unpoison_pages: { ...PAGE, irg: 1 } };
const POISONED = { __kasan_poison_pages: PAGE };
/** An order-0 page with __GFP_ZERO that is skipped: 64 DC ZVA, and nothing at free. */
const ZEROED = { 'clear_pages (alloc)': { calls: 1, dcZva: 64 } };
const SERIES = under('series');

test('the series, which others begin with, on this trace (page_alloc.md section 6, slab.md sections 2 to 6)', () => {
  expect(SERIES).toEqual({
    pipe: { ...UNPOISONED, ...POISONED },
    'page-table': ZEROED,
    'slab-page': { ...UNPOISONED, __kasan_poison_slab: PAGE },
    'slab-object': {
      __kasan_slab_alloc: { calls: 1, granules: 8, irg: 1, stg: 4, dcGva: 1 },
      __kasan_kmalloc: { calls: 1, granules: 1, stg: 1 },
      __kasan_slab_free: { calls: 1, granules: 8, ldg: 1, stg: 4, dcGva: 1 },
    },
    'kmalloc-large': {
      __kasan_unpoison_pages: { calls: 1, granules: 2048, irg: 1, stg: 4, dcGva: 511 },
      // 32768 − 20000 = 12768 bytes from byte 32 of a block on: 2 granules, 199 blocks, and none behind.
      __kasan_kmalloc_large: { calls: 1, granules: 798, stg: 2, dcGva: 199 },
      __kasan_kfree_large: { calls: 1, ldg: 1 },
      __kasan_poison_pages: { calls: 1, granules: 2048, stg: 4, dcGva: 511 },
    },
  });
});

describe('what the flags mean', () => {
  test('untagged: the same work as the series, on user memory too; only the promise differs', () => {
    expect(under('untagged')).toEqual(SERIES);
  });

  test('default-untagged: only what slab and kmalloc ask for is tagged, and a new slab once', () => {
    expect(under('default-untagged')).toEqual({
      'page-table': ZEROED,
      'slab-page': { __kasan_poison_slab: PAGE },
      'slab-object': SERIES['slab-object'],
      'kmalloc-large': SERIES['kmalloc-large'],
    });
  });

  test('skip-user: the table is tagged and poisoned again, zeroed by the same stores; all else as in the series', () => {
    const table = { __kasan_unpoison_pages: { calls: 1, granules: 256, irg: 1, stzg: 4, dcGzva: 63 }, ...POISONED };
    expect(under('skip-user')).toEqual({ ...SERIES, 'page-table': table });
    expect(under('skip-user')).toEqual(under('before-series'));
  });

  test('skip-match-all: the user page is tagged and poisoned; all else as in the series', () => {
    expect(under('skip-match-all')).toEqual({ ...SERIES, 'user-anon': { ...UNPOISONED, ...POISONED } });
  });
});

describe('when tags are written', () => {
  test('tag-only-on-alloc: no work at free but the two comparisons of tags; at allocation what there was', () => {
    const { 'slab-object': object, 'kmalloc-large': large } = SERIES;
    expect(under('tag-only-on-alloc')).toEqual({
      ...SERIES,
      pipe: UNPOISONED,
      'slab-object': { ...object, __kasan_slab_free: { calls: 1, ldg: 1 } },
      'kmalloc-large': Object.fromEntries(
        Object.entries(large ?? {}).filter(([hook]) => hook !== '__kasan_poison_pages'),
      ),
    });
  });

  test('with pages still poisoned: only the object is not', () => {
    const { 'slab-object': object } = SERIES;
    expect(under('tag-only-on-alloc-poison-pages')).toEqual({
      ...SERIES,
      'slab-object': { ...object, __kasan_slab_free: { calls: 1, ldg: 1 } },
    });
  });

  test('tag-on-free: single pages and objects cost one LDG when they are allocated, and an IRG more when they are freed', () => {
    const redrawn = { __kasan_poison_pages: { ...PAGE, irg: 1 } };
    const taken = { __kasan_unpoison_pages: { calls: 1, ldg: 1 } };
    expect(without(under('tag-on-free'), 'slab-page', 'kmalloc-large')).toEqual({
      'page-table': ZEROED,
      pipe: { ...taken, ...redrawn },
      'slab-object': {
        __kasan_slab_alloc: { calls: 1, ldg: 1 },
        __kasan_kmalloc: { calls: 1, granules: 1, stg: 1 },
        __kasan_slab_free: { calls: 1, granules: 8, ldg: 1, irg: 1, stg: 4, dcGva: 1 },
      },
    });
    // A new slab of kmalloc-128 has 32 objects, each of which gets a first tag by 4 + 1; freed, the page is tagged.
    expect(under('tag-on-free')['slab-page']).toEqual({
      ...taken,
      __kasan_poison_slab: PAGE,
      setup_object: { calls: 32, granules: 256, irg: 32, stg: 128, dcGva: 32 },
      ...redrawn,
    });
    // Eight pages may have eight tags.
    const large = SERIES['kmalloc-large'];
    expect(under('tag-on-free')['kmalloc-large']).toEqual({
      ...large,
      __kasan_poison_pages: { ...large?.['__kasan_poison_pages'], irg: 1 },
    });
  });

  test('skip-new-slab: one range of 67 instructions less for a slab page, and nothing else', () => {
    expect(under('skip-new-slab')).toEqual({ ...SERIES, 'slab-page': { __kasan_poison_slab: PAGE } });
  });

  test('skip-large-kmalloc: neither pages nor redzone nor comparison, and nothing else', () => {
    expect(under('skip-large-kmalloc')).toEqual(without(SERIES, 'kmalloc-large'));
  });
});

test('sample=2,order=3: of the blocks of eight pages every other one is tagged, as by the boot parameters', () => {
  const twice = `${TRACE}\n${TRACE}`;
  const config = { pageAllocSample: 2, pageAllocSampleOrder: 3 };
  expect(under('sample=2,order=3', twice)).toEqual(replayed(twice, { policy: 'series', config }).work);
  const { 'kmalloc-large': large } = under('sample=2,order=3', twice);
  expect(large?.['__kasan_unpoison_pages']).toEqual(SERIES['kmalloc-large']?.['__kasan_unpoison_pages']);
  expect(large?.['__kasan_poison_pages']).toEqual(SERIES['kmalloc-large']?.['__kasan_poison_pages']);
  // The redzone of the other one is written all the same, and its pointer matches all: no LDG.
  expect(large?.['__kasan_kmalloc_large']?.['calls']).toBe(2);
  expect(large?.['__kasan_kfree_large']).toEqual({ calls: 2, ldg: 1 });
  expect(without(under('sample=2,order=3', twice), 'kmalloc-large')).toEqual(
    without(under('series', twice), 'kmalloc-large'),
  );
});

describe('series-v1', () => {
  const VMALLOC = '__vmalloc_node_range_noprof __vmalloc_node_noprof';
  const MASK = 'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_HIGHMEM';
  const forked = [
    ...pages(0x100, 'GFP_KERNEL|__GFP_ZERO|__GFP_HIGHMEM', 2, `${VMALLOC} copy_process kernel_clone`),
    'task_newtask: pid=65 comm=bench clone_flags=3d0f00 oom_score_adj=0',
    'task_newtask: pid=66 comm=bench clone_flags=3d0f00 oom_score_adj=0',
  ].join('\n');
  const forInterrupts = pages(0x200, MASK, 2, `${VMALLOC} arch_alloc_vmap_stack init_irq_stacks init_IRQ`).join('\n');

  test('page tables, fresh task stacks and reused ones cost what they cost under the series', () => {
    expect(under('series-v1')).toEqual(SERIES);
    expect(under('series-v1', forked)).toEqual(under('series', forked));
    // The second task's stack is from the cache of its CPU: zeroed, and not unpoisoned (the patch has the condition).
    expect(under('series-v1', forked)['kernel-stack']).toEqual({ 'clear_pages (alloc)': { calls: 2, dcZva: 512 } });
  });

  test('stacks for interrupts, which review found missing, are tagged as before: 4 + 255', () => {
    expect(under('series', forInterrupts)['kernel-stack']).toEqual({ 'clear_pages (alloc)': { calls: 1, dcZva: 256 } });
    expect(under('series-v1', forInterrupts)['kernel-stack']).toEqual({
      __kasan_unpoison_vmalloc: { calls: 1, granules: 1024, irg: 1, stzg: 4, dcGzva: 255 },
    });
    expect(under('series-v1', forInterrupts)).toEqual(under('before-series', forInterrupts));
  });
});

test('pages from before the trace: not poisoned where freed pages keep their tags, however uncertain they are', () => {
  const text = [pageFree(0x900, 0), pageFree(0x901, 0)].join('\n');
  const high = (policy: string): readonly number[] => {
    const { calls, tagInstructions } = replayed(text, { policy }).estimate('pagesFromBeforeTrace');
    return [calls.high, tagInstructions.high];
  };
  expect(high('series')).toEqual([2, 2 * 67]);
  expect(high('tag-on-free')).toEqual([2, 2 * 67]);
  expect(high('tag-only-on-alloc')).toEqual([0, 0]);
});

describe('as-recorded: user memory of kernels that did not leave it alone', () => {
  const recordedBy = (text: string, major: number, minor: number): Outcome => {
    const policy = resolvePolicy(AS_RECORDED, () => ({
      version: { major, minor },
      versionFrom: 'given',
      hwTags: false,
      series: false,
      seriesFrom: 'version',
    }));
    return replayed(text, { policy, recordedBy: [major, minor] });
  };
  const userMemory = (major: number, minor: number): Work['user-anon'] => {
    return recordedBy(TRACE, major, minor).work['user-anon'];
  };

  // Commits c275c5c6d50a (5.14) and 70c248aca9e7 (6.0), see policy/as-recorded.ts.
  test.each([
    [5, 13, { ...UNPOISONED, ...POISONED }],
    [5, 15, UNPOISONED],
    [5, 19, UNPOISONED],
    [6, 0, undefined],
  ] as const)('%i.%i', (major, minor, work) => {
    expect(userMemory(major, minor)).toEqual(work);
  });

  test('from before the trace is poisoned by 5.13 and not by 5.15', () => {
    const frees = TRACE.split('\n')
      .filter((line) => line.includes('pfn=0x100'))
      .slice(-1);
    const batched = `mm_page_free_batched: page=00000000aaaaaaaa pfn=0x100 order=0`;
    const poisoned = (minor: number): number => {
      const { estimate } = recordedBy([...frees, batched].join('\n'), 5, minor);
      return estimate('pagesFromBeforeTrace').granules.best;
    };
    expect([poisoned(13), poisoned(15)]).toEqual([256, 0]);
  });
});
