import { describe, expect, test } from 'vitest';
import { RunQueue, SchedEntity } from './eevdf.ts';

const SLICE = 750;

/** A queue on which one entity runs. */
function running() {
  const curr = new SchedEntity();
  return { curr, other: new SchedEntity(), queue: new RunQueue(SLICE, curr) };
}

describe('the fair run queue (kernel/sched/fair.c, 6.12: EEVDF, all of one weight)', () => {
  test('who runs alone is never to be scheduled, whatever time passes (update_curr)', () => {
    const { queue } = running();
    queue.update_curr(10 * SLICE);
    expect(queue.needResched).toBe(false);
  });

  test('who is owed nothing waits until the slice of who runs has ended (RUN_TO_PARITY, update_deadline)', () => {
    const { queue, curr, other } = running();
    queue.update_curr(100);
    queue.wake(other);
    expect(queue.needResched).toBe(false);
    expect(queue.schedule()).toBe(curr);
    queue.update_curr(SLICE - 100);
    expect(queue.needResched).toBe(true);
    expect(queue.schedule()).toBe(other);
  });

  test('who is owed time preempts: joining, it takes the average below who runs (place_entity, PLACE_LAG)', () => {
    const { queue, other } = running();
    other.vlag = 50;
    queue.update_curr(100);
    queue.wake(other);
    expect(queue.needResched).toBe(true);
    expect(queue.schedule()).toBe(other);
    // What it is owed is what it was owed when it went to sleep: twice that below one other.
    expect(other.vruntime).toBe(100 - 2 * 50);
  });

  test('what was waited for is owed after sleep, less what was run', () => {
    const { queue, curr, other } = running();
    queue.wake(other);
    queue.update_curr(SLICE);
    expect(queue.schedule()).toBe(other);
    queue.update_curr(10);
    queue.sleep();
    expect(queue.schedule()).toBe(curr);
    // At 10 and 750, the average is 380.
    expect(other.vlag).toBe(370);
  });

  test('who owes time and sleeps stays queued until it owes none, and then forgets it (DELAY_DEQUEUE, DELAY_ZERO)', () => {
    const { queue, curr, other } = running();
    queue.wake(other);
    queue.update_curr(100);
    queue.sleep();
    expect([curr.queued, curr.delayed]).toEqual([true, true]);
    expect(queue.schedule()).toBe(other);
    queue.update_curr(300);
    // Now the average is past it: it is taken off when it is picked.
    expect(queue.schedule()).toBe(other);
    expect([curr.queued, curr.delayed, curr.vlag]).toEqual([false, false, 0]);
  });

  test('who wakes while it is still queued goes on from where it is', () => {
    const { queue, curr, other } = running();
    queue.wake(other);
    queue.update_curr(100);
    queue.sleep();
    queue.schedule();
    queue.wake(curr);
    expect([curr.queued, curr.delayed, curr.vruntime]).toEqual([true, false, 100]);
  });
});
