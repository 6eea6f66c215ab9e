import { framesOf } from './stack-table.ts';
import { describe, expect, test } from 'vitest';
import { EventTableBuilder } from './event-table-builder.ts';
import { BATCH_ROWS, batchOf, BATCH_MASK, NO_FIELDS, NO_STACK, shapeOf, type EventShape } from './event-table.ts';
import { EVENT, EVENT_TYPES, eventTypeName } from './event-type.ts';
import { noLosses } from './losses.ts';

const SHAPE: EventShape = { type: EVENT.mm_page_alloc, ...NO_FIELDS, gfp: 'GFP_KERNEL' };
const FINISH = { byType: new Map<string, number>(), totalEvents: 0, baseSeconds: 7, losses: noLosses() };

test('numbers of event types are their places in the list', () => {
  for (const [index, name] of EVENT_TYPES.entries()) expect([EVENT[name], eventTypeName(index)]).toEqual([index, name]);
  expect(eventTypeName(EVENT_TYPES.length)).toBe('unknown');
});

describe('a table', () => {
  test('holds what was added, also beyond one batch', () => {
    const builder = new EventTableBuilder();
    const first = builder.addShape(SHAPE);
    const second = builder.addShape({ ...SHAPE, order: 3 });
    const origins = [0, 1].map((cpu) => builder.addOrigin({ comm: 'a', pid: 1, cpu, softirq: false, hardirq: false }));
    const events = BATCH_ROWS + 5;
    for (let index = 0; index < events; index++) {
      const added = builder.add(index * 10, origins[index % 2], index % 3 === 0 ? second : first, 0xffff0000, index);
      expect(added).toBe(index);
    }
    const table = builder.finish(FINISH);

    expect([table.length, table.batches.length, table.cpus]).toEqual([events, 2, 2]);
    expect([table.firstTime, table.lastTime, table.baseSeconds]).toEqual([0, (events - 1) * 10, 7]);
    for (const index of [0, 1, BATCH_ROWS - 1, BATCH_ROWS, events - 1]) {
      const batch = batchOf(table, index);
      const row = index & BATCH_MASK;
      expect([batch.time[row], batch.keyHi[row], batch.keyLo[row]]).toEqual([index * 10, 0xffff0000 | 0, index]);
      expect(shapeOf(table, index).order).toBe(index % 3 === 0 ? 3 : 0);
    }
  });

  test('an event has no stack until it gets one, and gets only one', () => {
    const builder = new EventTableBuilder();
    builder.addShape(SHAPE);
    builder.addOrigin({ comm: 'a', pid: 1, cpu: 0, softirq: false, hardirq: false });
    builder.add(0, 0, 0, 0, 1);
    builder.add(1, 0, 0, 0, 2);
    const stack = builder.stacks.add(['alloc_pages', '__pte_alloc']);
    const other = builder.stacks.add(['alloc_pages', 'pipe_write']);
    expect(builder.setStack(0, stack)).toBe(true);
    expect(builder.setStack(0, other)).toBe(false);
    const table = builder.finish(FINISH);
    expect([...table.batches[0].stack.slice(0, 2)]).toEqual([stack, NO_STACK]);
    expect(framesOf(table.stacks, stack)).toEqual(['alloc_pages', '__pte_alloc']);
    expect(framesOf(table.stacks, other)).toEqual(['alloc_pages', 'pipe_write']);
  });

  test('times may come out of order: first and last are the extremes', () => {
    const builder = new EventTableBuilder();
    builder.addShape(SHAPE);
    for (const time of [50, 20, 90, 30]) builder.add(time, 0, 0, 0, 1);
    const table = builder.finish(FINISH);
    expect([table.firstTime, table.lastTime]).toEqual([20, 90]);
  });

  test('an empty one has no time', () => {
    const table = new EventTableBuilder().finish(FINISH);
    expect([table.length, table.firstTime, table.lastTime, table.cpus]).toEqual([0, 0, 0, 0]);
  });

  test('a finished one cannot be changed', () => {
    expect(Object.isFrozen(new EventTableBuilder().finish(FINISH))).toBe(true);
  });
});
