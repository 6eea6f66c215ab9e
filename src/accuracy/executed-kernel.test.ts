import { describe, expect, test } from 'vitest';
import type { ExecutedRun } from './executed.ts';
import { executedKernel, type ExecutedKernel } from './executed-kernel.ts';
import { executedRun } from './executed.testdata.ts';

function kernelOf(changes: Partial<ExecutedRun>): ExecutedKernel {
  const kernel = executedKernel(executedRun(changes));
  if ('unknown' in kernel) throw new Error(kernel.unknown.join());
  return kernel;
}

describe('what a run was executed on', () => {
  test('tables of as many bits as arm64 has by default: 52, or with 16 KiB pages 47 on a CPU without LPA2', () => {
    expect(kernelOf({}).config).toMatchObject({ pageSize: 4096, vaBits: 48 });
    expect(kernelOf({ page_size: 16384 }).config).toMatchObject({ pageSize: 16384, vaBits: 47 });
    expect(kernelOf({ page_size: 16384, cpu: 'max' }).config).toMatchObject({ vaBits: 52 });
    expect(kernelOf({ config: 'sync 64k' }).config).toMatchObject({ pageSize: 65536, vaBits: 52 });
  });

  test.each([
    ['k612', 6, 12],
    ['k73-16k', 7, 3],
    ['6.12.117', 6, 12],
    ['somebody', 7, 3],
  ])('the model of a kernel named %s has the allocators of %i.%i', (kernel, major, minor) => {
    expect(kernelOf({ kernel }).config.version).toEqual({ major, minor });
  });

  test('CPUs keep slabs with free objects unless what was executed shows that they do not (CONFIG_SLUB_CPU_PARTIAL)', () => {
    const cpuPartial = (function_entries?: Readonly<Record<string, number>>): boolean =>
      kernelOf({ function_entries }).config.slubCpuPartial;
    expect(cpuPartial()).toBe(true);
    expect(cpuPartial({ kfree: 3 })).toBe(true);
    expect(cpuPartial({ __slab_free: 3, put_cpu_partial: 1 })).toBe(true);
    expect(cpuPartial({ __slab_free: 3, '__put_partials.isra.0': 1 })).toBe(true);
    expect(cpuPartial({ __slab_free: 3, ___slab_alloc: 2 })).toBe(false);
  });

  test('a kernel like those of distributions, by its name; boot parameters win over what is built in', () => {
    const kernel = 'k73-distro';
    expect(kernelOf({ kernel }).config).toMatchObject({ memcg: true, numa: true, shadowCallStack: true });
    expect(kernelOf({ kernel }).config.initOnAlloc).toBe(true);
    expect(kernelOf({ kernel, config: 'init_on_alloc=0' }).config.initOnAlloc).toBe(false);
  });
});
