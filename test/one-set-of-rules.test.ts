import { describe, expect, test } from 'vitest';
import { ALLOCATION_CLASSES } from '../src/base/allocation-class.ts';
import { HOOKS } from '../src/kasan/hook.ts';
import { defaultKernelConfig, type KernelConfig } from '../src/kasan/kernel-config.ts';
import type { Ledger } from '../src/kasan/ledger.ts';
import { CELL_COLUMNS } from '../src/mte/counting-machine.ts';
import { cpuProfile, withDcBlock } from '../src/mte/cpu.ts';
import { BUILT_IN_POLICIES } from '../src/policy/built-in.ts';
import type { Policy } from '../src/policy/policy.ts';
import { replay } from '../src/replay/replay.ts';
import { BenchRun, type Workload } from '../src/workload/bench-run.ts';
import { EventRecorder } from '../src/workload/event-recorder.ts';

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
  { name: 'mixed', iterations: 4, threads: 0, memory: 0, hugePages: false },
];

const CONFIGS: readonly (readonly [name: string, changes: Partial<KernelConfig>])[] = [
  ['defaults', {}],
  ['init_on_alloc', { initOnAlloc: true }],
  ['init_on_free', { initOnFree: true }],
  ['kasan=off', { kasan: false }],
  ['sampling', { pageAllocSample: 3, pageAllocSampleOrder: 0 }],
];

function bothWays(workload: Workload, policy: Policy, changes: Partial<KernelConfig>, dcBlock: string) {
  const config = { ...defaultKernelConfig(), ...changes };
  const cpu = withDcBlock(cpuProfile('cortex-a710'), dcBlock);
  const recorders: EventRecorder[] = [];
  const run = new BenchRun({ policy, config, cpu, cpus: 1, ram: 256 << 20, seed: 7, stackTraces: true }, workload, {
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
});
