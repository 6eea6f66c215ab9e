import { describe, expect, test } from 'vitest';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import {
  discarded,
  free,
  longRecord,
  other,
  record,
  restOfPage,
  timeExtend,
  timeStamp,
  u32,
  u64,
  join,
  text,
  version6,
  version7,
  type DatFile,
  type Page,
} from './building.testdata.ts';
import { readDat } from './reading.testdata.ts';

const SECOND = 1_000_000_000n;
const file = (...cpus: readonly (readonly Page[])[]): DatFile => ({ buffers: [{ name: '', cpus }] });

/** Pfn and time of each event, in order. */
const timesOf = (data: Uint8Array): (readonly [pfn: number, time: number])[] =>
  dumpEvents(readDat(data)).map(({ key, time }) => [Number(key), time]);

// Expectations are sums of what the records say. Where nothing else is said, trace-cmd report prints the same times.
describe('time stamps of the ring buffer (include/linux/ring_buffer.h)', () => {
  test('deltas add up from the stamp of the page', () => {
    const page = { stamp: 3n * SECOND + 100n, records: [record(0, free(1)), record(5, free(2)), record(7, free(3))] };
    const table = readDat(version6(file([page])));
    expect(table.baseSeconds).toBe(3);
    expect(timesOf(version6(file([page])))).toEqual([
      [1, 100],
      [2, 105],
      [3, 112],
    ]);
  });

  test('the greatest delta, a time extend and what follows it', () => {
    const page = {
      stamp: SECOND,
      records: [record(2 ** 27 - 1, free(1)), timeExtend(5 * 2 ** 27 + 9), record(0, free(2)), record(1, free(3))],
    };
    expect(timesOf(version6(file([page])))).toEqual([
      [1, 2 ** 27 - 1],
      [2, 6 * 2 ** 27 + 8],
      [3, 6 * 2 ** 27 + 9],
    ]);
  });

  test('an absolute time stamp takes the place of what was', () => {
    const stamp = 2n * SECOND + 123_456_789n;
    const page = {
      stamp: 2n * SECOND,
      records: [record(50, free(1)), timeStamp(stamp), record(0, free(2)), record(3, free(3))],
    };
    expect(timesOf(version6(file([page])))).toEqual([
      [1, 50],
      [2, 123_456_789],
      [3, 123_456_792],
    ]);
  });

  test('an absolute time stamp lacks five bits, which are those of its page (rb_fix_abs_ts)', () => {
    // A clock of the wall: more than 2^59 ns since 1970. trace-cmd 3.1.6 does not add the bits; the kernel does.
    const now = 1_795_000_000n * SECOND;
    const page = { stamp: now, records: [record(1, free(1)), timeStamp(now + 500n), record(2, free(2))] };
    expect(timesOf(version6(file([page])))).toEqual([
      [1, 1],
      [2, 502],
    ]);
    // The lower bits have gone round since the page began.
    const round = (3n << 59n) - 10n;
    const seconds = Number(round / SECOND);
    const later = { stamp: round, records: [record(0, free(1)), timeStamp(round + 40n), record(0, free(2))] };
    const [[, before], [, after]] = timesOf(version6(file([later])));
    expect(readDat(version6(file([later]))).baseSeconds).toBe(seconds);
    expect(after - before).toBe(40);
  });

  test('a discarded record is none, and its time counts', () => {
    const page = { stamp: 0n, records: [record(1, free(1)), discarded(10, 24), record(100, free(2))] };
    expect(timesOf(version6(file([page])))).toEqual([
      [1, 1],
      [2, 111],
    ]);
  });

  test('padding without a time ends the page', () => {
    const first = { stamp: 0n, records: [record(1, free(1)), restOfPage(64)] };
    const second = { stamp: 1000n, records: [record(1, free(2))] };
    expect(timesOf(version6(file([first, second])))).toEqual([
      [1, 1],
      [2, 1001],
    ]);
  });

  test('a page without records, and a record with its length in a word of its own', () => {
    const long = longRecord(3, join(free(1), u64(0), text('abc')));
    expect(
      timesOf(
        version6(
          file([
            { stamp: 7n, records: [] },
            { stamp: 10n, records: [long, record(1, free(2))] },
          ]),
        ),
      ),
    ).toEqual([
      [1, 13],
      [2, 14],
    ]);
  });

  test('a machine that runs for years: nothing is rounded', () => {
    const stamp = 2n ** 62n + 1n;
    const pages = [0n, 1n, 2n].map((more) => ({ stamp: stamp + more, records: [record(0, free(more))] }));
    const start = Number(stamp % SECOND);
    expect(timesOf(version6(file(pages))).map(([, time]) => time)).toEqual([start, start + 1, start + 2]);
  });
});

describe('CPUs are merged by time', () => {
  test('record by record, equal times in the order of the CPUs', () => {
    const cpu = (first: number, deltas: readonly number[]): Page[] => [
      { stamp: 100n, records: deltas.map((delta, index) => record(delta, free(first + index))) },
    ];
    const data = version7(file(cpu(1, [0, 10, 10]), cpu(11, [0, 5, 20]), [], cpu(31, [12])));
    expect(timesOf(data).map(([pfn]) => pfn)).toEqual([1, 11, 12, 2, 31, 3, 13]);
  });

  test('a clock that goes backwards is counted, for each CPU of its own', () => {
    const page = (stamp: bigint, pfn: number): Page => ({ stamp, records: [record(0, free(pfn)), record(1, other())] });
    const data = version6(file([page(100n, 1), page(50n, 2), page(120n, 3)], [page(90n, 11)]));
    expect(readDat(data).losses.clockBackwards).toBe(1);
    expect(timesOf(data).map(([pfn]) => pfn)).toEqual([11, 1, 2, 3]);
  });
});

describe('options about time (trace-cmd.dat.v7(5), OPTIONS SECTION)', () => {
  const page = { stamp: 5n * SECOND, records: [record(7, free(1))] };
  const withOption = (id: number, data: Uint8Array) => readDat(version6({ ...file([page]), options: [[id, data]] }));

  test('DATE is in microseconds, OFFSET in nanoseconds', () => {
    const dated = withOption(1, text('0x3b9aca00\0'));
    expect([dated.baseSeconds, dated.firstTime]).toEqual([1005, 7]);
    const shifted = withOption(7, text('-2000000001\0'));
    expect([shifted.baseSeconds, shifted.firstTime]).toEqual([2, 1_000_000_006]);
  });

  test('TSC2NSEC: cycles become nanoseconds', () => {
    // Two cycles for each nanosecond: (cycles * 2^30) >> 31.
    const table = withOption(14, join(u32(2 ** 30), u32(31), u64(0)));
    expect([table.baseSeconds, table.firstTime]).toEqual([2, 500_000_003.5]);
  });
});

test('pages of other sizes, and of a kernel of 32 bits', () => {
  const pages = Array.from({ length: 3 }, (_, index) => ({
    stamp: BigInt(index * 100),
    records: Array.from({ length: 20 }, (__, each) => record(1, free(20 * index + each))),
  }));
  const expected = timesOf(version6(file(pages)));
  expect(expected).toHaveLength(60);
  for (const pageBytes of [1024, 16384, 65536]) {
    expect(timesOf(version6({ ...file(pages), pageBytes }))).toEqual(expected);
    expect(timesOf(version7({ ...file(pages), pageBytes }))).toEqual(expected);
  }
  expect(timesOf(version6({ ...file(pages), longBytes: 4 }))).toEqual(expected);
});
