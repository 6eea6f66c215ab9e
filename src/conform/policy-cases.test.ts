import { describe, expect, test } from 'vitest';
import { inOneGo } from '../base/steps.ts';
import { NO_CHANGES, type KasanChanges } from '../base/kasan-changes.ts';
import { classId } from '../base/allocation-class.ts';
import { GFP_SKIP_KASAN, gfpUnion } from '../gfp/flags.ts';
import { defaultKernelConfig, type KasanBuild } from '../kasan/kernel-config.ts';
import type { Ledger } from '../kasan/ledger.ts';
import type { SiteDescription, SiteTable } from '../mm/site.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { conformUnderPolicy, type PolicyCase } from './policy-cases.ts';

/** The kernel's own flags, but that pages of a class are skipped. */
const sitesSkipping =
  (skipped?: string) =>
  (ledger: Ledger): SiteTable => ({
    resolve(description: SiteDescription) {
      const isSkipped = description.class === skipped;
      return {
        description,
        row: ledger.row(classId(description.class), description.site, ''),
        gfp: isSkipped ? gfpUnion(description.gfp, GFP_SKIP_KASAN) : description.gfp,
        skipped: isSkipped,
        slabPages: undefined,
        largePages: undefined,
      };
    },
  });

function changedUnder(
  changes: Partial<KasanChanges>,
  { skipped, seeds = 8, build = 'hw-tags' }: { skipped?: string; seeds?: number; build?: KasanBuild } = {},
): readonly PolicyCase[] {
  const options = { config: defaultKernelConfig(4096, build), cpu: cpuProfile('cortex-a710'), seed: 1 };
  const of = { sites: sitesSkipping(skipped), changes: { ...NO_CHANGES, ...changes } };
  return inOneGo(conformUnderPolicy(options, of, seeds)).filter(({ change }) => change !== 'same');
}

describe('kasan.tag_only_on_alloc: what the list asked of KUnit in June 2026', () => {
  const changed = changedUnder({ freedPages: 'keep', freedObjects: 'keep' });
  const names = changed.filter(({ change }) => change === 'fails').map(({ name }) => name);

  test('what is used or freed again before somebody else has it is not noticed, and nothing else', () => {
    // By hand from mm/kasan/kasan_test_c.c: the cases that touch freed memory at once, or free it twice. kmalloc_uaf_memset
    // and the RCU case are skipped with hardware tags or not there; kmalloc_uaf2 and _uaf3 go to memory with a new owner;
    // kmalloc_double_kzfree's second call goes through a read of memory that the first one has freed.
    expect(names).toEqual(
      expect.arrayContaining([
        'kmalloc_uaf',
        'kmalloc_large_uaf',
        'page_alloc_uaf',
        'krealloc_uaf',
        'ksize_uaf',
        'kmem_cache_double_free',
        'mempool_kmalloc_double_free',
        'mempool_page_alloc_uaf',
      ]),
    );
    expect(names.filter((name) => !/uaf|double|kasan_strings/.test(name))).toEqual([]);
  });

  test('because the memory has the tag of the pointer still', () => {
    const reasons = new Set(changed.flatMap(({ unnoticed }) => unnoticed.map(({ because }) => because)));
    expect(reasons).toEqual(new Set(['same tag']));
    for (const { own, under, change } of changed)
      if (change === 'fails') expect(under.count).toBeGreaterThan(own.count);
  });
});

test('large kmallocs skipped: their cases alone, by a pointer that matches all', () => {
  const changed = changedUnder({}, { skipped: 'kmalloc-large', seeds: 4 });
  expect(changed.length).toBeGreaterThanOrEqual(4);
  for (const { name, change, unnoticed } of changed) {
    expect([name, change]).toEqual([expect.stringContaining('large'), 'fails']);
    expect(new Set(unnoticed.map(({ because }) => because))).toEqual(new Set(['match-all']));
  }
});

test('large kmallocs tagged by their hooks: no case changes', () => {
  expect(changedUnder({ largeKmalloc: 'hooks' }, { seeds: 4 })).toEqual([]);
});

test('the software builds obey no policy: no case changes', () => {
  for (const build of ['sw-tags', 'generic'] as const)
    expect(changedUnder({ freedPages: 'keep', freedObjects: 'keep' }, { seeds: 2, build })).toEqual([]);
});
