import { describe, expect, test } from 'vitest';
import { className } from '../../base/allocation-class.ts';
import { defaultKernelConfig } from '../../kasan/kernel-config.ts';
import { traceFromText } from '../../trace/trace-from-text.testdata.ts';
import { follow } from './follow.ts';
import { LIFE_ENDS, LIFE_KINDS } from './lifetime-table.ts';

const PAGES = (pfn: number, order: number): string =>
  `mm_page_alloc: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=${order} migratetype=0 gfp_flags=GFP_KERNEL`;
const FREE = (pfn: number, order: number): string =>
  `mm_page_free: page=00000000aaaaaaaa pfn=0x${pfn.toString(16)} order=${order}`;
const OBJECT =
  'kmem_cache_alloc: call_site=maker ptr=0000000001000000 name=pid bytes_req=144 bytes_alloc=192 gfp_flags=GFP_KERNEL';
const FREE_OBJECT = 'kmem_cache_free: call_site=breaker ptr=0000000001000000 name=pid';

/** What a trace shows to live, with times in microseconds since its first second. Events are a microsecond apart. */
function livesIn(...events: readonly string[]) {
  const lines = events.map((event, index) => `bench-44 [000] ..... 7.${String(index).padStart(6, '0')}: ${event}`);
  const table = traceFromText(lines.join('\n'));
  const { lifetimes } = follow(table, {
    sizes: defaultKernelConfig(),
    recordedBy: { major: 7, minor: 3 },
    lifetimes: true,
  });
  if (lifetimes === undefined) throw new Error('no table of lifetimes');
  const { start, end, what, ended, bytes, kind, kinds, length } = lifetimes;
  return Array.from({ length }, (_, life) => ({
    what: LIFE_KINDS[what[life]],
    class: className(kinds[kind[life]].class),
    bytes: bytes[life],
    from: Math.round(start[life] / 1000),
    ...(LIFE_ENDS[ended[life]] === 'alive' ? {} : { [LIFE_ENDS[ended[life]]]: Math.round(end[life] / 1000) }),
  }));
}

describe('the table of lifetimes', () => {
  test('an object lives from its allocation to its free', () => {
    expect(livesIn(OBJECT, FREE(0x9, 0), FREE_OBJECT)).toEqual([
      { what: 'object', class: 'slab-object', bytes: 192, from: 0, freed: 2 },
    ]);
  });

  test('what is not freed is alive at the end, and has no time of an end', () => {
    expect(livesIn(OBJECT)).toEqual([{ what: 'object', class: 'slab-object', bytes: 192, from: 0 }]);
  });

  test('an address that is given out again was free before, and a new life begins', () => {
    expect(livesIn(OBJECT, OBJECT, FREE_OBJECT)).toMatchObject([
      { from: 0, reused: 1 },
      { from: 1, freed: 2 },
    ]);
  });

  test('a block is freed with the last of its pages (mm/page_alloc.c:___free_pages may free it in parts)', () => {
    expect(livesIn(PAGES(0x100, 1), FREE(0x101, 0), FREE(0x100, 0))).toMatchObject([
      { what: 'page', bytes: 8192, from: 0, freed: 2 },
    ]);
    expect(livesIn(PAGES(0x100, 1), FREE(0x101, 0))[0]).not.toHaveProperty('freed');
  });

  test('a page of a block that is given out again ends it', () => {
    expect(livesIn(PAGES(0x100, 1), PAGES(0x100, 0))).toMatchObject([{ from: 0, reused: 1 }, { from: 1 }]);
  });

  test('a kernel stack is its vmalloc area, whose pages have no lives of their own', () => {
    const lives = livesIn(
      'kmem_cache_alloc: call_site=copy_process ptr=00000000c0000000 name=task_struct bytes_req=3008 bytes_alloc=3008 gfp_flags=GFP_KERNEL',
      'alloc_vmap_area: va_start: 18446603338368679936 size=20480 align=32768 vstart=0x0 vend=0x0 failed=0',
      'kmalloc: call_site=__vmalloc_node_range_noprof ptr=00000000c1000000 bytes_req=32 bytes_alloc=32 gfp_flags=GFP_KERNEL|__GFP_ZERO',
      'mm_page_alloc: page=00000000aaaaaaaa pfn=0x200 order=2 migratetype=0 gfp_flags=GFP_NOWAIT|__GFP_HIGHMEM|__GFP_IO|__GFP_FS|__GFP_ZERO',
      'task_newtask: pid=100 comm=x clone_flags=0 oom_score_adj=0',
      'free_vmap_area_noflush: va_start=0xffff800080000000 nr_lazy=1 nr_lazy_max=2',
    );
    expect(lives.filter(({ what }) => what !== 'object')).toEqual([
      { what: 'stack', class: 'kernel-stack', bytes: 16384, from: 3, freed: 5 },
    ]);
  });

  test('what was allocated before the trace has no row', () => {
    expect(livesIn(FREE_OBJECT, FREE(0x9, 0))).toEqual([]);
  });
});
