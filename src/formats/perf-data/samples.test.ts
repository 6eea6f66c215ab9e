import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import type { EventTable } from '../../trace/event-table.ts';
import { KernelSymbols } from '../symbols/kallsyms.ts';
import { resolveAddresses } from '../symbols/resolve-addresses.ts';
import { READ_FORMAT, RECORD, SAMPLE } from './abi.ts';
import {
  attribute,
  bytes,
  comm,
  diskFile,
  fork,
  KERNEL,
  kfree,
  pipeFile,
  readFile,
  record,
  round,
  RSS_STAT,
  sample,
  tracingData,
  USER,
  USUAL_SAMPLE,
  type MadeFile,
} from './building.testdata.ts';

const SECOND = 1_000_000_000n;

const MODES: readonly (readonly [name: string, make: (file: MadeFile) => Uint8Array])[] = [
  ['file mode', diskFile],
  ['pipe mode', pipeFile],
];

describe.each(MODES)('%s', (_name, make) => {
  it('has events with time, task, CPU, context and key', () => {
    const table = readFile(
      make({
        records: [
          comm(44, 'bench', 0),
          sample({ time: 5n * SECOND + 3n, tid: 44, cpu: 3, ptr: 0xffff_8000_1234_5678n }),
          sample({ time: 5n * SECOND + 9n, tid: 44, cpu: 3, flags: 0x18 }),
        ],
      }),
    );
    expect(table.baseSeconds).toBe(5);
    expect(dumpEvents(table)).toMatchObject([
      { type: 'kfree', time: 3, comm: 'bench', pid: 44, cpu: 3, context: 'task', key: '0xffff800012345678' },
      { type: 'kfree', time: 9, context: 'hardirq in softirq' },
    ]);
    expect([...table.byType]).toEqual([['kfree', 2]]);
  });

  it('counts events that are not kept, by name', () => {
    const rss = bytes([2, RSS_STAT], [2, 0], [4, 7], [8, 4096]);
    const table = readFile(make({ records: [sample({ time: 1, raw: rss }), sample({ time: 2 })] }));
    expect(table.length).toBe(1);
    expect(Object.fromEntries(table.byType)).toEqual({ kfree: 1, rss_stat: 1 });
  });

  it('counts samples of events that are no tracepoints', () => {
    const cycles = { type: 0, sampleType: SAMPLE.IDENTIFIER | SAMPLE.TIME, ids: [5] };
    const tracepoint = { sampleType: SAMPLE.IDENTIFIER | SAMPLE.TIME | SAMPLE.CPU | SAMPLE.RAW, ids: [6, 7] };
    const table = readFile(
      make({
        attributes: [cycles, tracepoint],
        records: [
          sample({ time: 1, id: 5 }, cycles.sampleType),
          sample({ time: 2, id: 7 }, tracepoint.sampleType),
          sample({ time: 2, id: 8 }, tracepoint.sampleType),
        ],
      }),
    );
    expect(Object.fromEntries(table.byType)).toEqual({ kfree: 1, '(type 0 config 0)': 1 });
    // Of no event.
    expect(table.losses.truncatedLines).toBe(1);
  });

  it.each([0, 5, -5])('is in time order across CPUs, however far a round reaches (%i)', (reach) => {
    const made = [1, 2, 3, 4].flatMap((number) => {
      const begin = 1000 + number * 10;
      return [
        ...[0, 2, 4, 6 + reach].map((time) => sample({ time: begin + time, cpu: 0 })),
        ...[1, 3, 5].map((time) => sample({ time: begin + time, cpu: 1 })),
        round(),
      ];
    });
    const table = readFile(make({ records: made }));
    const times = dumpEvents(table).map(({ time }) => time);
    expect(times).toHaveLength(28);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(table.losses.clockBackwards).toBe(0);
  });
});

describe('the fields of a sample', () => {
  const optional = [SAMPLE.IP, SAMPLE.TID, SAMPLE.ADDR, SAMPLE.ID, SAMPLE.CPU, SAMPLE.PERIOD];
  const more = [SAMPLE.STREAM_ID, SAMPLE.IDENTIFIER, SAMPLE.READ, SAMPLE.CALLCHAIN];
  const formats = [READ_FORMAT.TOTAL_TIME_ENABLED, READ_FORMAT.TOTAL_TIME_RUNNING, READ_FORMAT.ID, READ_FORMAT.LOST];

  /** kernel/events/core.c:perf_output_read */
  function readValues(format: number, events: number): Uint8Array {
    const has = (bit: number): number => ((format & bit) === 0 ? 0 : 1);
    const times = has(READ_FORMAT.TOTAL_TIME_ENABLED) + has(READ_FORMAT.TOTAL_TIME_RUNNING);
    const each = 1 + has(READ_FORMAT.ID) + has(READ_FORMAT.LOST);
    const group = has(READ_FORMAT.GROUP) === 1;
    const values = times + each * (group ? events : 1);
    return bytes(...(group ? [[8, events] as const] : []), new Uint8Array(values * 8));
  }

  it('are found in every combination', () => {
    fc.assert(
      fc.property(
        fc.subarray([...optional, ...more]),
        fc.subarray([...formats, READ_FORMAT.GROUP]),
        fc.integer({ min: 1, max: 5 }),
        (fields, read, events) => {
          const sampleType = fields.reduce((bits, bit) => bits | bit, SAMPLE.TIME | SAMPLE.RAW);
          const readFormat = read.reduce((bits, bit) => bits | bit, 0);
          const made = { time: 77, tid: 45, cpu: 2, ptr: 0x1234, commonPid: 45, callchain: [KERNEL, 1n, USER, 2n] };
          const table = readFile(
            pipeFile({
              attributes: [{ sampleType, readFormat, ids: [1] }],
              records: [sample(made, sampleType, readValues(readFormat, events))],
            }),
          );
          expect(table.losses.samples).toEqual([]);
          const [{ time, pid, cpu, key }] = dumpEvents(table);
          const hasCpu = (sampleType & SAMPLE.CPU) !== 0;
          expect({ time, pid, cpu, key }).toEqual({ time: 77, pid: 45, cpu: hasCpu ? 2 : 0, key: '0x1234' });
        },
      ),
    );
  });

  it('may differ from event to event: its number tells', () => {
    const ips = SAMPLE.IDENTIFIER | SAMPLE.IP | SAMPLE.TID | SAMPLE.TIME | SAMPLE.CPU | SAMPLE.RAW;
    const none = SAMPLE.IDENTIFIER | SAMPLE.TID | SAMPLE.TIME | SAMPLE.RAW;
    const table = readFile(
      diskFile({
        attributes: [
          { sampleType: ips, ids: [1, 2] },
          { sampleType: none, ids: [3] },
        ],
        records: [sample({ time: 1, id: 2, ptr: 1 }, ips), sample({ time: 2, id: 3, ptr: 2 }, none)],
      }),
    );
    expect(dumpEvents(table).map(({ key }) => key)).toEqual(['0x1', '0x2']);
  });

  it('times beyond 2^53 nanoseconds are exact', () => {
    const days = 200n * 86_400n * SECOND;
    const table = readFile(pipeFile({ records: [sample({ time: days + 1n }), sample({ time: days + SECOND + 2n })] }));
    expect(table.baseSeconds).toBe(200 * 86_400);
    expect(dumpEvents(table).map(({ time }) => time)).toEqual([1, 1_000_000_002]);
  });

  it('a task that has left its pid behind is known to the tracepoint', () => {
    const table = readFile(pipeFile({ records: [sample({ time: 1, tid: -1, commonPid: 46 })] }));
    expect(dumpEvents(table)[0]).toMatchObject({ pid: 46, comm: ':46' });
  });

  it('a period above 1 is of events that were not recorded', () => {
    const table = readFile(pipeFile({ records: [sample({ time: 1, period: 1 }), sample({ time: 2, period: 76 })] }));
    expect(table.losses.droppedEvents).toBe(75);
  });
});

describe('names of tasks', () => {
  const commsOf = (records: readonly Uint8Array[]): string[] =>
    dumpEvents(readFile(pipeFile({ records }))).map((event) => event.comm);

  it('are those at the time of the event, whatever the order in the file', () => {
    expect(
      commsOf([
        comm(7, 'sh', 0),
        sample({ time: 10 }),
        sample({ time: 20 }),
        sample({ time: 30 }),
        comm(7, 'true', 15),
        comm(7, 'sh', 25),
      ]),
    ).toEqual(['sh', 'true', 'sh']);
  });

  it('are inherited at fork', () => {
    expect(
      commsOf([comm(7, 'sh', 0), sample({ time: 10, tid: 8 }), sample({ time: 20, tid: 8 }), fork(8, 7, 15)]),
    ).toEqual([':8', 'sh']);
  });

  it('the idle task has one', () => {
    expect(commsOf([sample({ time: 10, tid: 0 })])).toEqual(['swapper']);
  });

  it('of a thousand tasks with a thousand names take linear time', () => {
    const records = Array.from({ length: 20_000 }, (_, index) => [
      comm(index % 1000, `name${index}`, index),
      sample({ time: index, tid: index % 1000 }),
    ]).flat();
    expect(new Set(commsOf(records)).size).toBe(20_000);
  });
});

describe('callchains and symbols', () => {
  const KALLSYMS =
    'ffffffff81000000 T _text\nffffffff81000100 T a\nffffffff81000200 T b\nffffffff81000300 T ret_from_fork\n';
  const symbols = new KernelSymbols(new TextEncoder().encode(KALLSYMS));
  const resolved = (records: readonly Uint8Array[]): EventTable =>
    resolveAddresses(readFile(pipeFile({ records }), { keepAddresses: true }), symbols).table;
  /** tools/perf/util/event.c:perf_event__synthesize_kernel_mmap */
  const kernelMap = (text: bigint): Uint8Array =>
    record(
      RECORD.MMAP,
      bytes([4, -1], [4, 0], [8, text], [8, 0x1000], [8, text], '[kernel.kallsyms]_text\0\0', new Uint8Array(32)),
      1,
    );

  const stackOf = (callchain: readonly bigint[]): readonly string[] | undefined =>
    dumpEvents(resolved([kernelMap(0xffffffff81000000n), sample({ time: 1, callchain })]))[0].stack;

  it.each([
    ['the kernel’s part', [KERNEL, 0xffffffff81000110n, 0xffffffff81000304n], ['a', 'ret_from_fork']],
    ['not that of user space', [KERNEL, 0xffffffff81000304n, USER, 0x7f1200n], ['ret_from_fork']],
    ['nor what comes before', [USER, 0x7f1200n, KERNEL, 0xffffffff81000304n], ['ret_from_fork']],
    ['user space alone is no stack', [USER, 0x7f1200n], undefined],
    ['nothing is no stack', [], undefined],
  ])('%s', (_name, callchain, expected) => {
    expect(stackOf(callchain)).toEqual(expected);
  });

  it('without symbols there are no stacks, and the addresses are counted', () => {
    const callchain = [KERNEL, 0xffffffff81000110n];
    const table = readFile(pipeFile({ records: [sample({ time: 1, callchain, callSite: 0xffffffff81000204n })] }));
    expect(dumpEvents(table)[0]).toMatchObject({ stack: undefined, shape: { callSite: '0xffffffff81000204' } });
    expect(table.losses.unresolvedAddresses).toBeGreaterThan(0);
  });

  it('of old perf versions are in the file', () => {
    const made = sample({ time: 1, callSite: 0xffffffff81000204n });
    const table = readFile(pipeFile({ tracing: tracingData(KALLSYMS), records: [made] }));
    expect(dumpEvents(table)[0].shape.callSite).toBe('b');
  });

  it.each([0xffffffff81000000n, 0xffffffffb2a00000n, 0xffff800080010000n])(
    'of a kernel that was loaded at 0x%s are found there',
    (text) => {
      const callchain = [KERNEL, text + 0x110n, text + 0x304n];
      const made = sample({ time: 1, callchain, callSite: text + 0x204n });
      const [event] = dumpEvents(resolved([kernelMap(text), made]));
      expect(event.stack).toEqual(['a', 'ret_from_fork']);
      expect(event.shape.callSite).toBe('b');
    },
  );

  it('of another kernel are refused: no function is where it must be', () => {
    const table = readFile(
      pipeFile({
        records: [
          kernelMap(0xffffffff81000000n),
          sample({ time: 1, callchain: [KERNEL, 0xffffffff81000110n, 0xffffffff81000210n] }),
        ],
      }),
      { keepAddresses: true },
    );
    expect(resolveAddresses(table, symbols).offset).toBeUndefined();
  });
});

it('attributes are read whatever their size says of later versions', () => {
  const attr = Uint8Array.from(attribute({}));
  new DataView(attr.buffer).setUint32(4, 136, true);
  const longer = record(RECORD.HEADER_ATTR, bytes(attr, new Uint8Array(8), [8, 1]));
  const file = pipeFile({
    attributes: [],
    records: [longer, sample({ time: 1, raw: kfree({ ptr: 9 }) }, USUAL_SAMPLE)],
  });
  expect(dumpEvents(readFile(file)).map(({ key }) => key)).toEqual(['0x9']);
});
