import { describe, expect, test } from 'vitest';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import type { EventTable } from '../../trace/event-table.ts';
import { free, kernelStack, other, record, u32, userStack, version6, type Page } from './building.testdata.ts';
import { readDat } from './reading.testdata.ts';

const KALLSYMS = 'ffff800080010000 T free_pages\nffff800080020000 t pte_free\nffff800080030000 T exit_mmap\n';
const A = [0xffff800080010010n, 0xffff800080030010n];
const B = [0xffff800080010010n, 0xffff800080020010n];
const SOFTIRQ = 0x10;

/** Each record one nanosecond after the one before. */
const page = (records: readonly Uint8Array[], missed?: number | true): Page => ({
  stamp: 0n,
  records: records.map((data) => record(1, data)),
  ...(missed === undefined ? {} : { missed }),
});
const read = (...cpus: readonly (readonly Page[])[]): EventTable =>
  readDat(version6({ buffers: [{ name: '', cpus }], kallsyms: KALLSYMS }));
const stacksOf = (table: EventTable): unknown[] =>
  dumpEvents(table).map(({ key, stack }) => [Number(key), stack?.join(' ') ?? '']);

describe('a stack goes to the event that it follows', () => {
  test('frames are named by the kallsyms in the file, innermost first', () => {
    expect(stacksOf(read([page([free(1), kernelStack(A), free(2), kernelStack(B)])]))).toEqual([
      [1, 'free_pages exit_mmap'],
      [2, 'free_pages pte_free'],
    ]);
  });

  test('on the same CPU', () => {
    expect(stacksOf(read([page([free(1), kernelStack(A)])], [page([free(2), kernelStack(B)])]))).toEqual([
      [1, 'free_pages exit_mmap'],
      [2, 'free_pages pte_free'],
    ]);
  });

  test('in the same context: an interrupt between the two has a stack of its own', () => {
    const softirq = { flags: SOFTIRQ };
    const records = [free(1), free(2, softirq), kernelStack(B, softirq), kernelStack(A)];
    expect(stacksOf(read([page(records)]))).toEqual([
      [1, 'free_pages exit_mmap'],
      [2, 'free_pages pte_free'],
    ]);
  });

  test('and never to one of another task', () => {
    const table = read([page([free(1, { pid: 7 }), kernelStack(A, { pid: 8 })])]);
    expect(stacksOf(table)).toEqual([[1, '']]);
    expect(table.losses.orphanStacks).toBe(1);
  });

  test('one whose event is not kept is dropped with it', () => {
    const table = read([page([free(1), other(), kernelStack(A)])]);
    expect(stacksOf(table)).toEqual([[1, '']]);
    expect(table.losses.orphanStacks).toBe(0);
  });

  test('an event has one stack', () => {
    const table = read([page([free(1), kernelStack(A), kernelStack(B)])]);
    expect(stacksOf(table)).toEqual([[1, 'free_pages exit_mmap']]);
    expect(table.losses.orphanStacks).toBe(1);
  });

  test('after lost events a stack belongs to none of those before', () => {
    const table = read([page([free(1)]), page([kernelStack(A), free(2)], 5)]);
    expect(stacksOf(table)).toEqual([
      [1, ''],
      [2, ''],
    ]);
    expect(table.losses).toMatchObject({ orphanStacks: 1, droppedEvents: 5 });
  });
});

test('stacks of user space are skipped, and are no events', () => {
  const table = read([page([free(1), userStack([0x7f0012345678n]), kernelStack(A)])]);
  expect(stacksOf(table)).toEqual([[1, 'free_pages exit_mmap']]);
  expect([...table.byType]).toEqual([['mm_page_free', 1]]);
});

describe('how long a stack is', () => {
  const stackOf = (stack: Uint8Array): unknown => stacksOf(read([page([free(1), stack])]));
  const expected = [[1, 'free_pages exit_mmap']];

  test('as long as it says: what lies behind is not cleared', () => {
    const longer = kernelStack([...A, ...B]);
    longer.set(u32(2), 8);
    expect(stackOf(longer)).toEqual(expected);
  });

  test('without all ones at its end, which kernels before 5.2 count', () => {
    expect(stackOf(kernelStack([...A, 0xffffffffffffffffn]))).toEqual(expected);
  });

  test.each([0xffffffff, 1000])('to all ones or to the end of the record, if it says %i', (frames) => {
    for (const stack of [kernelStack(A), kernelStack([...A, 0xffffffffffffffffn, ...B])]) {
      stack.set(u32(frames), 8);
      expect(stackOf(stack)).toEqual(expected);
    }
  });
});

test('an address without a symbol is left out of the stack, and told', () => {
  const table = read([page([free(1), kernelStack([0xffff900000000000n, ...A]), free(2), kernelStack([0x10n])])]);
  expect(stacksOf(table)).toEqual([
    [1, 'free_pages exit_mmap'],
    [2, ''],
  ]);
  expect(table.losses.unresolvedAddresses).toBe(2);
});
