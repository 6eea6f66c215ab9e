import { describe, expect, test } from 'vitest';
import { defaultKernelConfig, type KernelConfig } from '../kasan/kernel-config.ts';
import { GFP_HIGHUSER_MOVABLE, GFP_KERNEL } from '../gfp/masks.ts';
import { builtInPolicy } from '../policy/named.ts';
import type { BugName } from './bug-kinds.ts';
import type { CacheKind, Memory } from './memory.ts';
import { certainty, DetectionRules, eitherOf, isNoticedLater, type BugAccess } from './theory.ts';

function rulesOf(name: string, changes: Partial<KernelConfig> = {}): DetectionRules {
  const policy = builtInPolicy(name);
  if (policy === undefined) throw new Error(name);
  return new DetectionRules({ config: { ...defaultKernelConfig(), ...changes }, policy });
}

const object = (cache: CacheKind = 'plain'): Memory => ({
  class: 'slab-object',
  allocator: 'slab',
  cache,
  route: 'pointer',
  gfp: GFP_KERNEL,
});
const page = (order = 0): Memory => ({
  class: 'driver/other',
  allocator: 'page',
  route: 'pointer',
  order,
  gfp: GFP_KERNEL,
});
const LARGE: Memory = {
  class: 'kmalloc-large',
  allocator: 'kmalloc-large',
  route: 'pointer',
  order: 3,
  gfp: GFP_KERNEL,
};
const AREA: Memory = { class: 'vmalloc', allocator: 'vmalloc', route: 'pointer', gfp: GFP_KERNEL };
const variable = (name: Memory['class']): Memory => ({
  class: name,
  allocator: 'variable',
  route: 'match-all',
  gfp: GFP_KERNEL,
});

const POLICIES = [
  'series',
  'default-untagged',
  'tag-only-on-alloc',
  'tag-only-on-alloc-poison-pages',
  'tag-on-free',
  'skip-large-kmalloc',
  'sample=10,order=3',
] as const;
const N = 13 / 14;

/**
 * What each kind of bug in real logs comes to under a policy, worked out by hand from Linux 7.3 (mm/kasan) without the model:
 * a free poisons with a tag that no pointer has, an allocation draws one of 14, a policy takes one of the two away.
 */
const BY_HAND: readonly (readonly [what: string, bug: BugName, memory: Memory, ...shares: readonly number[]])[] = [
  ['slab use after free, before reuse', 'use after free, at once', object(), 1, 1, 0, 0, N, 1, 1],
  ['… after reuse', 'use after free, after reuse', object(), N, N, N, N, N, N, N],
  ['slab out of bounds, own redzone', 'overflow into own redzone', object('kmalloc'), 1, 1, 1, 1, 1, 1, 1],
  ['… live neighbour', 'overflow into live memory', object(), N, N, N, N, N, N, N],
  ['… into freed', 'overflow into freed memory', object(), 1, 1, N, N, N, 1, 1],
  ['… same granule', 'overflow within the granule', object(), 0, 0, 0, 0, 0, 0, 0],
  ['slab double free', 'double free', object(), 1, 1, 0, 0, N, 1, 1],
  // mm/kasan/common.c:__kasan_mempool_poison_object and _pages compare the tag, and poison what waits.
  ['… to a mempool', 'double free to a mempool', object('kmalloc'), 1, 1, 0, 0, 1, 1, 1],
  ['page double free to a mempool', 'double free to a mempool', page(), 1, 0, 0, 1, 1, 1, 1],
  ['large kmalloc double free to a mempool', 'double free to a mempool', LARGE, 1, 1, 0, 1, 1, 0, 0.1],
  ['page use after free, at once', 'use after free, at once', page(), 1, 0, 0, 1, N, 1, 1],
  ['large kmalloc use after free', 'use after free, at once', LARGE, 1, 1, 0, 1, N, 0, 0.1],
  ['a block of 8 pages', 'use after free, at once', page(3), 1, 0, 0, 1, N, 1, 0.1],
  ['vmalloc, redzone within the page', 'overflow into own redzone', AREA, 1, 0, 1, 1, 1, 1, 1],
  ['vmalloc, freed', 'use after free, at once', AREA, 1, 1, 1, 1, 1, 1, 1],
  ['vmalloc, beyond its area', 'overflow behind the area', AREA, 1, 1, 1, 1, 1, 1, 1],
  ['within a stack frame', 'overflow into next variable', variable('kernel-stack'), 0, 0, 0, 0, 0, 0, 0],
  ['global', 'overflow into next variable', variable('global'), 0, 0, 0, 0, 0, 0, 0],
  ['per-CPU', 'overflow into next variable', variable('percpu'), 0, 0, 0, 0, 0, 0, 0],
  ['match-all pointer', 'use after free, match-all', object(), 0, 0, 0, 0, 0, 0, 0],
  ['typesafe-by-RCU use after free', 'use after free, at once', object('typesafe-by-rcu'), 0, 0, 0, 0, 0, 0, 0],
];

describe('what is detected of the bugs that real logs have, by hand', () => {
  const cases = BY_HAND.flatMap(([what, bug, memory, ...shares]) =>
    POLICIES.map((policy, index) => [what, policy, bug, memory, shares[index]] as const),
  );
  test.each(cases)('%s under %s', (_, policy, bug, memory, share) => {
    const access: BugAccess = bug.startsWith('double free') ? 'free' : 'write';
    const { low, high } = rulesOf(policy).theory({ bug, access, memory });
    if (share !== 0.1) expect([low, high]).toEqual([share, share]);
    else {
      // Sampled memory is a tenth at most: what its pointer meets may have a tag that is equal once in 14.
      expect(high).toBe(0.1);
      expect(low).toBeCloseTo(0.1 * N, 12);
    }
  });

  test.each(['series-v1', 'untagged', 'skip-new-slab'])('%s as the series', (policy) => {
    for (const [, bug, memory] of BY_HAND)
      expect(rulesOf(policy).theory({ bug, access: 'write', memory })).toEqual(
        rulesOf('series').theory({ bug, access: 'write', memory }),
      );
  });
});

describe('the routes to memory', () => {
  const stale = { bug: 'use after free, at once', access: 'read' } as const;

  test('a table of a guest is an allocation of GFP_KERNEL_ACCOUNT, and page_to_virt gives the tag of its page', () => {
    // arch/arm64/kvm/mmu.c: the series changes GFP_PGTABLE_* alone, so that this page stays tagged and poisoned.
    expect(rulesOf('series').theory({ ...stale, memory: page() })).toMatchObject({ low: 1, high: 1 });
    const skipped: Memory = { ...page(), class: 'page-table' };
    expect(rulesOf('series').theory({ ...stale, memory: skipped })).toMatchObject({ low: 0, high: 0 });
    expect(rulesOf('before-series').theory({ ...stale, memory: skipped })).toMatchObject({ low: 1, high: 1 });
  });

  test('the mask that the kernel passes decides where a policy does not', () => {
    const user: Memory = { ...page(), class: 'user-anon', gfp: GFP_HIGHUSER_MOVABLE };
    expect(certainty(rulesOf('series').theory({ ...stale, memory: user }))).toBe('never');
    expect(certainty(rulesOf('skip-match-all').theory({ ...stale, memory: user }))).toBe('certain');
  });
});

describe('objects that keep one tag for the life of their slab (mm/kasan/common.c:assign_tag)', () => {
  const shareOf = (bug: BugName, policy: string, memory: Memory, access: BugAccess = 'write') => {
    const { low, high } = rulesOf(policy).theory({ bug, access, memory });
    return [low, high];
  };

  test('with a constructor: poisoned while they are free, and never told apart from their next owner', () => {
    const ctor = object('ctor');
    expect(shareOf('use after free, at once', 'series', ctor)).toEqual([1, 1]);
    expect(shareOf('use after free, after reuse', 'series', ctor)).toEqual([0, 0]);
    expect(shareOf('double free', 'series', ctor, 'free')).toEqual([1, 1]);
    expect(shareOf('use after free, at once', 'tag-only-on-alloc', ctor)).toEqual([0, 0]);
    // They cannot be given another tag when they are freed.
    expect(shareOf('use after free, at once', 'tag-on-free', ctor)).toEqual([1, 1]);
  });

  test('typesafe by RCU: accessible for ever, and a neighbour has another tag once in 14', () => {
    const typesafe = object('typesafe-by-rcu');
    expect(shareOf('use after free, after reuse', 'series', typesafe)).toEqual([0, 0]);
    expect(shareOf('overflow into freed memory', 'series', typesafe)).toEqual([N, N]);
    expect(shareOf('double free', 'series', typesafe, 'free')).toEqual([0, 0]);
    expect(shareOf('freelist pointer, stale pointer', 'series', typesafe)).toEqual([0, 0]);
  });
});

describe('what is not decided', () => {
  test('has the bounds of all that it may be, and both reasons', () => {
    const rules = rulesOf('tag-only-on-alloc');
    const of = (bug: BugName) => rules.theory({ bug, access: 'read', memory: object() });
    const either = eitherOf([of('use after free, at once'), of('use after free, after reuse')]);
    expect([either.low, either.high, certainty(either)]).toEqual([0, N, 'open']);
    expect(either.reason).toBe('freed memory keeps the tag that the pointer has; or two tags are drawn from 14');
    expect(certainty(of('use after free, at once'))).toBe('never');
    expect(certainty(of('use after free, after reuse'))).toBe('chance');
  });
});

describe('boot parameters', () => {
  const { detection } = defaultKernelConfig();
  const stale = { bug: 'use after free, at once', memory: object() } as const;

  test('kasan.write_only: reads are not checked; frees are compared by software', () => {
    const rules = rulesOf('series', { detection: { ...detection, writeOnly: true } });
    expect(rules.theory({ ...stale, access: 'read' }).high).toBe(0);
    expect(rules.theory({ ...stale, access: 'write' }).low).toBe(1);
    expect(rules.theory({ bug: 'double free', access: 'free', memory: object() }).low).toBe(1);
  });

  test('async notices later, asymm does so for writes', () => {
    const later = (mode: 'sync' | 'async' | 'asymm', access: BugAccess) =>
      isNoticedLater({ ...defaultKernelConfig(), detection: { ...detection, mode } }, access);
    expect([later('sync', 'write'), later('async', 'read'), later('asymm', 'read'), later('asymm', 'write')]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(later('async', 'free')).toBe(false);
  });

  test('kasan=off: what is not mapped faults still, and nothing else is noticed', () => {
    const rules = rulesOf('series', { kasan: false });
    expect(rules.theory({ ...stale, access: 'write' }).high).toBe(0);
    expect(rules.theory({ bug: 'overflow behind the area', access: 'write', memory: AREA }).low).toBe(1);
  });
});
