import { describe, expect, test } from 'vitest';
import { Clock, HZ } from './clock.ts';
import { durations } from './durations.ts';
import { release } from './release.ts';
import { Softirqs } from './softirq.ts';
import { WorkQueue } from './work-queue.ts';

const TICK = 1e9 / HZ;
const BEFORE_7 = release({ major: 6, minor: 12 });

/** A CPU that runs a workload for as long as it is told. */
function machine(phase = 0) {
  const clock = new Clock(phase);
  const work = new WorkQueue();
  const softirqs = new Softirqs(clock, durations('none', BEFORE_7), work, 1);
  /** When each callback was invoked, in ticks since the start. */
  const invoked: number[] = [];
  const queue = (count: number, then?: () => void): void => {
    for (let index = 0; index < count; index++)
      softirqs.rcu.call_rcu(0, {
        rcuCallback: () => {
          invoked.push(Math.floor(clock.now / TICK));
          then?.();
        },
      });
  };
  /** Runs in small steps, so that ticks come one by one. */
  const run = (ticks: number): void => {
    const until = clock.now + ticks * TICK;
    while (clock.now < until) {
      clock.spend(TICK / 40);
      softirqs.interruptible(0);
    }
  };
  return { clock, work, softirqs, invoked, queue, run };
}

describe('softirqs, ksoftirqd and the kthread of grace periods (kernel/softirq.c and kernel/rcu/tree.c, 6.12, PREEMPT_NONE)', () => {
  test('a callback is invoked within three ticks, and not before the second', () => {
    for (const phase of [0, 0.3, 0.6, 0.9]) {
      const { queue, run, invoked } = machine(phase);
      run(3);
      const queuedAt = 3;
      queue(1);
      run(4);
      expect(invoked).toHaveLength(1);
      expect(invoked[0] - queuedAt).toBeGreaterThanOrEqual(1);
      expect(invoked[0] - queuedAt).toBeLessThanOrEqual(3);
    }
  });

  test('callbacks keep their order and each is invoked once, however many there are', () => {
    const { clock, softirqs, run } = machine();
    const order: number[] = [];
    for (let index = 0; index < 500; index++)
      softirqs.rcu.call_rcu(0, {
        rcuCallback: () => {
          clock.spend(5_000);
          order.push(index);
        },
      });
    run(20);
    expect(order).toEqual(Array.from({ length: 500 }, (_, index) => index));
    expect(softirqs.rcu.pending).toBe(0);
  });

  test('what callbacks put off to a worker is done, each once', () => {
    const { work, queue, run } = machine();
    let done = 0;
    queue(30, () => work.add(() => done++));
    run(10);
    expect([done, work.isEmpty]).toEqual([30, true]);
  });

  test('what callbacks queue is invoked in its turn', () => {
    const { softirqs, queue, run, invoked } = machine();
    queue(1, () => queue(1));
    run(8);
    expect(invoked).toHaveLength(2);
    expect(invoked[1]).toBeGreaterThan(invoked[0]);
    expect(softirqs.rcu.pending).toBe(0);
  });
});
