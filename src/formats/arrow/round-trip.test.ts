import { tableFromIPC } from '@uwdata/flechette';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { dumpEvents, dumpTable } from '../../trace/dump.testdata.ts';
import { EventTableBuilder } from '../../trace/event-table-builder.ts';
import { BATCH_ROWS, NO_FIELDS, type EventTable } from '../../trace/event-table.ts';
import { EVENT } from '../../trace/event-type.ts';
import { MAX_LOSS_SAMPLES, noLosses } from '../../trace/losses.ts';
import { traceFromText } from '../../trace/trace-from-text.testdata.ts';
import { MemorySource } from '../byte-source.ts';
import { readAtOnce } from '../reader.ts';
import { METADATA_KEY } from './columns.ts';
import { ArrowReader } from './reader.ts';
import { writeEvents } from './writer.ts';

const SOURCE = { files: ['a.trace'], format: 'ftrace text', bytes: 1234 };

function written(table: EventTable): Uint8Array {
  const pieces: Uint8Array[] = [];
  writeEvents(table, SOURCE, { write: (bytes) => pieces.push(bytes.slice()) });
  return new Uint8Array(Buffer.concat(pieces));
}

const read = (file: Uint8Array): EventTable =>
  readAtOnce(new ArrowReader({ name: 'test.arrow' }), new MemorySource(file));

const SMALL = traceFromText(`
  bash-12 [003] d.H1. 5.000001: mm_page_alloc: pfn=0x45751 order=2 migratetype=1 gfp_flags=GFP_KERNEL|__GFP_ZERO
  => alloc_pages
  => copy_process
  kmalloc: call_site=copy_process+0x10 ptr=0xffff888103721800 bytes_req=300 bytes_alloc=512 gfp_flags=GFP_KERNEL
  kfree: call_site=free_task ptr=0xffff888103721800
  => free_task
  alloc_vmap_area: va_start: 18446744073709551615 size=20480 align=16384 failed=1
`);

/** A table of so many events that it has several batches; with all that a trace may say. */
function large(events: number): EventTable {
  const builder = new EventTableBuilder();
  for (let order = 0; order < 4; order++) builder.addShape({ type: EVENT.kmalloc, ...NO_FIELDS, order });
  // Equal ones, as readers of text make them of texts that differ.
  builder.addShape({ type: EVENT.kmalloc, ...NO_FIELDS, order: 3 });
  for (const comm of ['a', 'ü "quoted" \\ \n', 'a'])
    builder.addOrigin({ comm, pid: 7, cpu: 1, softirq: false, hardirq: true });
  builder.stacks.add([]);
  builder.stacks.add(['f;g', 'h']);
  builder.stacks.add(['f;g', 'h']);
  for (let index = 0; index < events; index++) {
    builder.add(index * 1000 - 5, index % 3, index % 5, (index * 0x9e3779b1) | 0, ~index);
    if (index % 4 > 0) builder.setStack(index, (index % 4) - 1);
  }
  const losses = {
    ...noLosses(),
    droppedEvents: 3,
    samples: Array.from({ length: MAX_LOSS_SAMPLES }, (_, line) => ({
      line,
      offset: 1,
      expected: 'x',
      found: '\u0000"',
    })),
  };
  const recording = {
    kernelRelease: '6.1',
    architecture: 'aarch64',
    pageSize: 16384,
    clock: 'boot',
    timeUnit: 'ticks' as const,
    recorder: 'x',
    notes: ['n'],
    warnings: ['w'],
    unnamedStacks: 3,
    stackEntries: 5,
  };
  return builder.finish({
    byType: new Map([['10', 1], ...(events > 0 ? [['mm_page_free', events] as const] : []), ['2', 5]]),
    totalEvents: events + 6,
    baseSeconds: 99,
    reference: { symbol: '_text', address: 0xffff_ffff_8100_0000n },
    losses,
    recording,
  });
}

describe('what is written is read again as it was', () => {
  test.each([
    ['a trace with stacks, flags and areas', SMALL],
    ['no events', large(0)],
    ['one event', large(1)],
    ['a whole batch', large(BATCH_ROWS)],
    ['several batches', large(2 * BATCH_ROWS + 17)],
  ])('%s', (_, table) => {
    expect(dumpTable(read(written(table)))).toEqual(dumpTable(table));
  });

  test('events by type stay in their order, whatever they are called', () => {
    expect([...read(written(large(1))).byType.keys()]).toEqual(['10', 'mm_page_free', '2']);
  });

  test('it says what it was made from', () => {
    const reader = new ArrowReader({ name: 'test.arrow' });
    readAtOnce(reader, new MemorySource(written(SMALL)));
    expect(reader.madeFrom).toBe('a.trace (ftrace text)');
  });

  test('and is read where it begins at any place of memory', () => {
    const file = written(SMALL);
    const moved = new Uint8Array(file.length + 3);
    moved.set(file, 3);
    expect(dumpTable(read(moved.subarray(3)))).toEqual(dumpTable(SMALL));
  });
});

test('other programs see columns of numbers and texts', () => {
  const table = tableFromIPC(written(SMALL), { useBigInt: true });
  const rows: { readonly [column: string]: unknown }[] = table.toArray();
  expect(rows.map(({ shape, origin }) => [JSON.parse(String(shape)).type, JSON.parse(String(origin)).comm])).toEqual([
    ['mm_page_alloc', 'bash'],
    ['kmalloc', 'bench'],
    ['kfree', 'bench'],
    ['alloc_vmap_area', 'bench'],
  ]);
  expect({ ...rows[0] }).toEqual({
    time: 1000,
    key: 0x45751n,
    shape: '{"type":"mm_page_alloc","gfp":"GFP_KERNEL|__GFP_ZERO","order":2,"migratetype":1}',
    origin: '{"comm":"bash","pid":12,"cpu":3,"softirq":true,"hardirq":true}',
    stack: '["alloc_pages","copy_process"]',
  });
  expect(rows.map((row) => row['stack'] === null)).toEqual([false, true, false, true]);
  expect(rows[3]['key']).toBe(2n ** 64n - 1n);
  expect(JSON.parse(table.schema.metadata?.get(METADATA_KEY) ?? '')).toMatchObject({
    schema: 'tagscope.events',
    version: 1,
    source: SOURCE,
    baseSeconds: 5,
  });
});

describe('files that are not as they should be', () => {
  const file = written(SMALL);
  const changed = (from: string, to: string): Uint8Array => {
    const text = Buffer.from(file).toString('latin1');
    expect(text.includes(from)).toBe(true);
    expect(from.length).toBe(to.length);
    return new Uint8Array(Buffer.from(text.replaceAll(from, to), 'latin1'));
  };

  test.each([
    ['another version', changed('"version":1,"source"', '"version":9,"source"'), 'version 9 of the file'],
    ['no metadata of tagscope', changed('tagscope', 'tagscopf'), 'that tagscope did not write'],
    ['an event that is none', changed('"type":"kfree"', '"type":"kxxxx"'), 'entry 2 of column shape'],
    ['fewer events than are there', changed('["kfree",1]', '["kfree",0]'), 'no counts of events'],
  ])('%s', (_, data, message) => {
    expect(() => read(data)).toThrow(message);
  });

  test('cut short anywhere, or with a byte of another value, it is refused or read', () => {
    for (let at = 8; at < file.length; at += 5) {
      const damaged = file.slice();
      damaged[at] ^= 0xff;
      for (const data of [file.slice(0, at), damaged]) {
        try {
          expect(dumpEvents(read(data)).length).toBeLessThanOrEqual(4);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }
    }
  });
});
