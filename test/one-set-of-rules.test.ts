import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALLOCATION_CLASSES } from '../src/base/allocation-class.ts';
import { HOOKS } from '../src/kasan/hook.ts';
import { defaultKernelConfig, withoutVmapStack, type KernelConfig } from '../src/kasan/kernel-config.ts';
import type { Ledger } from '../src/kasan/ledger.ts';
import { CELL_COLUMNS } from '../src/mte/counting-machine.ts';
import { cpuProfile, withDcBlock } from '../src/mte/cpu.ts';
import { BUILT_IN_POLICIES } from '../src/policy/built-in.ts';
import type { Policy } from '../src/policy/policy.ts';
import { replay } from '../src/replay/replay.ts';
import { GFP_KERNEL } from '../src/gfp/masks.ts';
import type { SiteDescription } from '../src/mm/site.ts';
import type { Clock } from '../src/mm/clock.ts';
import { Tasks } from '../src/mm/task.ts';
import { BenchRun, type Workload } from '../src/workload/bench-run.ts';
import { EventRecorder } from '../src/workload/event-recorder.ts';
import { boot } from '../src/workload/machine.ts';
import { policySites } from '../src/workload/policy-sites.ts';
import { startInit } from '../src/workload/program.ts';

/** Work by class and hook: every column of the counting machine, and what left no event. Rows that did nothing are left out. */
function workOf(ledger: Ledger): Record<string, number[]> {
  const work: Record<string, number[]> = {};
  ALLOCATION_CLASSES.forEach((name, id) => {
    const rows = ledger.rows.flatMap((row, index) => (row.class === id ? [index] : []));
    HOOKS.forEach((hook, hookNumber) => {
      const columns = Array.from({ length: CELL_COLUMNS }, (_, column) =>
        rows.reduce(
          (sum, row) =>
            sum + ledger.value(row, hookNumber, 'certain', column) + ledger.value(row, hookNumber, 'estimated', column),
          0,
        ),
      );
      if (columns.some((value) => value !== 0)) work[`${name} ${hook.name}`] = columns;
    });
  });
  return work;
}

const allocationsOf = (ledger: Ledger): Record<string, readonly number[]> =>
  Object.fromEntries(
    ALLOCATION_CLASSES.flatMap((name, id) => {
      const rows = ledger.rows.filter((row) => row.class === id);
      const sums = [
        rows.reduce((sum, { allocations }) => sum + allocations, 0),
        rows.reduce((sum, { bytes }) => sum + bytes, 0),
      ];
      return sums[0] === 0 ? [] : [[name, sums]];
    }),
  );

const WORKLOADS: readonly Workload[] = [
  { name: 'thread', iterations: 4, threads: 12, memory: 0, hugePages: false },
  { name: 'pgtable', iterations: 3, threads: 0, memory: 8 << 20, hugePages: false },
  { name: 'pgtable', iterations: 3, threads: 0, memory: 8 << 20, hugePages: true },
  { name: 'shell', iterations: 4, threads: 0, memory: 0, hugePages: false },
];

const CONFIGS: readonly (readonly [name: string, changes: Partial<KernelConfig>])[] = [
  ['defaults', {}],
  ['init_on_alloc', { initOnAlloc: true }],
  ['init_on_free', { initOnFree: true }],
  ['kasan=off', { kasan: false }],
  ['sampling', { pageAllocSample: 3, pageAllocSampleOrder: 0 }],
  ['pages of 16 KiB', defaultKernelConfig(16384)],
  ['pages of 64 KiB', defaultKernelConfig(65536)],
];

function bothWays(
  workload: Workload,
  policy: Policy,
  changes: Partial<KernelConfig>,
  dcBlock: string,
  vmapStack = true,
) {
  const booted = { ...defaultKernelConfig(), ...changes };
  const config = vmapStack ? booted : withoutVmapStack(booted);
  const cpu = withDcBlock(cpuProfile('cortex-a710'), dcBlock);
  const recorders: EventRecorder[] = [];
  const machine = { policy, config, cpu, cpus: 1, ram: 256 << 20, seed: 7 };
  const run = new BenchRun(machine, workload, {
    listen: (clock) => {
      const recorder = new EventRecorder(clock);
      recorders.push(recorder);
      return recorder;
    },
  });
  while (!run.isDone) run.step();
  // Half a nanosecond earlier: seconds do not hold nanoseconds exactly.
  const since = (run.countedSince - 0.5) / 1e9;
  const replayed = replay(recorders[0].table(), { policy, config, cpu, recordedBy: { major: 7, minor: 3 }, since });
  return { model: run.machine.ledger, replayed };
}

describe('the model and the replay of its own events do the same work (one set of rules, two drivers)', () => {
  const cases = WORKLOADS.flatMap((workload) =>
    BUILT_IN_POLICIES.map(
      (policy) =>
        [`${workload.name}${workload.hugePages ? ' by huge pages' : ''}`, policy.name, workload, policy] as const,
    ),
  );
  test.each(cases)('%s under %s', (_workload, _policy, workload, policy) => {
    for (const [name, changes] of CONFIGS) {
      const { model, replayed } = bothWays(workload, policy, changes, '64');
      expect(replayed.counts, name).toMatchObject({ unmatchedFrees: 0, pagesUnclassified: 0, missedPageFrees: 0 });
      expect(workOf(replayed.ledger), name).toEqual(workOf(model));
      expect(allocationsOf(replayed.ledger), name).toEqual(allocationsOf(model));
    }
  });

  test.each(BUILT_IN_POLICIES)('threads without VMAP_STACK under $name: stacks of pages, or of a cache', (policy) => {
    for (const [name, changes] of CONFIGS) {
      const { model, replayed } = bothWays(WORKLOADS[0], policy, changes, '64', false);
      expect(workOf(replayed.ledger), name).toEqual(workOf(model));
      expect(allocationsOf(replayed.ledger), name).toEqual(allocationsOf(model));
    }
  });
});

/** Memory of vmalloc that is no stack; of whole pages, since events do not tell the bytes that were asked for. */
const MODULE: SiteDescription = {
  class: 'vmalloc',
  site: 'bpf_prog_alloc_no_stats',
  frames:
    'get_page_from_freelist __alloc_frozen_pages_noprof alloc_pages_node_noprof __vmalloc_node_range_noprof __vmalloc_noprof bpf_prog_alloc_no_stats'.split(
      ' ',
    ),
  gfp: GFP_KERNEL,
};

const operation = fc.record({
  kind: fc.constantFrom(
    'fork',
    'exit',
    'mmap',
    'fault',
    'munmap',
    'object',
    'large',
    'kfree',
    'pages',
    'free',
    'vmalloc',
    'vfree',
    'tick',
  ),
  size: fc.integer({ min: 1, max: 40_000 }),
  which: fc.nat(1000),
});

test('so they do after any operations, in any order', () => {
  const policies = fc.constantFrom(...BUILT_IN_POLICIES);
  const changes = fc.constantFrom(...CONFIGS.map(([, change]) => change));
  const blocks = fc.constantFrom('64', '512', '2048', 'dzp');
  fc.assert(
    fc.property(
      policies,
      changes,
      blocks,
      fc.array(operation, { maxLength: 150 }),
      (policy, change, dcBlock, operations) => {
        const config = { ...defaultKernelConfig(), ...change };
        const { pageSize } = config;
        const cpu = withDcBlock(cpuProfile('cortex-a710'), dcBlock);
        const recorders: EventRecorder[] = [];
        const listen = (clock: Clock): EventRecorder => {
          const recorder = new EventRecorder(clock);
          recorders.push(recorder);
          return recorder;
        };
        const { kernel, ledger } = boot({ policy, config, cpu, cpus: 1, ram: 128 << 20, seed: 3 }, { listen });
        const tasks = new Tasks(kernel);
        // What boot itself allocated is in the events and not in the ledger.
        ledger.setOpen(false);
        const init = startInit(kernel, tasks, 0);
        kernel.clock.spend(1);
        ledger.setOpen(true);
        const since = (kernel.clock.now - 0.5) / 1e9;

        const { kmalloc, pages, vmalloc, sites } = kernel;
        const module = policySites(config, policy)(ledger).resolve(MODULE);
        const forked = [init];
        const objects: ReturnType<typeof kmalloc.kmalloc>[] = [];
        const blocksOfPages: number[] = [];
        const areas: NonNullable<ReturnType<typeof vmalloc.vmalloc>>[] = [];
        const take = <Item>(from: Item[], which: number): Item | undefined =>
          from.splice(which % Math.max(1, from.length), 1)[0];
        for (const { kind, size, which } of operations) {
          const child = forked.length > 1 ? forked[1 + (which % (forked.length - 1))] : init;
          const { mm } = child.process;
          const mapped = mm.vmas.find((vma) => vma.start === mm.mmapBase);
          switch (kind) {
            case 'fork':
              forked.push(tasks.fork(0, init));
              break;
            case 'exit':
              if (child !== init) {
                forked.splice(forked.indexOf(child), 1);
                tasks.exitProcess(0, child);
              }
              break;
            case 'mmap':
              mm.mmap(0, pageSize * (1 + (size % 600)));
              break;
            case 'fault':
              if (mapped !== undefined && child !== init) mm.fault(0, mapped, mapped.start);
              break;
            case 'munmap':
              if (mapped !== undefined && child !== init) {
                mm.munmap(0, mapped.start, mapped.end);
                mm.mmapBase = mapped.end;
              }
              break;
            case 'object':
              objects.push(kmalloc.kmalloc(0, 1 + (size % 8192), sites.pipe));
              break;
            case 'large':
              objects.push(kmalloc.kmalloc(0, 8193 + size, sites.pipe));
              break;
            case 'kfree': {
              const object = take(objects, which);
              if (object !== undefined) kmalloc.kfree(0, object);
              break;
            }
            case 'pages':
              blocksOfPages.push(pages.alloc_pages(0, 0, which % 2 === 0 ? sites.pipeBuffer : sites.pageCache));
              break;
            case 'free': {
              const block = take(blocksOfPages, which);
              if (block !== undefined) pages.free_pages(0, block);
              break;
            }
            case 'vmalloc': {
              const area = vmalloc.vmalloc(0, pageSize * (1 + (size % 9)), pageSize, module);
              if (area !== undefined) areas.push(area);
              break;
            }
            case 'vfree': {
              const area = take(areas, which);
              if (area !== undefined) vmalloc.vfree(0, area);
              break;
            }
            case 'tick':
              kernel.clock.idle();
              kernel.interruptible(0);
              break;
          }
        }
        const replayed = replay(recorders[0].table(), {
          policy,
          config,
          cpu,
          recordedBy: { major: 7, minor: 3 },
          since,
        });
        expect(workOf(replayed.ledger)).toEqual(workOf(ledger));
      },
    ),
    { numRuns: 60 },
  );
});
