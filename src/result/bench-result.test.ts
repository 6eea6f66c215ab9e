import { describe, expect, test } from 'vitest';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import type { KernelConfig } from '../kasan/kernel-config.ts';
import { series2026 } from '../cost/series-2026.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { tagSetting } from '../mte/instruction.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import { benchRunResult } from './bench-result.ts';
import type { BenchRunResult } from './bench.ts';
import { BenchRun, type Workload } from '../workload/bench-run.ts';

const THREAD: Workload = { name: 'thread', iterations: 6, threads: 20, memory: 0, hugePages: false };
const PGTABLE: Workload = { name: 'pgtable', iterations: 6, threads: 0, memory: 16 << 20, hugePages: false };

interface Given {
  readonly policy?: string;
  readonly changes?: Partial<KernelConfig>;
  readonly ram?: number;
  readonly seed?: number;
  readonly cpus?: number;
}

function run(
  workload: Workload,
  { policy: name = 'series', changes = {}, ram = 256 << 20, seed = 1, cpus = 1 }: Given = {},
) {
  const policy = BUILT_IN_POLICIES.find((known) => known.name === name) ?? BUILT_IN_POLICIES[0];
  const config = { ...defaultKernelConfig(changes.pageSize), ...changes };
  const options = { policy, config, cpu: cpuProfile('cortex-a710'), cpus, ram, seed };
  const bench = new BenchRun(options, workload);
  while (!bench.isDone) bench.step();
  return { bench, result: benchRunResult(bench, policy, undefined, 0, series2026().readings(options.cpu)) };
}

const instructionsOf = (result: BenchRunResult, name: string): number =>
  result.byClass.filter((work) => work.class === name).reduce((sum, work) => sum + tagSetting(work.instructions), 0);
const pagesOf = (result: BenchRunResult, name: string): number =>
  result.byClass.find((work) => work.class === name)?.allocations ?? 0;

describe('what the workloads do', () => {
  test('thread: each iteration is one process and its threads, and each of them has a stack', () => {
    const { operations } = run(THREAD).result;
    expect(operations).toMatchObject({ processes: 6, threads: 120 });
    expect(operations.stacks.fresh + operations.stacks.reused).toBe(126);
  });

  test('thread: two stacks at least come from the cache in each iteration: those that the CPU kept of the one before', () => {
    const { stacks } = run(THREAD).result.operations;
    expect(stacks.reused).toBeGreaterThanOrEqual(12);
    expect(stacks.reused).toBeLessThan(40);
  });

  test('pgtable: the parent maps 16 MiB by 8 leaf tables, and each child needs as many and ten for the rest of the program', () => {
    expect(run(PGTABLE).result.operations.pageTables).toBe(8 + 6 * (8 + 10));
  });

  test('pgtable: each child fills one batch page for the first 8 + 510 pages, and one for each 510 more', () => {
    const batches = run(PGTABLE).result.bySite.find(({ site }) => site === '__tlb_remove_folio_pages_size');
    expect(batches?.allocations).toBe(6 * Math.ceil((4096 - 8) / 510));
  });

  test('by huge pages there are as many tables, deposited for a split and freed at once, and no batch pages but for the program itself', () => {
    const { result } = run({ ...PGTABLE, hugePages: true });
    expect(result.operations.pageTables).toBe(8 + 6 * (8 + 10));
    const batches = result.bySite.find(({ site }) => site === '__tlb_remove_folio_pages_size');
    expect(batches?.allocations ?? 0).toBeLessThanOrEqual(6);
    // All eight tables of each child are back when it has ended; of the others the last child's wait for RCU.
    const freed = result.byClass.find((work) => work.class === 'page-table')?.frees ?? 0;
    expect(freed).toBeGreaterThanOrEqual(6 * 8 + 5 * 9);
  });
});

describe('huge pages', () => {
  const pgtable = (memory: number, pageSize = 4096, ram = 256 << 20) =>
    run({ ...PGTABLE, memory, hugePages: true, iterations: 2 }, { changes: defaultKernelConfig(pageSize), ram });
  const pagesAt = (result: BenchRunResult, wanted: string): number =>
    result.bySite.find(({ site }) => site === wanted)?.allocations ?? 0;

  test('what is too small for one is faulted by small pages (mm/huge_memory.c:do_huge_pmd_anonymous_page falls back)', () => {
    const { result } = pgtable(5 << 20);
    expect(pagesAt(result, '__do_huge_pmd_anonymous_page')).toBe(2);
    // A megabyte of small pages, and the first writes of a program and its children to their own areas are elsewhere.
    expect(pagesAt(result, '__handle_mm_fault')).toBe(256);
  });

  test.each([
    [16384, 64 << 20, 2],
    [65536, 1 << 30, 2],
  ])('pages of %i bytes have huge ones of 32 MiB, or 512 MiB', (pageSize, memory, huge) => {
    const { bench, result } = pgtable(memory, pageSize, 2 ** 31);
    expect(bench.ended).toBeUndefined();
    expect(pagesAt(result, '__do_huge_pmd_anonymous_page')).toBe(huge);
    expect(pagesAt(result, '__handle_mm_fault')).toBe(0);
  });

  test('32 MiB on a kernel with pages of 64 KiB are no huge page, and the run is that of small ones', () => {
    const small = run({ ...PGTABLE, memory: 32 << 20, iterations: 2 }, { changes: defaultKernelConfig(65536) }).result;
    expect(pgtable(32 << 20, 65536).result.byClass).toEqual(small.byClass);
  });
});

describe('policies and parameters', () => {
  test('the series takes all tag work of stacks and tables away, and nothing else changes', () => {
    for (const workload of [THREAD, PGTABLE]) {
      const before = run(workload, { policy: 'before-series' }).result;
      const series = run(workload, { policy: 'series' }).result;
      for (const name of ['kernel-stack', 'page-table']) {
        expect(instructionsOf(before, name)).toBeGreaterThan(0);
        expect(instructionsOf(series, name)).toBe(0);
      }
      for (const name of ['mmu-gather', 'slab-object', 'slab-page'])
        expect(instructionsOf(series, name)).toBe(instructionsOf(before, name));
      expect(series.operations).toEqual(before.operations);
      const { pageTables, stacks } = series.operations;
      // A stack has four pages.
      expect(before.pagesTagged - series.pagesTagged).toBe(pageTables + 4 * (stacks.fresh + stacks.reused));
    }
  });

  test('kasan=off: no tag is written, and what is to be zeroed is zeroed by DC ZVA', () => {
    const { result } = run(PGTABLE, { changes: { kasan: false } });
    expect(tagSetting(result.totals.instructions)).toBe(0);
    expect(result.totals.instructions.dcZva).toBeGreaterThan(0);
  });

  test('kasan.vmalloc=off: of stacks only those from the cache are tagged before the series, and none with it (oracle README, 11)', () => {
    const changes = { vmalloc: false };
    const before = run(THREAD, { policy: 'before-series', changes }).result;
    const tagged = before.byHook.filter(
      ({ class: name, instructions }) => name === 'kernel-stack' && tagSetting(instructions) > 0,
    );
    expect(tagged.map(({ hook }) => hook)).toEqual(['__kasan_unpoison_range']);
    expect(before.operations.stacks.fresh).toBeGreaterThan(0);
    expect(instructionsOf(run(THREAD, { changes }).result, 'kernel-stack')).toBe(0);
  });

  test('init_on_alloc zeroes with the same stores: STG becomes STZG, one for one', () => {
    const plain = run(PGTABLE).result.totals.instructions;
    const zeroing = run(PGTABLE, { changes: { initOnAlloc: true } }).result.totals.instructions;
    expect(zeroing.stg + zeroing.stzg).toBe(plain.stg + plain.stzg);
    expect(zeroing.dcGva + zeroing.dcGzva).toBe(plain.dcGva + plain.dcGzva);
    expect(zeroing.stzg).toBeGreaterThan(plain.stzg);
  });

  test.each([16384, 65536])('pages of %i bytes work too', (pageSize) => {
    const { bench, result } = run(PGTABLE, { changes: defaultKernelConfig(pageSize) });
    expect(bench.ended).toBeUndefined();
    expect(pagesOf(result, 'page-table')).toBeGreaterThan(0);
  });

  test('with several CPUs each keeps two stacks of its own', () => {
    const one = run({ ...THREAD, threads: 40 }).result.operations.stacks;
    const four = run({ ...THREAD, threads: 40 }, { cpus: 4 }).result.operations.stacks;
    expect(four.fresh + four.reused).toBe(one.fresh + one.reused);
  });
});

describe('runs', () => {
  test('the same seed gives the same result; another one the same counts, since only tags are left to chance', () => {
    const { result } = run(THREAD, { seed: 5 });
    expect(run(THREAD, { seed: 5 }).result).toEqual(result);
    expect(run(THREAD, { seed: 6 }).result).toEqual(result);
  });

  test('memory does not grow with iterations, once addresses of areas are used again (lazy_max_pages, after 1,638 stacks)', () => {
    const free = (iterations: number): number => run({ ...THREAD, iterations }).bench.machine.kernel.pages.freePages;
    const [few, many] = [free(150), free(400)];
    expect(Math.abs(few - many)).toBeLessThan(64);
  });

  test('where memory is out the run ends with what the kernel would do, and with the iterations until then', () => {
    const { bench } = run({ ...PGTABLE, memory: 250 << 20 }, { ram: 256 << 20 });
    expect(bench.ended).toBe('memory is out: no room for a page for a program, which ends in OOM');
    expect(bench.iterations).toBe(0);
    const threads = run({ ...THREAD, threads: 2000 }, { ram: 64 << 20 }).bench;
    expect(threads.ended).toMatch(
      /^memory is out: no room for (?:a kernel stack|a task|a page table|a page for a program), which/,
    );
  });
});

describe.each([
  // Spec modes.md section 5, cost drivers: bytes of shadow for a page, and for a stack that is used again.
  ['sw-tags', 256, 2048],
  ['generic', 512, 4096],
] as const)('%s: __GFP_SKIP_KASAN is 0', (build, perPage, perStack) => {
  const ofBuild = (policy: string) => run(PGTABLE, { policy, changes: defaultKernelConfig(4096, build) }).result;

  test('no policy changes any work, and no tag is set', () => {
    const [before, series, none] = ['before-series', 'series', 'none'].map(ofBuild);
    expect(series.byClass).toEqual(before.byClass);
    expect(none.byClass).toEqual(before.byClass);
    for (const work of before.byClass) expect(tagSetting(work.instructions)).toBe(0);
  });

  test('page tables are marked when they are allocated and when they are freed, and a stack when it is used again', () => {
    const { byClass, operations } = ofBuild('series');
    const tables = byClass.find((work) => work.class === 'page-table');
    expect(tables?.granules.alloc).toBe((tables?.allocations ?? 0) * perPage);
    expect(tables?.granules.free).toBe((tables?.frees ?? 0) * perPage);
    const stacks = byClass.find((work) => work.class === 'kernel-stack');
    expect(operations.stacks.fresh).toBe(0);
    expect(stacks?.granules.alloc).toBe(operations.stacks.reused * perStack);
  });
});
