import { describe, expect, test } from 'vitest';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import type { Clock } from '../mm/clock.ts';
import { TreeRcu } from '../mm/tree-rcu.ts';
import type { Tracepoints } from '../mm/tracepoints.ts';
import { cpuProfile } from '../mte/cpu.ts';
import { NO_TRACE } from '../mm/tracepoints.testdata.ts';
import { builtInPolicy } from '../policy/named.ts';
import { BenchRun } from './bench-run.ts';

const CONFIG = { ...defaultKernelConfig(), version: { major: 6, minor: 12 }, slubCpuPartial: false };
const THREADS = { name: 'thread', iterations: 20, threads: 16, memory: 0, hugePages: false } as const;
const MS = 1e6;

/** The thread workload on 6.12. @returns how long tasks were kept after their exit, in ms, and what RCU did meanwhile */
function run(tickPhase: number) {
  const kept: number[] = [];
  let nodes = 0;
  const listen = (clock: Clock): Tracepoints => {
    const pids = new Map<number, number>();
    const exits = new Map<number, number>();
    let fresh = 0;
    return {
      ...NO_TRACE,
      kmem_cache_alloc: (_, object, { name }) => {
        if (name === 'task_struct') fresh = object;
        if (name === 'maple_node') nodes++;
      },
      task_newtask: (_, pid) => pids.set(fresh, pid),
      sched_process_exit: (_, pid) => exits.set(pid, clock.now),
      kmem_cache_free: (_, object, { name }) => {
        const exit = name === 'task_struct' ? exits.get(pids.get(object) ?? -1) : undefined;
        if (exit !== undefined) kept.push((clock.now - exit) / MS);
      },
    };
  };
  const policy = builtInPolicy('before-series');
  if (policy === undefined) throw new Error('there is no such policy');
  const bench = new BenchRun(
    { policy, config: CONFIG, cpu: cpuProfile('cortex-a710'), cpus: 1, ram: 2 ** 30, seed: 1 },
    THREADS,
    { tickPhase, listen },
  );
  const { rcu } = bench.machine.kernel;
  if (!(rcu instanceof TreeRcu)) throw new Error('6.12 is not preemptible here');
  const before = rcu.ended;
  kept.length = 0;
  nodes = 0;
  while (!bench.isDone) bench.step();
  return { kept, nodes, gracePeriods: rcu.ended - before, ms: bench.modelSeconds * 1e3, stacks: bench.stacks };
}

describe.each([0, 1 / 4, 1 / 2, 3 / 4])('threads on 6.12 without preemption, ticks at %d of their period', (phase) => {
  const { kept, nodes, gracePeriods, ms, stacks } = run(phase);

  test('it takes as long as the kernel took: 89.8 ms at 2 ns an instruction (cases/other-kernels/counts/k612.json)', () => {
    expect(ms).toBeGreaterThan(0.95 * 89.8);
    expect(ms).toBeLessThan(1.05 * 89.8);
  });

  test('more grace periods end than ticks pass: the kernel began 40 in 23 ticks', () => {
    expect(gracePeriods).toBeGreaterThan(32);
    expect(gracePeriods).toBeLessThan(48);
  });

  test('tasks are kept for 1 to 13 ms: 2.4 to 11.6 in traces, 7.6 and 7.7 on average, where recording takes time too', () => {
    expect(Math.min(...kept)).toBeGreaterThan(1);
    expect(Math.max(...kept)).toBeLessThan(13);
    const mean = kept.reduce((sum, each) => sum + each, 0) / kept.length;
    expect(mean).toBeGreaterThan(5.5);
    expect(mean).toBeLessThan(8);
  });

  test('trees of areas take 1620 nodes, with what is allocated in bulk: as the kernel did in its trace', () => {
    expect(nodes).toBe(1620);
  });

  test('of 340 stacks 55, 61 and 64 were reused in runs of the kernel', () => {
    expect(stacks.fresh + stacks.reused).toBe(340);
    expect(stacks.reused).toBeGreaterThan(50);
    expect(stacks.reused).toBeLessThan(70);
  });
});
