import { describe, expect, test } from 'vitest';
import { audit } from '../audit/audit.ts';
import { inOneGo } from '../base/steps.ts';
import { series2026 } from '../cost/series-2026.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { builtInPolicy } from '../policy/named.ts';
import type { Policy } from '../policy/policy.ts';
import { analyze } from '../result/analyze.ts';
import type { EventTable } from '../trace/event-table.ts';
import { traceFromText } from '../trace/trace-from-text.testdata.ts';
import { advise, candidates, freePolicy, type Advice } from './advise.ts';

const CPU = cpuProfile('cortex-a710');
const config = defaultKernelConfig();

const policyNamed = (name: string): Policy => {
  const policy = builtInPolicy(name);
  if (policy === undefined) throw new Error(name);
  return policy;
};

const replayed = (table: EventTable, policy: Policy, lifetimes = false) =>
  analyze(
    table,
    { files: ['t'], format: 'test', bytes: 0 },
    {
      policy,
      profile: series2026(),
      config,
      cpu: CPU,
      recordedBy: { major: 7, minor: 3 },
      lifetimes,
      command: '',
      version: '',
      cmdline: '',
    },
  );

/** What the command does: candidates, each replayed under its policy and audited. */
function advised(text: string, inForce: Policy) {
  const table = traceFromText(text);
  const report = replayed(table, inForce, true);
  const cellsOf = (policy: Policy, classes: Parameters<typeof candidates>[0]['byClass'][number]['class'][]) =>
    (classes.length === 0 ? [undefined] : classes).flatMap((only) =>
      inOneGo(audit({ config, cpu: CPU, policy, seed: 1, trials: 30, only })),
    );
  const judged = candidates(report, inForce).map((candidate) => {
    if (candidate.trial === undefined) return { candidate, outcome: undefined };
    const { policy, classes } = candidate.trial.audited;
    const cells = { from: cellsOf(inForce, [...classes]), to: cellsOf(policy, [...classes]) };
    return { candidate, outcome: { report: replayed(table, candidate.trial.policy), cells } };
  });
  const kernel = { kasan: 'hw-tags', pageSize: 4096, bootMessage: undefined, trials: 30, seed: 1 } as const;
  return { table, report, result: advise(report, judged, kernel, 'tagscope advise t') };
}

const found = (advice: readonly Advice[], rule: string): Advice | undefined =>
  advice.find((each) => each.rule === rule);
const GFP_TABLE = 'GFP_KERNEL_ACCOUNT|__GFP_ZERO|__GFP_COMP';

/** Pages of a fork and a teardown: two tables, a batch of mmu_gather, a pipe buffer. */
const FORK = `
  mm_page_alloc: pfn=0x100 order=0 gfp_flags=${GFP_TABLE}
  => __pte_alloc
  => copy_page_range
  mm_page_alloc: pfn=0x101 order=0 gfp_flags=${GFP_TABLE}
  => __pmd_alloc
  => copy_page_range
  mm_page_alloc: pfn=0x102 order=0 gfp_flags=GFP_NOWAIT
  => tlb_next_batch
  => __tlb_remove_folio_pages_size
  mm_page_alloc: pfn=0x103 order=0 gfp_flags=GFP_HIGHUSER|__GFP_ACCOUNT
  => anon_pipe_write
  mm_page_free: pfn=0x100 order=0
  mm_page_free: pfn=0x101 order=0
  mm_page_free: pfn=0x102 order=0
  mm_page_free: pfn=0x103 order=0`;

describe('a kernel before the series', () => {
  const { table, result } = advised(FORK, policyNamed('before-series'));

  test('is told what the series does, and that it loses nothing', () => {
    const matchAll = found(result.advice, 'match-all');
    expect(matchAll?.tried?.losesNothing).toBe(true);
    expect(matchAll?.sites.map(({ site }) => site).toSorted()).toEqual(['__pmd_alloc', '__pte_alloc']);
    // Two tables, tagged and poisoned: 2 × 2 × (4 + 63) instructions, 2 × 2 × 256 granules.
    expect(matchAll?.saved).toMatchObject({ granules: 1024, tagInstructions: 268 });
    expect(result.advice[0]).toBe(matchAll);
  });

  test('the policy that is advised does to the trace what the series does', () => {
    const policy = freePolicy(result, policyNamed('before-series'));
    if (policy === undefined) throw new Error('nothing is advised');
    expect(replayed(table, policy).byClass).toEqual(replayed(table, policyNamed('series')).byClass);
  });
});

describe('what loses detection is never advised without saying so', () => {
  const { result } = advised(FORK, policyNamed('series'));

  test.each(['gather-batches', 'user-data'])('%s: use after free of such pages is found today', (rule) => {
    const advice = found(result.advice, rule);
    // Alloc and free of one page.
    expect(advice?.saved).toMatchObject({ granules: 512, tagInstructions: 134 });
    expect(advice?.tried?.losesNothing).toBe(false);
    expect(advice?.tried?.detection.kindsLost).toBeGreaterThan(0);
    expect(advice?.tried?.detection.worst).toMatchObject({ from: 1, to: 0 });
  });

  test('a policy of all that loses nothing has none of it', () => {
    expect(freePolicy(result, policyNamed('series'))).toBeUndefined();
  });

  test('with the series stacks and tables are no advice any more', () => {
    expect(found(result.advice, 'match-all')).toBeUndefined();
  });
});

describe('a new slab', () => {
  const SLAB = `
  mm_page_alloc: pfn=0x100 order=0 gfp_flags=GFP_KERNEL|__GFP_COMP|__GFP_NOWARN|__GFP_NORETRY
  => allocate_slab
  => new_slab
  => do_work
  kmalloc: call_site=do_work+0x1/0x2 ptr=0x1000 bytes_req=64 bytes_alloc=64 gfp_flags=GFP_KERNEL`;
  const { result } = advised(SLAB, policyNamed('series'));

  test('is marked twice: once is enough, and 67 instructions less for a page', () => {
    const twice = found(result.advice, 'tagged-twice');
    expect(twice).toMatchObject({
      saved: { granules: 256, tagInstructions: 67 },
      tried: { losesNothing: true, auditedAs: [] },
    });
    expect(twice?.tried?.policy.kasan).toMatchObject({ newSlabs: 'skip' });
  });
});

describe('lives', () => {
  /** Blocks that are freed a microsecond after they were allocated, or a second. */
  const blocks = (count: number, gap: string, name: string): string =>
    Array.from({ length: count }, (_, index) => {
      const at = (second: string): string => `bench-44 [000] ..... ${(index + 1) * 10}.${second}:`;
      const later = gap === 'at once' ? at('000001') : at('900000');
      return `
  ${at('000000')} mm_page_alloc: pfn=0x${(256 + index).toString(16)} order=0 gfp_flags=GFP_KERNEL
  => ${name}
  ${later} mm_page_free: pfn=0x${(256 + index).toString(16)} order=0`;
    }).join('');

  test('pages that are gone at once are named with how long they live', () => {
    const { result } = advised(blocks(20, 'at once', 'take_and_drop'), policyNamed('series'));
    const advice = found(result.advice, 'gone-at-once');
    expect(advice?.sites).toMatchObject([
      { site: 'take_and_drop', evidence: '90 % are gone in 2 us', allocations: 20 },
    ]);
    expect(advice?.tried?.losesNothing).toBe(false);
  });

  test('pages that stay are not', () => {
    const { result } = advised(blocks(20, 'stays', 'keep_it'), policyNamed('series'));
    expect(result.advice).toEqual([]);
  });

  test('nothing is said of what was seen too seldom', () => {
    const { result } = advised(blocks(15, 'at once', 'take_and_drop'), policyNamed('series'));
    expect(result.advice).toEqual([]);
  });
});

describe('large objects that are gone at once', () => {
  const objects = Array.from(
    { length: 20 },
    (_, index) => `
  kmem_cache_alloc: call_site=getname_flags+0x1/0x2 ptr=0x${(4096 * (index + 1)).toString(16)} name=names_cache bytes_req=4096 bytes_alloc=4096 gfp_flags=GFP_KERNEL
  kmem_cache_free: call_site=putname+0x1/0x2 ptr=0x${(4096 * (index + 1)).toString(16)} name=names_cache`,
  ).join('');
  const { result } = advised(objects, policyNamed('series'));

  test('no flag does it, so there is a cost, and neither an audit nor a policy', () => {
    const advice = found(result.advice, 'objects-gone-at-once');
    // Unpoisoned and poisoned: 67 instructions each.
    expect(advice?.saved.tagInstructions).toBe(20 * 2 * 67);
    expect(advice?.tried).toBeNull();
  });
});

describe('what drivers keep about a transfer is no buffer', () => {
  const pageOf = (name: string): string => `
  mm_page_alloc: pfn=0x100 order=0 gfp_flags=GFP_KERNEL
  => ${name}`;

  test.each(['blk_mq_alloc_rqs', 'sg_kmalloc', 'iommu_alloc_pages_node', 'napi_alloc_skb', 'bio_alloc_bioset'])(
    '%s',
    (name) => {
      expect(advised(pageOf(name), policyNamed('series')).result.advice).toEqual([]);
    },
  );

  test.each(['dma_alloc_attrs', 'page_pool_alloc_pages', 'skb_page_frag_refill'])('but %s gives out one', (name) => {
    const { result } = advised(pageOf(name), policyNamed('series'));
    expect(result.advice.map(({ rule }) => rule)).toEqual(['device-buffers']);
    expect(result.advice[0].tried?.losesNothing).toBe(false);
  });
});

test('a shadow call stack is vmalloc memory, and is judged as what x18 points to', () => {
  const SCS = `
  mm_page_alloc: pfn=0x100 order=0 gfp_flags=GFP_KERNEL|__GFP_HIGHMEM|__GFP_ZERO
  => __vmalloc_node_range
  => __scs_alloc
  => scs_prepare`;
  const { result } = advised(SCS, policyNamed('series'));
  expect(found(result.advice, 'match-all')).toMatchObject({
    tried: { losesNothing: true, auditedAs: ['kernel-stack'] },
  });
});
