import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import type { EventTable } from '../../trace/event-table.ts';
import type { Decompressors } from '../decompressors.ts';
import {
  free,
  join,
  other,
  record,
  text,
  u32,
  version6,
  version7,
  zeroes,
  type DatFile,
  type Page,
} from './building.testdata.ts';
import { NO_DECOMPRESSORS, readDat } from './reading.testdata.ts';

const file = (...cpus: readonly (readonly Page[])[]): DatFile => ({ buffers: [{ name: '', cpus }] });
const frees = (...pfns: readonly number[]): Uint8Array[] => pfns.map((pfn) => record(1, free(pfn)));
const page = (...pfns: readonly number[]): Page => ({ stamp: BigInt(100 * pfns[0]), records: frees(...pfns) });
const pfnsOf = (table: EventTable): number[] => dumpEvents(table).map(({ key }) => Number(key));
const ZLIB: Decompressors = {
  ...NO_DECOMPRESSORS,
  zlib: (data, maxBytes) => inflateSync(data, { maxOutputLength: maxBytes }),
};
const zlib = { name: 'zlib', compress: (data: Uint8Array) => new Uint8Array(deflateSync(data)) };

describe('events that the kernel dropped', () => {
  test('before a page: as many as it says, or one where it does not say', () => {
    const pages: Page[] = [page(1), { ...page(2), missed: 77 }, { ...page(3), missed: true }];
    expect(readDat(version6(file(pages))).losses.droppedEvents).toBe(78);
  });

  test('by the statistics of the CPUs, where these know of more: what was lost last stands on no page', () => {
    const stats = (overrun: number) =>
      text(
        `CPU: 0\nentries: 0\noverrun: ${overrun}\ncommit overrun: 0\nbytes: 5\ndropped events: 3\nread events: 0\n\0`,
      );
    const options = [
      [2, stats(100)],
      [2, stats(50)],
    ] as const;
    expect(readDat(version6({ ...file([{ ...page(1), missed: 77 }]), options })).losses.droppedEvents).toBe(156);
    expect(readDat(version7({ ...file([page(1)]), options })).losses.droppedEvents).toBe(156);
  });
});

describe('what cannot be read is lost alone', () => {
  /** The place of a page in a file of version 6: it is the last one. */
  const lastPage = (data: Uint8Array): number => data.length - 4096;

  test('a page whose length passes its end', () => {
    const data = version6(file([page(1), page(2), page(3)]));
    data.set(u32(5000), lastPage(data) - 4096 + 8);
    const table = readDat(data);
    expect(pfnsOf(table)).toEqual([1, 3]);
    expect(table.losses.samples).toEqual([
      {
        line: 0,
        offset: lastPage(data) - 4096,
        expected: 'a page with at most 4080 bytes of records',
        found: '5000 bytes',
      },
    ]);
  });

  test('a record that passes the end of its page, and what follows it there', () => {
    const data = version6(file([{ ...page(1), records: [...frees(1), record(1, other()), ...frees(2)] }, page(3)]));
    // The second record is 28 words long.
    data.set(u32((1 << 5) | 28), lastPage(data) - 4096 + 16 + 24);
    const table = readDat(data);
    expect(pfnsOf(table)).toEqual([1, 3]);
    expect(table.losses).toMatchObject({ truncatedLines: 1, samples: [{ offset: lastPage(data) - 4096 + 40 }] });
  });

  test.each([0, 1, 3, 0x7fffffff, 0x80000000, 0xffffffff])('a record whose own length is %i', (length) => {
    const long = join(u32(1 << 5), u32(length), free(9));
    const data = version6(file([{ ...page(1), records: [...frees(1), long] }, page(3)]));
    const table = readDat(data);
    expect(pfnsOf(table).filter((pfn) => pfn !== 9)).toEqual([1, 3]);
    expect(table.losses.truncatedLines).toBeGreaterThan(0);
  });

  test('a file that is cut short', () => {
    const whole = version6(file([page(1), page(2)]));
    const table = readDat(whole.slice(0, -5000));
    expect(pfnsOf(table)).toEqual([1]);
    expect(table.losses.samples).toContainEqual({
      line: 0,
      offset: whole.length - 5000,
      expected: '5000 more bytes of CPU 0',
      found: 'the end of the file',
    });
  });

  test('a chunk that is damaged', () => {
    const data = version7(file([page(1), page(2), page(3)]), zlib);
    expect(pfnsOf(readDat(data, { decompressors: ZLIB }))).toEqual([1, 2, 3]);
    const second = new Uint8Array(deflateSync(new Uint8Array(0))).subarray(0, 2);
    const starts = [...data.keys()].filter((at) => data[at] === second[0] && data[at + 1] === second[1]);
    // The last three zlib streams are the chunks.
    data[starts.at(-2) ?? 0] = 0;
    const table = readDat(data, { decompressors: ZLIB });
    expect(pfnsOf(table)).toEqual([1, 3]);
    expect(table.losses.samples[0].found).toMatch(/bytes that are damaged/);
  });

  test('with strict the first one is an error that says where', () => {
    const data = version6(file([page(1)]));
    data.set(u32(5000), lastPage(data) + 8);
    expect(() => readDat(data, { strict: true })).toThrow(`test.dat, byte ${lastPage(data)}: found "5000 bytes"`);
  });
});

describe('files that are refused', () => {
  const refusal = (data: Uint8Array): InputError => {
    try {
      readDat(data, { decompressors: ZLIB });
    } catch (error) {
      if (error instanceof InputError) return error;
      throw error;
    }
    throw new Error('it was read');
  };
  const good = version6(file([page(1)]));
  const changed = (at: number, bytes: Uint8Array, data = good): Uint8Array => {
    const copy = data.slice();
    copy.set(bytes, at);
    return copy;
  };

  test('of another version', () => {
    expect(refusal(changed(10, text('8')))).toMatchObject({
      found: 'trace.dat version "8"',
      expected: 'version 6 or 7',
    });
  });

  test('of a big-endian machine', () => {
    expect(refusal(changed(12, Uint8Array.of(1))).found).toContain('big-endian');
  });

  test('of a guest, recorded with its host', () => {
    const guest = version7({ ...file([page(1)]), options: [[12, zeroes(16)]] });
    expect(refusal(guest).found).toContain('virtual machine');
    expect(refusal(guest).advice).toContain('Record in the guest itself');
  });

  test('of a latency tracer', () => {
    const at = Buffer.from(good).indexOf('flyrecord\0');
    expect(refusal(changed(at, text('latency  \0'))).found).toContain('latency tracer');
    const latency = version7({ buffers: [], options: [[22, zeroes(10)]] });
    expect(refusal(latency).found).toContain('latency tracer');
  });

  test('without data, as an unfinished recording is', () => {
    expect(refusal(version7({ buffers: [] })).advice).toContain('trace-cmd restore');
  });

  test('with memory events in two buffers: they would count twice', () => {
    const data = version6({
      buffers: [
        { name: '', cpus: [[page(1)]] },
        { name: 'mem', cpus: [[page(1)]] },
      ],
    });
    expect(refusal(data).found).toBe('events of memory in several buffers ("top", "mem")');
  });

  test('compressed in a way that is not known', () => {
    expect(refusal(version7(file([page(1)]), { ...zlib, name: 'lzma' })).found).toBe('the compression "lzma"');
  });

  test('whose options go in a circle', () => {
    const data = version7(file([page(1)]));
    const view = new DataView(data.buffer);
    const options = Number(view.getBigUint64(25, true));
    const circle = changed(data.length - 8, join(u32(options), u32(0)), data);
    expect(refusal(circle).found).toContain('comes again');
  });

  test.each([...Array(60).keys()].map((n) => n * 17))('cut after %i bytes of what describes it', (length) => {
    const described = Buffer.from(good).indexOf('flyrecord\0');
    expect(refusal(good.slice(0, Math.min(length, described))).where).toMatch(/^test\.dat, byte \d+$/);
  });
});

test('a buffer of an instance is read as the top one is', () => {
  const buffers = [
    { name: '', cpus: [[{ stamp: 5n, records: [record(1, other())] }]] },
    { name: 'mem', cpus: [[page(7, 8)]] },
  ];
  for (const data of [version6({ buffers }), version7({ buffers }), version7({ buffers }, zlib)]) {
    const table = readDat(data, { decompressors: ZLIB });
    expect(pfnsOf(table)).toEqual([7, 8]);
    expect([...table.byType].toSorted()).toEqual([
      ['mm_page_free', 2],
      ['other', 1],
    ]);
  }
});

test('tasks have the names of the saved command lines', () => {
  const records = [44, 0, 99].map((pid) => record(1, free(1, { pid })));
  const table = readDat(version6({ ...file([{ stamp: 0n, records }]), commandLines: '44 kworker/0:1 H\n' }));
  expect(dumpEvents(table).map(({ comm }) => comm)).toEqual(['kworker/0:1 H', '<idle>', '<...>']);
});

test('an event whose format is not in the file is counted under its number', () => {
  const unknown = join(Uint8Array.of(0x34, 0x12, 0, 0), u32(44), u32(0));
  expect([...readDat(version6(file([{ stamp: 0n, records: [record(1, unknown)] }]))).byType]).toEqual([
    ['(unknown event 4660)', 1],
  ]);
});
