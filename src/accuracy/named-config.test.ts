import { describe, expect, test } from 'vitest';
import { defaultKernelConfig, type KernelConfig } from '../kasan/kernel-config.ts';
import type { ExecutedRun } from './executed.ts';
import { compareModel } from './model.ts';
import { namedConfig } from './named-config.ts';

const changes = (name: string): Partial<KernelConfig> | readonly string[] => {
  const named = namedConfig(name);
  if (named.unknown !== undefined) return named.unknown;
  const usual = new Map<string, unknown>(Object.entries(defaultKernelConfig()));
  return Object.fromEntries(
    Object.entries(named.config).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(usual.get(key))),
  );
};

describe('names of configurations', () => {
  test.each([
    ['', {}],
    ['sync', {}],
    ['kasanoff', { kasan: false }],
    // As the shipped counts have it: the parameter, and its short name.
    ['kasan=off kasanoff', { kasan: false }],
    // As counts of recorded runs have it: a remark behind a comma.
    ['sync, same run as the trace', {}],
    ['init_on_free=1, same run as the trace.dat', { initOnFree: true }],
    ['init_on_alloc', { initOnAlloc: true }],
    ['initonalloc', { initOnAlloc: true }],
    ['init_on_alloc=1', { initOnAlloc: true }],
    ['init-on-free', { initOnFree: true }],
    ['init_on_alloc=1 init_on_free=1', { initOnAlloc: true, initOnFree: true }],
    ['vmalloc=off', { vmalloc: false }],
    ['kasan.vmalloc=off sync', { vmalloc: false }],
    // Parameters written out, and behind them what the whole is called.
    ['sync kasan.stack_ring_size=64 ring', { detection: expect.objectContaining({ stackRingSize: 64 }) }],
    ['sample=10', { pageAllocSample: 10 }],
    ['sample10', { pageAllocSample: 10 }],
    ['sample=10,order=2', { pageAllocSample: 10, pageAllocSampleOrder: 2 }],
    ['sample10-order2', { pageAllocSample: 10, pageAllocSampleOrder: 2 }],
    ['kasan.page_alloc.sample=4 kasan.page_alloc.sample.order=0', { pageAllocSample: 4, pageAllocSampleOrder: 0 }],
  ])('%j', (name, expected) => {
    expect(changes(name)).toEqual(expected);
  });

  test('modes of detection do not change what tags are written', () => {
    expect(changes('async')).toEqual({ detection: expect.objectContaining({ mode: 'async' }) });
  });

  test('another size of pages', () => {
    expect(changes('16k')).toMatchObject({ pageSize: 16384 });
  });

  test.each([
    ['debug_pagealloc', ['debug_pagealloc']],
    ['sync page_poison=1', ['page_poison=1']],
    ['kasan=perhaps', ['kasan=perhaps']],
    ['sync nohash', ['nohash']],
    ['sync, nohash', ['nohash']],
    ['nohash kasan.vmalloc=off', ['nohash']],
  ])('%j: what is not known is told, word by word', (name, unknown) => {
    expect(changes(name)).toEqual(unknown);
  });
});

describe('runs of the model', () => {
  const run = (given: Partial<ExecutedRun>): ExecutedRun => ({
    variant: 'baseline',
    cpu: 'cortex-a710',
    workload: 'pgtable',
    params: { mb: 1, iterations: 1 },
    dc_block_bytes: 64,
    dczid_dzp: false,
    tag_setting_instructions: 0,
    per_class: {},
    per_function: {},
    categories: {},
    ...given,
  });

  test('with kasan=off no tag is set, by whatever name', () => {
    const { compared, skipped } = compareModel('counts', [run({ config: 'kasan=off kasanoff' })]);
    expect(skipped).toEqual([]);
    expect(compared.map(({ tagInstructions }) => tagInstructions)).toEqual([{ low: 0, best: 0, high: 0 }]);
  });

  test('what is not known is not passed over: the run and the reason are told', () => {
    const { compared, skipped } = compareModel('counts', [
      run({ config: 'sync debug_pagealloc' }),
      run({ workload: 'kbuild' }),
      run({ config: 'init_on_alloc' }),
    ]);
    expect(compared).toHaveLength(1);
    expect(skipped).toEqual([
      { run: 'counts pgtable', why: 'configuration "sync debug_pagealloc": what "debug_pagealloc" does is not known' },
      { run: 'counts kbuild', why: expect.stringContaining('"kbuild" is not modelled') },
    ]);
  });
});
