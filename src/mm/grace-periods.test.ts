import { describe, expect, test } from 'vitest';
import { Clock, HZ } from './clock.ts';
import { PidIdr } from './pid-idr.ts';
import { PidTable } from './pid-table.ts';
import { TickRcu } from './rcu.ts';
import { testKernel } from './test-kernel.testdata.ts';
import { WorkQueue } from './work-queue.ts';

describe('RCU on a busy CPU (softirq bursts of a trace of 7.3.4, every 4 ms)', () => {
  const calls = () => {
    const rcu = new TickRcu(1);
    const called: string[] = [];
    const queue = (name: string, then?: () => void): void =>
      rcu.call_rcu(0, {
        rcuCallback: () => {
          called.push(name);
          then?.();
        },
      });
    return { rcu, called, queue };
  };

  test('what is queued between two ticks is invoked at the second one after it', () => {
    const { rcu, called, queue } = calls();
    queue('a');
    rcu.rcu_core(0);
    expect(called).toEqual([]);
    rcu.rcu_core(0);
    expect(called).toEqual(['a']);
  });

  test('what a callback queues is invoked at the next one', () => {
    const { rcu, called, queue } = calls();
    queue('a', () => queue('b'));
    rcu.rcu_core(0);
    rcu.rcu_core(0);
    expect(called).toEqual(['a']);
    rcu.rcu_core(0);
    expect(called).toEqual(['a', 'b']);
  });

  test('callbacks keep their order, and each is invoked once', () => {
    const { rcu, called, queue } = calls();
    for (const name of ['a', 'b', 'c']) queue(name);
    for (let tick = 0; tick < 5; tick++) rcu.rcu_core(0);
    expect(called).toEqual(['a', 'b', 'c']);
    expect(rcu.pending).toBe(0);
  });
});

test('ticks are due every 1/HZ second, however much time passes at once', () => {
  const clock = new Clock();
  clock.spend(1e9 / HZ - 1);
  expect(clock.dueTicks()).toBe(0);
  clock.spend(1);
  expect(clock.dueTicks()).toBe(1);
  clock.spend(1e9);
  expect(clock.dueTicks()).toBe(HZ);
  expect(clock.dueTicks()).toBe(0);
});

describe('the tree of pids (radix_tree_node events of fork)', () => {
  const idr = (used: number) => {
    const { kernel, ledger } = testKernel();
    const { slub, rcu, caches, sites } = kernel;
    const tree = new PidIdr(slub, rcu, caches.radixNode, sites.radixExtend, sites.radixNode, used, 0);
    const nodes = (): number =>
      ledger.rows
        .filter(({ site }) => site === 'radix_tree_node_alloc')
        .reduce((sum, { allocations, frees }) => sum + allocations - frees, 0);
    const before = nodes();
    return { kernel, tree, added: () => nodes() - before };
  };

  test('up to 63 one node holds all; pid 64 takes a root and a node of its own', () => {
    const { tree, added } = idr(62);
    expect(tree.alloc(0)).toBe(63);
    expect(added()).toBe(0);
    expect(tree.alloc(0)).toBe(64);
    expect(added()).toBe(2);
  });

  test('when the pids from 64 on are gone, so are both nodes, a grace period later', () => {
    const { kernel, tree, added } = idr(63);
    const pids = [tree.alloc(0), tree.alloc(0)];
    for (const pid of pids) tree.remove(0, pid);
    expect(added()).toBe(2);
    kernel.settle(0);
    expect(added()).toBe(0);
  });
});

test('the table of pids: 128 buckets above 48 tasks, 256 above 96, and back (bucket_table_alloc of 100 threads: 1 × 1 KiB, 2 × 2 KiB, 1 × 4 KiB)', () => {
  const { kernel } = testKernel();
  const work = new WorkQueue();
  const sizes: number[] = [];
  const kmalloc = {
    kmalloc: (cpu: number, size: number) => {
      sizes.push(kernel.kmalloc.cacheFor(size)?.objectSize ?? 0);
      return kernel.kmalloc.kmalloc(cpu, size, kernel.sites.bucketTable);
    },
    kfree: () => {},
  };
  const table = new PidTable(kmalloc, kernel.rcu, work, kernel.sites.bucketTable, 34);
  for (let task = 0; task < 101; task++) {
    table.add();
    work.run(0);
  }
  for (let task = 0; task < 101; task++) {
    table.remove();
    work.run(0);
  }
  expect(sizes).toEqual([2048, 4096, 2048, 1024]);
});
