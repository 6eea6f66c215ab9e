import { expect, test } from 'vitest';
import { EventTableBuilder } from '../../trace/event-table-builder.ts';
import { noLosses } from '../../trace/losses.ts';
import { Origins } from './origins.ts';

const FINISH = { byType: new Map<string, number>(), totalEvents: 0, baseSeconds: 0, losses: noLosses() };

test('one origin for each task, CPU and context; other flags make no difference', () => {
  const table = new EventTableBuilder();
  const origins = new Origins(table, (pid) => `task-${pid}`);
  // kernel/trace/trace.h: 1 irqs off, 4 need resched, 8 hardirq, 0x10 softirq.
  const found = [
    origins.find(7, 0, 0),
    origins.find(7, 0, 5),
    origins.find(7, 1, 0),
    origins.find(7, 0, 0x08),
    origins.find(7, 0, 0x18),
    origins.find(7, 0, 0x10),
    origins.find(8, 0, 0),
    origins.find(7, 0, 0),
  ];
  expect(found).toEqual([0, 0, 1, 2, 3, 4, 5, 0]);
  expect(table.finish(FINISH).origins).toEqual([
    { comm: 'task-7', pid: 7, cpu: 0, softirq: false, hardirq: false },
    { comm: 'task-7', pid: 7, cpu: 1, softirq: false, hardirq: false },
    { comm: 'task-7', pid: 7, cpu: 0, softirq: false, hardirq: true },
    { comm: 'task-7', pid: 7, cpu: 0, softirq: true, hardirq: true },
    { comm: 'task-7', pid: 7, cpu: 0, softirq: true, hardirq: false },
    { comm: 'task-8', pid: 8, cpu: 0, softirq: false, hardirq: false },
  ]);
});

test('a task that gets another name has another origin from then on', () => {
  const table = new EventTableBuilder();
  const names = new Map([[7, 'sh']]);
  const origins = new Origins(table, (pid) => names.get(pid) ?? '');
  expect([origins.find(7, 3, 0), origins.find(9, 3, 0), origins.find(7, 3, 0)]).toEqual([0, 1, 0]);
  names.set(7, 'ls');
  origins.renamed(7);
  expect([origins.find(7, 3, 0), origins.find(9, 3, 0)]).toEqual([2, 1]);
  expect(table.finish(FINISH).origins.map(({ comm }) => comm)).toEqual(['sh', '', 'ls']);
});
