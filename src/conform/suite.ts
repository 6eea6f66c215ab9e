import { INSTRUMENTED_CASES, STRING_CASES, USER_CASES } from './cases/access-cases.ts';
import { CACHE_CASES, MEMPOOL_CASES } from './cases/cache-cases.ts';
import { KMALLOC_CASES } from './cases/kmalloc-cases.ts';
import { MATCH_ALL_CASES, VMALLOC_CASES } from './cases/vmalloc-cases.ts';
import type { KunitCase } from './kunit-case.ts';

/** The kernel's KASAN tests, built in, in the order in which they run (mm/kasan/kasan_test_c.c, 7.3). */
export const KASAN_SUITE: readonly KunitCase[] = [
  ...KMALLOC_CASES,
  ...CACHE_CASES,
  ...MEMPOOL_CASES,
  ...INSTRUMENTED_CASES,
  ...STRING_CASES,
  ...VMALLOC_CASES,
  ...MATCH_ALL_CASES,
  ...USER_CASES,
];
