import { describe, expect, test } from 'vitest';
import { RcuSegcblist } from './rcu-segcblist.ts';
import { TreeRcu } from './tree-rcu.ts';

describe('callbacks by the grace period that they wait for (kernel/rcu/rcu_segcblist.c)', () => {
  const named = () => {
    const list = new RcuSegcblist();
    const called: string[] = [];
    const enqueue = (name: string): void => list.enqueue({ rcuCallback: () => called.push(name) });
    const invokeAll = (): readonly string[] => {
      for (let head = list.dequeue(); head !== undefined; head = list.dequeue()) head.rcuCallback(0);
      return called;
    };
    return { list, enqueue, invokeAll };
  };

  test('none is ready before its grace period has ended', () => {
    const { list, enqueue, invokeAll } = named();
    enqueue('a');
    list.advance(9);
    expect(list.ready).toBe(0);
    expect(list.accelerate(2)).toBe(true);
    list.advance(1);
    expect(list.ready).toBe(0);
    list.advance(2);
    expect(invokeAll()).toEqual(['a']);
    expect([list.length, list.isPending]).toEqual([0, false]);
  });

  test('what came later waits for a later one, in order', () => {
    const { list, enqueue, invokeAll } = named();
    enqueue('a');
    list.accelerate(2);
    enqueue('b');
    expect(list.accelerate(3)).toBe(true);
    list.advance(2);
    expect(list.ready).toBe(1);
    list.advance(3);
    expect(invokeAll()).toEqual(['a', 'b']);
  });

  test('with two lists taken, what came since has to wait for one of them (RCU_NEXT_READY_TAIL is the last)', () => {
    const { list, enqueue } = named();
    for (const needed of [2, 3]) {
      enqueue('early');
      list.accelerate(needed);
    }
    enqueue('late');
    expect(list.accelerate(4)).toBe(false);
    expect(list.hasNew).toBe(true);
    list.advance(2);
    expect(list.accelerate(4)).toBe(true);
    expect(list.hasNew).toBe(false);
  });

  test('what would wait longer than needed waits no longer', () => {
    const { list, enqueue } = named();
    enqueue('a');
    list.accelerate(5);
    enqueue('b');
    list.accelerate(4);
    list.advance(4);
    expect(list.ready).toBe(2);
  });
});

/** RCU of one CPU; `gp` is the kthread when it is scheduled, which is a quiescent state. */
function oneCpu() {
  let woken = 0;
  const called: number[] = [];
  const rcu = new TreeRcu(1, () => woken++);
  const queue = (count: number): void => {
    for (let index = 0; index < count; index++) rcu.call_rcu(0, { rcuCallback: () => called.push(index) });
  };
  const gp = (): void => {
    rcu.gpKthread(0);
    rcu.rcu_qs(0);
  };
  /** Queues callbacks and lets a grace period pass for them; none is invoked. */
  const ready = (count: number): void => {
    queue(count);
    rcu.rcu_core(0);
    gp();
    rcu.rcu_core(0);
    gp();
  };
  return { rcu, called, queue, gp, ready, wakeUps: () => woken };
}

describe('RCU without preemption (kernel/rcu/tree.c, 6.12)', () => {
  test('a callback is invoked after one whole grace period, which the kthread begins and ends', () => {
    const { rcu, called, queue, gp, wakeUps } = oneCpu();
    queue(1);
    expect(rcu.rcu_pending(0)).toBe(true);
    rcu.rcu_core(0);
    expect([wakeUps(), rcu.ended]).toEqual([1, 0]);
    gp();
    expect(called).toEqual([]);
    rcu.rcu_core(0);
    // Reported: the kthread is woken again.
    expect([wakeUps(), rcu.ended]).toEqual([2, 0]);
    gp();
    expect([called, rcu.ended]).toEqual([[], 1]);
    rcu.rcu_core(0);
    expect([called, rcu.pending]).toEqual([[0], 0]);
    expect(rcu.rcu_pending(0)).toBe(false);
  });

  test('without a quiescent state nothing is reported', () => {
    const { rcu, queue } = oneCpu();
    queue(1);
    rcu.rcu_core(0);
    rcu.gpKthread(0);
    expect(rcu.rcu_pending(0)).toBe(false);
    rcu.rcu_core(0);
    rcu.gpKthread(0);
    expect(rcu.ended).toBe(0);
    rcu.rcu_qs(0);
    expect(rcu.rcu_pending(0)).toBe(true);
  });

  test('what is queued while one runs waits for the next, which begins as the first ends', () => {
    const { rcu, called, queue, gp } = oneCpu();
    queue(1);
    rcu.rcu_core(0);
    gp();
    queue(1);
    rcu.rcu_core(0);
    gp();
    rcu.rcu_core(0);
    expect([called.length, rcu.ended]).toEqual([1, 1]);
    gp();
    rcu.rcu_core(0);
    expect([called.length, rcu.ended]).toEqual([2, 2]);
  });

  test('ten are invoked at a time (blimit); of more than 1280 a 128th (rcu_divisor)', () => {
    const { rcu, called, ready } = oneCpu();
    ready(25);
    expect(rcu.rcu_core(0)).toBe(true);
    expect(called).toHaveLength(10);
    expect(rcu.rcu_core(0)).toBe(true);
    expect(rcu.rcu_core(0)).toBe(false);
    expect(called).toHaveLength(25);

    const many = oneCpu();
    many.ready(2560);
    many.rcu.rcu_core(0);
    expect(many.called).toHaveLength(20);
  });

  test('one grace period waits for all CPUs', () => {
    const rcu = new TreeRcu(2, () => {});
    rcu.call_rcu(0, { rcuCallback: () => {} });
    rcu.rcu_core(0);
    rcu.gpKthread(0);
    rcu.rcu_qs(0);
    rcu.rcu_core(0);
    rcu.gpKthread(0);
    expect(rcu.ended).toBe(0);
    rcu.rcu_core(1);
    rcu.rcu_qs(1);
    rcu.rcu_core(1);
    rcu.gpKthread(0);
    expect(rcu.ended).toBe(1);
  });
});
