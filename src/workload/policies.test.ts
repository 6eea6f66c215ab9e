import { describe, expect, test } from 'vitest';
import { ALLOCATION_CLASSES, type AllocationClass } from '../base/allocation-class.ts';
import { HOOKS, type HookName } from '../kasan/hook.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import type { Ledger } from '../kasan/ledger.ts';
import { CALLS_COLUMN } from '../mte/counting-machine.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { INSTRUCTION_KINDS, tagSetting } from '../mte/instruction.ts';
import { builtInPolicy } from '../policy/named.ts';
import { BenchRun, type Workload } from './bench-run.ts';

const SHELL: Workload = { name: 'shell', iterations: 5, threads: 0, memory: 0, hugePages: false };
/** So many that slab needs new pages. */
const THREADS: Workload = { name: 'thread', iterations: 3, threads: 100, memory: 0, hugePages: false };

/** Calls and tag-setting instructions by class and hook; what did neither is left out. */
type Work = Readonly<Record<string, readonly [calls: number, instructions: number]>>;

function under(policyName: string, workload = SHELL): Work {
  const policy = builtInPolicy(policyName);
  if (policy === undefined) throw new Error(policyName);
  const config = defaultKernelConfig();
  const run = new BenchRun(
    { policy, config, cpu: cpuProfile('cortex-a710'), cpus: 1, ram: 256 << 20, seed: 5 },
    workload,
  );
  while (!run.isDone) run.step();
  return workOf(run.machine.ledger);
}

function workOf(ledger: Ledger): Work {
  const work: Record<string, readonly [number, number]> = {};
  ALLOCATION_CLASSES.forEach((name, id) => {
    HOOKS.forEach((hook, number) => {
      let [calls, instructions] = [0, 0];
      ledger.rows.forEach((row, index) => {
        if (row.class !== id) return;
        const counts = Object.fromEntries(
          INSTRUCTION_KINDS.map((kind, column) => [kind, ledger.value(index, number, 'certain', column)]),
        );
        calls += ledger.value(index, number, 'certain', CALLS_COLUMN);
        instructions += tagSetting(counts as Parameters<typeof tagSetting>[0]);
      });
      if (calls > 0) work[`${name} ${hook.name}`] = [calls, instructions];
    });
  });
  return work;
}

const only = (work: Work, wanted: (name: AllocationClass, hook: HookName) => boolean): Work =>
  Object.fromEntries(
    ALLOCATION_CLASSES.flatMap((name) =>
      HOOKS.filter((hook) => wanted(name, hook.name)).flatMap((hook) => {
        const found = work[`${name} ${hook.name}`];
        return found === undefined ? [] : [[`${name} ${hook.name}`, found] as const];
      }),
    ),
  );
const isAlloc = (name: HookName): boolean => HOOKS.some((hook) => hook.name === name && hook.phase === 'alloc');
/** Instructions for a page: 4 + 63. */
const PAGE = 67;

const SERIES = under('series');
const SERIES_THREADS = under('series', THREADS);

describe('on the model, which decides by the same hooks', () => {
  test.each(['untagged', 'series-v1'])('%s does the work of the series: there are only task stacks here', (name) => {
    expect(under(name)).toEqual(SERIES);
    expect(under(name, THREADS)).toEqual(SERIES_THREADS);
  });

  test('skip-user does the work of the kernel before the series', () => {
    expect(under('skip-user')).toEqual(under('before-series'));
  });

  test('skip-match-all: user memory and the page cache beside the work of the series', () => {
    const work = under('skip-match-all');
    expect(only(work, (name) => name !== 'user-anon' && name !== 'user-file')).toEqual(
      only(SERIES, (name) => name !== 'user-anon' && name !== 'user-file'),
    );
    // A file of 64 KiB has 16 pages, each time (shell.ts); memory that is mapped, 256.
    const [calls = 0, instructions] = work['user-file __kasan_poison_pages'] ?? [];
    expect(calls).toBeGreaterThanOrEqual(16 * SHELL.iterations);
    expect(instructions).toBe(calls * PAGE);
    expect(work['user-anon __kasan_unpoison_pages']?.[0]).toBeGreaterThanOrEqual(256 * SHELL.iterations);
  });

  test('default-untagged: tags are written for slab and kmalloc alone', () => {
    const work = under('default-untagged', THREADS);
    const wrote = Object.entries(work).filter(([, [, instructions]]) => instructions > 0);
    expect(new Set(wrote.map(([key]) => key.split(' ')[0]))).toEqual(new Set(['slab-page', 'slab-object']));
    expect(only(work, (name) => name === 'slab-object')).toEqual(
      only(SERIES_THREADS, (name) => name === 'slab-object'),
    );
  });

  test('tag-only-on-alloc: no tag is written at free, and none less at allocation', () => {
    const work = under('tag-only-on-alloc');
    expect(only(work, (_, hook) => isAlloc(hook))).toEqual(only(SERIES, (_, hook) => isAlloc(hook)));
    const atFree = only(work, (_, hook) => !isAlloc(hook));
    expect(Object.keys(atFree)).toEqual(['slab-object __kasan_slab_free']);
    expect(atFree['slab-object __kasan_slab_free']).toEqual([SERIES['slab-object __kasan_slab_free']?.[0], 0]);
  });

  test('tag-only-on-alloc-poison-pages: pages are poisoned as in the series', () => {
    const isFreedObject = (_: AllocationClass, hook: HookName): boolean => hook === '__kasan_slab_free';
    const work = under('tag-only-on-alloc-poison-pages');
    expect(only(work, (name, hook) => !isFreedObject(name, hook))).toEqual(
      only(SERIES, (name, hook) => !isFreedObject(name, hook)),
    );
    expect(work['slab-object __kasan_slab_free']?.[1]).toBe(0);
  });

  test('tag-on-free: of single pages and plain objects allocation writes no tag', () => {
    const work = under('tag-on-free');
    expect(work['pipe __kasan_unpoison_pages']).toEqual([SERIES['pipe __kasan_unpoison_pages']?.[0], 0]);
    expect(work['pipe __kasan_poison_pages']).toEqual(SERIES['pipe __kasan_poison_pages']);
    // What is left belongs to caches with a constructor or by RCU, whose objects keep one tag.
    const [before = 0, after = 0] = [SERIES, work].map((of) => of['slab-object __kasan_slab_alloc']?.[1] ?? 0);
    expect(after).toBeLessThan(before / 2);
  });

  test('skip-new-slab: each slab page is marked once instead of twice, and nothing else changes', () => {
    const work = under('skip-new-slab', THREADS);
    const { 'slab-page __kasan_unpoison_pages': saved, ...rest } = SERIES_THREADS;
    expect(work).toEqual(rest);
    // What is saved is what marking them takes.
    expect(saved).toEqual(rest['slab-page __kasan_poison_slab']);
    expect(saved?.[0]).toBeGreaterThan(0);
  });
});
