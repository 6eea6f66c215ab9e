import { UsageError } from '../base/errors.ts';
import type { PageAllocSample } from '../base/kasan-changes.ts';
import { SERIES_RULES } from './kernels.ts';
import type { Policy } from './policy.ts';

/** PAGE_ALLOC_SAMPLE_ORDER_DEFAULT (mm/kasan/hw_tags.c). */
const DEFAULT_ORDER = 3;
const MAX_EVERY = 2 ** 31 - 1;
const MAX_ORDER = 15;

/** How names of these policies are written. */
export const SAMPLE_NAME = 'sample=N,order=K';

/** Sampling of page allocations, as a policy: what the boot parameters of the same names do to Linux 7.3. */
export function samplePolicy({ every, order }: PageAllocSample): Policy {
  return {
    name: `sample=${every},order=${order}`,
    description: `The series, and of page allocations of order ${order} and more only one in ${every} is tagged, counted on each CPU: as with kasan.page_alloc.sample=${every} kasan.page_alloc.sample.order=${order} on the command line, which this policy overrides. Others keep the tags that their memory has, have a pointer that matches all, and are not poisoned when they are freed. Allocations that are skipped anyway do not count; slab objects and vmalloc areas are never sampled. Any numbers may stand in the name.`,
    source: 'mm/kasan/kasan.h:kasan_sample_page_alloc, Linux 6.3 and later',
    rules: SERIES_RULES,
    otherwise: 'kernel',
    kasan: { sample: { every, order } },
  };
}

/**
 * The policy of a name such as sample=10,order=3, the order being 3 if it is left out; undefined for another name.
 *
 * @throws UsageError for numbers that make no sense
 */
export function sampleByName(name: string): Policy | undefined {
  if (!name.startsWith('sample=')) return undefined;
  const [, every = '', order = String(DEFAULT_ORDER)] = /^sample=(\d+)(?:,order=(\d+))?$/.exec(name) ?? [];
  const sample = { every: Number(every), order: Number(order) };
  if (every !== '' && sample.every >= 1 && sample.every <= MAX_EVERY && sample.order <= MAX_ORDER)
    return samplePolicy(sample);
  throw new UsageError(
    `no policy "${name}"`,
    `It is written ${SAMPLE_NAME}, with N from 1 to ${MAX_EVERY} and K from 0 to ${MAX_ORDER}, such as sample=10,order=3.`,
  );
}
