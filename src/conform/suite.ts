import { INSTRUMENTED_CASES, STRING_CASES, USER_CASES } from './cases/access-cases.ts';
import { CACHE_CASES, MEMPOOL_CASES } from './cases/cache-cases.ts';
import { KMALLOC_CASES } from './cases/kmalloc-cases.ts';
import { MATCH_ALL_CASES, VMALLOC_CASES } from './cases/vmalloc-cases.ts';
import { isAtLeast, type KernelVersion } from '../base/kernel-version.ts';
import { NEWEST_RELEASE, OLDEST_RELEASE } from '../mm/release.ts';
import type { KunitCase } from './kunit-case.ts';

/** The kernel's KASAN tests, built in, in the order in which they run (mm/kasan/kasan_test_c.c, 7.3). */
const KASAN_SUITE: readonly KunitCase[] = [
  ...KMALLOC_CASES,
  ...CACHE_CASES,
  ...MEMPOOL_CASES,
  ...INSTRUMENTED_CASES,
  ...STRING_CASES,
  ...VMALLOC_CASES,
  ...MATCH_ALL_CASES,
  ...USER_CASES,
];

/** The tests that a release has. */
export const kasanSuite = (version: KernelVersion): readonly KunitCase[] =>
  KASAN_SUITE.filter(({ since }) => since === undefined || isAtLeast(version, since));

/**
 * The newest release whose tests these are, by their names; undefined if that is none that is known, as where a log is cut
 * short.
 */
export function releaseOfCases(names: readonly string[]): KernelVersion | undefined {
  const releases = [NEWEST_RELEASE, ...KASAN_SUITE.flatMap(({ since }) => since ?? []).flatMap(before), OLDEST_RELEASE];
  return releases
    .toSorted((a, b) => (isAtLeast(a, b) ? -1 : 1))
    .find(
      (version) =>
        kasanSuite(version)
          .map(({ name }) => name)
          .join() === names.join(),
    );
}

/** The release before one, within the same major number. */
const before = ({ major, minor }: KernelVersion): KernelVersion[] => (minor === 0 ? [] : [{ major, minor: minor - 1 }]);
