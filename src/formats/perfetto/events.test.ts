import { describe, expect, test } from 'vitest';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import {
  bundle,
  event,
  field,
  ftraceEvents,
  kfree,
  kmalloc,
  message,
  packet,
  pageAlloc,
  readPackets,
  type Bytes,
} from './building.testdata.ts';

const SECOND = 1_000_000_000;
const one = (...fields: readonly Bytes[]) => dumpEvents(readPackets(packet(1, bundle(3, ...fields))))[0];

describe('events that have a message of their own (protos/perfetto/trace/ftrace/*.proto)', () => {
  test('mm_page_alloc', () => {
    expect(one(pageAlloc(7 * SECOND + 5, 42, 0x45751, 2, 0x440dc0))).toEqual({
      type: 'mm_page_alloc',
      time: 5,
      comm: '<...>',
      pid: 42,
      cpu: 3,
      context: 'task',
      key: '0x45751',
      shape: {
        type: 0,
        callSite: '',
        cache: '',
        bytesReq: 0,
        bytesAlloc: 0,
        gfp: '0x440dc0',
        order: 2,
        migratetype: 1,
        areaBytes: 0,
        areaAlign: 0,
        failed: false,
      },
      stack: undefined,
    });
  });

  test('kmalloc and kfree, whose pointers and sites have 64 bits', () => {
    const ptr = 0xffff_8881_0372_1800n;
    const alloc = one(kmalloc(1, 1, ptr, 0xffff_ffff_8108_b1d9n));
    expect(alloc).toMatchObject({ type: 'kmalloc', key: '0xffff888103721800' });
    expect(alloc.shape).toMatchObject({ callSite: '0xffffffff8108b1d9', bytesReq: 300, bytesAlloc: 512, gfp: '0xdc0' });
    const free = one(kfree(1, 1, ptr, 0xffff_ffff_8108_b1d9n));
    expect(free).toMatchObject({ type: 'kfree', key: '0xffff888103721800' });
    expect(free.shape.callSite).toBe('0xffffffff8108b1d9');
  });

  test.each([
    [300, 'kmalloc'],
    [302, 'kmem_cache_alloc'],
  ])('an allocation that names a node (message %i) is read as %s', (number, type) => {
    const fields = [field(1, 64), field(2, 60), field(3, 0x10), field(4, 0xcc0), field(5, -1), field(6, 0x1234)];
    const found = one(event(1, 1, number, ...fields));
    expect(found).toMatchObject({ type, key: '0x1234' });
    expect(found.shape).toMatchObject({ bytesReq: 60, bytesAlloc: 64, gfp: '0xcc0' });
  });

  test.each([
    [301, [field(1, 64), field(2, 60), field(3, 1), field(4, 0xcc0), field(5, 0x99)], 'kmem_cache_alloc', '0x99'],
    [303, [field(1, 1), field(2, 0x99)], 'kmem_cache_free', '0x99'],
    [310, [field(1, 3), field(2, 0xdead), field(3, 0x77)], 'mm_page_free', '0x77'],
    [311, [field(1, 0), field(2, 0xdead), field(3, 0x78)], 'mm_page_free_batched', '0x78'],
    [235, [field(1, 99), field(2, 'child')], 'task_newtask', '0x63'],
    [238, [field(1, 'gone'), field(2, 98), field(3, 98)], 'sched_process_exit', '0x62'],
  ])('message %i', (number, fields, type, key) => {
    expect(one(event(1, 1, number, ...fields))).toMatchObject({ type, key });
  });

  test('the address of the page says nothing: pages that differ in it have one shape', () => {
    const free = (page: number): Bytes => event(1, 1, 310, field(1, 0), field(2, page), field(3, 7));
    const table = readPackets(packet(1, bundle(0, free(1), free(2), free(300))));
    expect([table.length, table.shapes.length]).toEqual([3, 1]);
  });

  test('fields in any order give the same event', () => {
    const usual = [field(1, 512), field(2, 300), field(3, 0x77), field(4, 0xdc0), field(5, 0x1000)];
    const orders = [usual, usual.toReversed(), [usual[4], usual[0], usual[2], usual[1], usual[3]]];
    const table = readPackets(packet(1, bundle(0, ...orders.map((fields) => event(1, 1, 299, ...fields)))));
    expect(table.shapes).toHaveLength(1);
    expect(dumpEvents(table).map(({ key, shape }) => [key, shape.bytesReq])).toEqual([
      ['0x1000', 300],
      ['0x1000', 300],
      ['0x1000', 300],
    ]);
  });

  test('a failed allocation has no page: all ones', () => {
    expect(one(pageAlloc(1, 1, -1n)).key).toBe('0xffffffffffffffff');
  });

  test('time stamps beyond 2^53 nanoseconds, 104 days of uptime, are exact', () => {
    const time = 2n ** 53n + 1n;
    const table = readPackets(packet(1, bundle(0, pageAlloc(time, 1, 1))));
    expect(BigInt(table.baseSeconds) * 1_000_000_000n + BigInt(table.firstTime)).toBe(time);
  });

  test('events that are not kept are counted by name, unknown ones by number', () => {
    const table = readPackets(packet(1, bundle(0, event(1, 1, 4), event(2, 1, 4), event(3, 1, 3), event(4, 1, 9999))));
    expect([...table.byType]).toEqual([
      ['sched_switch', 2],
      ['print', 1],
      ['(event 9999)', 1],
    ]);
    expect([table.length, table.totalEvents]).toEqual([0, 4]);
  });

  test.each([
    ['an order', pageAlloc(1, 1, 1, 16), 'an order from 0 to 15'],
    ['a pfn', pageAlloc(1, 1, 2n ** 52n), 'a page frame number below 2^52'],
  ])('%s that no machine has is lost', (_, fields, expected) => {
    const { losses } = readPackets(packet(1, bundle(0, fields)));
    expect(losses).toMatchObject({ truncatedLines: 1, samples: [{ expected }] });
  });
});

/** GenericFtraceEvent: event_name, and fields of a name and a value. */
const generic = (time: number, name: string, fields: { readonly [name: string]: number | bigint | string }): Bytes =>
  event(
    time,
    1,
    327,
    field(1, name),
    ...Object.entries(fields).map(([key, value]) =>
      field(2, message(field(1, key), typeof value === 'string' ? field(3, value) : field(5, value))),
    ),
  );

describe('events without a message of their own', () => {
  const AREA = { addr: 0xffff_c900_0055_8000n, size: 20480, align: 16384, vstart: 1, vend: 2, failed: 0 };

  test('generic events have the fields of the kernel by name', () => {
    const found = one(generic(1, 'alloc_vmap_area', AREA));
    expect(found).toMatchObject({ type: 'alloc_vmap_area', key: '0xffffc90000558000' });
    expect(found.shape).toMatchObject({ areaBytes: 20480, areaAlign: 16384, failed: false });
    const free = one(
      generic(1, 'free_vmap_area_noflush', { va_start: 0xffff_c900_0055_8000n, nr_lazy: 5, nr_lazy_max: 9 }),
    );
    expect(free).toMatchObject({ type: 'free_vmap_area_noflush', key: '0xffffc90000558000' });
  });

  test('others are counted', () => {
    const table = readPackets(packet(1, bundle(0, generic(1, 'purge_vmap_area_lazy', { start: 1 }))));
    expect([...table.byType]).toEqual([['purge_vmap_area_lazy', 1]]);
  });

  /** GenericEventDescriptor: the field of FtraceEvent, and a DescriptorProto with names and numbers of fields. */
  const descriptor = (number: number, name: string, fields: readonly string[]): Bytes =>
    field(
      11,
      message(
        field(1, number),
        field(3, 'vmalloc'),
        field(
          2,
          message(
            field(1, name),
            ...fields.map((text, index) => field(2, message(field(1, text), field(3, index + 1), field(5, 4)))),
          ),
        ),
      ),
    );
  const described = [field(1, AREA.addr), field(2, 20480), field(3, 16384), field(4, 1), field(5, 2), field(6, 1)];

  test('the trace may describe them itself (Perfetto 50 and newer), in the same bundle behind them', () => {
    const found = one(
      event(1, 1, 65_536, ...described),
      descriptor(65_536, 'alloc_vmap_area', ['addr', 'size', 'align', 'vstart', 'vend', 'failed']),
    );
    expect(found).toMatchObject({ type: 'alloc_vmap_area', key: '0xffffc90000558000' });
    expect(found.shape).toMatchObject({ areaBytes: 20480, areaAlign: 16384, failed: true });
  });

  test('a description that comes too late is a loss, as it would be to keep such events', () => {
    const table = readPackets(
      packet(1, bundle(0, event(1, 1, 65_536, ...described))),
      packet(1, bundle(0, descriptor(65_536, 'alloc_vmap_area', ['addr', 'size', 'align']))),
    );
    expect(table.length).toBe(0);
    expect(table.losses.samples[0].expected).toContain('alloc_vmap_area before the first of 1 such events');
  });
});

describe('order', () => {
  test('events of several CPUs are merged by time, however late a bundle comes', () => {
    const table = readPackets(
      packet(1, bundle(0, pageAlloc(10, 1, 1), pageAlloc(40, 1, 2))),
      packet(1, bundle(0, pageAlloc(50, 1, 3))),
      packet(1, bundle(1, pageAlloc(5, 1, 4), pageAlloc(45, 1, 5))),
      packet(1, bundle(2, pageAlloc(40, 1, 6))),
    );
    expect(dumpEvents(table).map(({ time, cpu }) => [time, cpu])).toEqual([
      [5, 1],
      [10, 0],
      [40, 0],
      [40, 2],
      [45, 1],
      [50, 0],
    ]);
    expect(table.losses.clockBackwards).toBe(0);
    expect(table.cpus).toBe(3);
  });

  test('what is out of order on one CPU is counted and stays where it is', () => {
    const table = readPackets(packet(1, bundle(0, pageAlloc(10, 1, 1), pageAlloc(8, 1, 2), pageAlloc(20, 1, 3))));
    expect(dumpEvents(table).map(({ time }) => time)).toEqual([10, 8, 20]);
    expect(table.losses.clockBackwards).toBe(1);
  });

  test('times are relative to the second of the earliest event, in whatever bundle it is', () => {
    const table = readPackets(
      packet(1, bundle(0, pageAlloc(9 * SECOND + 1, 1, 1))),
      packet(1, bundle(1, pageAlloc(7 * SECOND + 2, 1, 2))),
    );
    expect([table.baseSeconds, table.firstTime, table.lastTime]).toEqual([7, 2, 2 * SECOND + 1]);
  });
});

test('a CPU behind its events, and a bundle of a CPU that no kernel has', () => {
  const behind = readPackets(packet(1, ftraceEvents(pageAlloc(1, 1, 1), field(1, 5))));
  expect(dumpEvents(behind)[0].cpu).toBe(5);
  const none = readPackets(packet(1, bundle(1 << 20, pageAlloc(1, 1, 1))));
  expect([none.length, none.losses.truncatedLines]).toEqual([0, 1]);
});
