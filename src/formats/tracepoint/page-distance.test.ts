import { expect, test } from 'vitest';
import { pageDistance } from './page-distance.ts';

// print fmt of mm_page_free, as kernels up to 4.0 have it.
test.each([
  [
    'arm64, 3.10',
    '"page=%p pfn=%lu order=%d", REC->page, REC->page ? (unsigned long)((REC->page) - ((struct page *)0xffffffbc00000000UL)) : 0, REC->order',
    0xffff_ffbc_0000_0000n,
  ],
  [
    'x86-64, 3.2',
    '"page=%p pfn=%lu order=%d", REC->page, (unsigned long)((REC->page) - ((struct page *)(0xffffea0000000000UL))), REC->order',
    0xffff_ea00_0000_0000n,
  ],
  [
    'where pages are found by section',
    '"page=%p pfn=%lu", REC->page, ({ const struct page *__pg = (REC->page); })',
    undefined,
  ],
  [
    'of a kernel that records the pfn',
    '"page=%p pfn=0x%lx order=%d", (((struct page *)vmemmap_base) + (REC->pfn))',
    undefined,
  ],
])('%s', (_name, format, base) => {
  expect(pageDistance(format)).toBe(base);
});
