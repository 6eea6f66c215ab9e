import { describe, expect, test } from 'vitest';
import { executedKernel } from './executed-kernel.ts';
import { executedRun } from './executed.testdata.ts';
import { pairRecordings, type CountsFile } from './recordings.ts';

const counts = (name: string, ...workloads: readonly string[]): CountsFile => ({
  name,
  runs: workloads.map((workload) => executedRun({ workload })),
});

/** Pairs of counts and traces, as `workload: trace`, and what has no trace. */
function paired(files: readonly CountsFile[], traces: Readonly<Record<string, readonly string[]>>) {
  const { runs, skipped } = pairRecordings(files, new Map(Object.entries(traces)));
  return [...runs.map(({ executed, trace }) => `${executed.workload}: ${trace}`), ...skipped.map(({ run }) => run)];
}

describe('which trace the counts of a file are of, by their names', () => {
  test('the kernel, the workload and the kind of trace', () => {
    const files = [
      counts('baseline-cortex-a710-traced.json', 'thread'),
      counts('baseline-cortex-a710-traced-nohash.json.gz', 'thread'),
      counts('patched-cortex-a710-traced-stack.json', 'thread'),
      counts('patched-cortex-a710.json', 'thread'),
    ];
    const traces = [
      'baseline-thread.trace.zst',
      'baseline-thread-nohash.trace',
      'baseline-thread-smp2.trace.zst',
      'patched-thread-stack.trace.gz',
    ];
    expect(paired(files, { traces })).toEqual([
      'thread: traces/baseline-thread.trace.zst',
      'thread: traces/baseline-thread-nohash.trace',
      'thread: traces/patched-thread-stack.trace.gz',
    ]);
  });

  test('a kernel whose name begins with that of another has traces of its own', () => {
    const files = [
      counts('k73-16k-traced-nohash.json', 'thread'),
      counts('k73-16k-max-traced-nohash.json', 'thread', 'mixed'),
    ];
    const traces = [
      'k73-16k-thread-nohash.trace.zst',
      'k73-16k-max-thread-nohash.trace.zst',
      'k73-16k-max-mixed-nohash.trace.zst',
    ];
    expect(paired(files, { traces })).toEqual([
      'thread: traces/k73-16k-thread-nohash.trace.zst',
      'thread: traces/k73-16k-max-thread-nohash.trace.zst',
      'mixed: traces/k73-16k-max-mixed-nohash.trace.zst',
    ]);
  });

  test('one kernel may have its counts in several files', () => {
    const files = [counts('k72-traced-stack.json', 'thread'), counts('k72-ext-traced-stack.json', 'file')];
    const traces = ['k72-file-stack.trace.zst', 'k72-thread-stack.trace.zst'];
    expect(paired(files, { traces })).toEqual([
      'thread: traces/k72-thread-stack.trace.zst',
      'file: traces/k72-file-stack.trace.zst',
    ]);
  });

  test('of trace.dat files the second of a workload has stacks; both versions of one are of the same run', () => {
    const files = [counts('baseline-cortex-a710-tracedat.json', 'thread', 'thread', 'pgtable')];
    const dats = ['baseline-thread.v6.dat.zst', 'baseline-thread.v7zstd.dat', 'baseline-thread-stack.v6.dat'];
    expect(paired(files, { 'traces/trace-dat': dats })).toEqual([
      'thread: traces/trace-dat/baseline-thread.v6.dat.zst',
      'thread: traces/trace-dat/baseline-thread.v7zstd.dat',
      'thread: traces/trace-dat/baseline-thread-stack.v6.dat',
      'baseline-cortex-a710-tracedat pgtable',
    ]);
  });
});

describe('the kernel and the machine of a run, as its counts tell', () => {
  const kernelOf = (changes: Parameters<typeof executedRun>[0]) => {
    const kernel = executedKernel(executedRun(changes));
    if ('unknown' in kernel) throw new Error(kernel.unknown.join());
    return kernel;
  };

  test.each([
    ['6.12', { major: 6, minor: 12 }],
    ['6.12.117-arm64', { major: 6, minor: 12 }],
    ['k612', { major: 6, minor: 12 }],
    ['k72', { major: 7, minor: 2 }],
    ['k73-16k', { major: 7, minor: 3 }],
    ['k515', { major: 5, minor: 15 }],
    ['mainline', undefined],
    [undefined, undefined],
  ])('kernel %j', (kernel, version) => {
    expect(kernelOf(kernel === undefined ? {} : { kernel }).version).toEqual(version);
  });

  test('the page size is its own, whatever its configuration is called', () => {
    expect(kernelOf({ page_size: 65536 }).config).toMatchObject({ pageSize: 65536, threadSize: 65536 });
    expect(kernelOf({ config: 'sync 16k' }).config).toMatchObject({ pageSize: 16384, threadSize: 16384 });
    expect(kernelOf({}).config.pageSize).toBe(4096);
  });

  test('DC blocks are those that the run found, not those that a CPU of that name usually has', () => {
    expect(kernelOf({ cpu: 'max', dc_block_bytes: 512 }).cpu).toMatchObject({ dcBlock: 512, dzp: false });
    expect(kernelOf({ dczid_dzp: true }).cpu.dzp).toBe(true);
    expect(kernelOf({ cpu: 'neoverse-v1', dc_block_bytes: 128 }).cpu).toMatchObject({
      name: 'neoverse-v1',
      dcBlock: 128,
    });
  });

  test.each([
    ['sync', false, undefined],
    ['sync thp', true, undefined],
    ['thp=never', false, undefined],
    ['transparent_hugepage=always seed=7', true, 7],
    ['nothp, seed3', false, 3],
    ['sync seed=1, same run as the trace', false, 1],
  ])('%j: huge pages %j, seed %j', (config, hugePages, seed) => {
    expect(kernelOf({ config })).toMatchObject({ hugePages, seed });
  });
});
