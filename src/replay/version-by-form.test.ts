import { describe, expect, test } from 'vitest';
import { traceFromText } from '../trace/trace-from-text.testdata.ts';
import { assumedVersion, boundsText, versionBounds } from './version-by-form.ts';

const boundsOf = (...events: readonly string[]): string => boundsText(versionBounds(traceFromText(events.join('\n'))));
const pages = (gfp: string): string => `mm_page_alloc: page=1 pfn=0x1 order=0 migratetype=0 gfp_flags=${gfp}`;
const free = (name: string): string => `kmem_cache_free: call_site=f+0x1/0x2 ptr=000000001 name=${name}`;
const alloc = (name: string, site = 'f'): string =>
  `kmem_cache_alloc: call_site=${site}+0x1/0x2 ptr=000000001 ${name}bytes_req=96 bytes_alloc=96 gfp_flags=GFP_KERNEL node=-1`;

describe('the form of a trace bounds the version of the kernel that recorded it (traces.md section 2)', () => {
  test('kmem_cache_alloc without the name of the cache, beside frees that have it', () => {
    expect(boundsOf(alloc(''), free('pid'))).toBe('at most 6.17: kmem_cache_alloc does not name the cache');
    expect(boundsOf(alloc('name=pid '), free('pid'))).toBe('at least 6.18: kmem_cache_alloc names the cache');
  });

  test('where frees have no name either it may be the format that has none (Perfetto)', () => {
    expect(boundsOf(alloc(''), 'kmem_cache_free: call_site=f+0x1/0x2 ptr=000000001')).toBe('');
  });

  test('the order of gfp flags: __GFP_COMP before __GFP_ZERO up to 6.14, by bits since', () => {
    expect(boundsOf(pages('GFP_KERNEL_ACCOUNT|__GFP_COMP|__GFP_ZERO'))).toBe(
      'at most 6.14: gfp flags are printed in the old order',
    );
    expect(boundsOf(pages('GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP'))).toBe(
      'at least 6.15: gfp flags are printed in the order of their bits',
    );
    expect(boundsOf(pages('GFP_KERNEL|__GFP_ZERO'))).toBe('');
  });

  test.each([
    ['GFP_KERNEL|__GFP_ATOMIC', 'at most 6.2: __GFP_ATOMIC'],
    ['GFP_KERNEL|__GFP_SKIP_KASAN', 'at least 6.4: __GFP_SKIP_KASAN'],
    [
      'GFP_KERNEL|__GFP_SKIP_KASAN_UNPOISON',
      'at least 5.18: __GFP_SKIP_KASAN_UNPOISON; at most 6.3: __GFP_SKIP_KASAN_UNPOISON',
    ],
  ])('the flags of %s', (gfp, expected) => {
    expect(boundsOf(pages(gfp))).toBe(expected);
  });

  test('the narrowest bounds count; of facts that contradict each other the older end does', () => {
    expect(boundsOf(free('vma_lock'), alloc('', 'mas_alloc_nodes'))).toBe(
      'at least 6.4: the cache vma_lock; at most 6.14: the cache vma_lock',
    );
    expect(boundsOf(pages('__GFP_ATOMIC'), free('maple_node'), free('swap_table'))).toBe('at most 6.2: __GFP_ATOMIC');
  });
});

test('a version that is only assumed moves within the bounds; one that somebody gave, or the trace says, stays', () => {
  const table = traceFromText([alloc(''), free('vma_lock')].join('\n'));
  const recordedBy = { major: 7, minor: 3 };
  expect(assumedVersion(table, { recordedBy, versionFrom: 'assumed' })).toEqual({ major: 6, minor: 14 });
  expect(assumedVersion(table, { recordedBy, versionFrom: 'given' })).toEqual(recordedBy);
  expect(assumedVersion(table, { recordedBy, versionFrom: 'trace' })).toEqual(recordedBy);
});
