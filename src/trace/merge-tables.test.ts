import { expect, test } from 'vitest';
import { dumpEvents, dumpTable } from './dump.testdata.ts';
import { EventTableBuilder } from './event-table-builder.ts';
import { BATCH_ROWS, NO_FIELDS, type EventTable } from './event-table.ts';
import { noLosses } from './losses.ts';
import { mergeTables } from './merge-tables.ts';
import { traceFromText } from './trace-from-text.testdata.ts';

const FIRST = `
  a-1 [000] ..... 5.000001: mm_page_alloc: pfn=0x1 order=0 migratetype=1 gfp_flags=GFP_KERNEL
  => alloc_pages
  => copy_process
  a-1 [000] ..... 7.000003: mm_page_free: pfn=0x1 order=0
`;
const SECOND = `
  b-2 [001] ..... 6.000000: mm_page_alloc: pfn=0x2 order=0 migratetype=1 gfp_flags=GFP_KERNEL
  => alloc_pages
  => copy_process
  b-2 [001] ..... 7.000003: mm_page_free: pfn=0x2 order=0
`;

test('events of several traces are one trace, in order of time', () => {
  const merged = mergeTables([traceFromText(SECOND), traceFromText(FIRST)]);
  // As if one file had them all: at the same time, that of the first file comes first.
  const lines = (text: string): string[] => text.trim().split('\n');
  const whole = [...lines(FIRST).slice(0, 3), ...lines(SECOND), ...lines(FIRST).slice(3)].join('\n');
  expect(dumpEvents(merged)).toEqual(dumpEvents(traceFromText(whole)));
  expect(merged).toMatchObject({ baseSeconds: 5, totalEvents: 4, cpus: 2 });
  // What is equal is there once.
  expect([merged.shapes.length, merged.stacks.length]).toEqual([2, 1]);
});

test('one trace stays as it is', () => {
  expect(dumpTable(mergeTables([traceFromText(FIRST)]))).toEqual(dumpTable(traceFromText(FIRST)));
});

test('losses are added up', () => {
  const losing = (losses: Partial<EventTable['losses']>): EventTable => ({
    ...traceFromText(FIRST),
    losses: { ...noLosses(), ...losses },
  });
  const sample = { line: 1, offset: 2, expected: 'x', found: 'y' };
  const merged = mergeTables([
    losing({ droppedEvents: 3, samples: [sample] }),
    losing({ droppedEvents: 4, clockBackwards: 1 }),
  ]);
  expect(merged.losses).toEqual({ ...noLosses(), droppedEvents: 7, clockBackwards: 1, samples: [sample] });
});

test('tables of many batches, whose memory goes into the new one', () => {
  const rows = BATCH_ROWS * 2 + 5;
  const table = (offset: number): EventTable => {
    const builder = new EventTableBuilder();
    builder.addShape({ type: 6, ...NO_FIELDS });
    builder.addOrigin({ comm: 'a', pid: offset, cpu: offset, softirq: false, hardirq: false });
    const stack = builder.stacks.add(['f', String(offset)]);
    for (let row = 0; row < rows; row++) {
      const index = builder.add(row * 10 + offset, 0, 0, offset, row);
      if (row % 2 === 0) builder.setStack(index, stack);
    }
    return builder.finish({
      byType: new Map([['kfree', rows]]),
      totalEvents: rows,
      baseSeconds: 0,
      losses: noLosses(),
    });
  };
  const merged = mergeTables([table(1), table(2)]);
  expect(merged.length).toBe(rows * 2);
  const events = dumpEvents(merged);
  const right = events.every(
    ({ time, pid, key, stack }, index) =>
      time === (index >> 1) * 10 + (index % 2) + 1 &&
      pid === (index % 2) + 1 &&
      BigInt(key) === (BigInt(pid) << 32n) + BigInt(index >> 1) &&
      (stack?.[1] ?? '') === ((index >> 1) % 2 === 0 ? String(pid) : ''),
  );
  expect(right).toBe(true);
});
