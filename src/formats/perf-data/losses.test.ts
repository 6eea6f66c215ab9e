import { describe, expect, it } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import { MISC_LOST_SAMPLES_BPF, RECORD, SAMPLE } from './abi.ts';
import {
  bytes,
  diskFile,
  kfree,
  pipeFile,
  readFile,
  record,
  round,
  sample,
  tracingData,
  USUAL_SAMPLE,
} from './building.testdata.ts';

/** The error that reading ends with. */
function errorOf(data: Uint8Array, strict = false): InputError {
  try {
    readFile(data, { strict });
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the input was read');
}

const lost = (count: number): Uint8Array => record(RECORD.LOST, bytes([8, 1], [8, count]));
const lostSamples = (count: number, misc = 0): Uint8Array => record(RECORD.LOST_SAMPLES, bytes([8, count]), misc);

describe('what perf says it lost', () => {
  it.each([
    ['LOST records', [lost(3), lost(4)], 7],
    ['LOST_SAMPLES records', [lostSamples(5)], 5],
    // The kernel counts the same failure in the buffer and at the event (kernel/events/ring_buffer.c).
    ['both, of one loss', [lost(3), lost(4), lostSamples(5), lostSamples(2)], 7],
    ['and not what a filter took out', [lostSamples(9, MISC_LOST_SAMPLES_BPF)], 0],
  ])('%s', (_name, records, dropped) => {
    const table = readFile(pipeFile({ records: [sample({ time: 1 }), ...records] }));
    expect(table.losses).toMatchObject({ droppedEvents: dropped, truncatedLines: 0 });
  });
});

it('clocks that run backwards are counted, on one CPU', () => {
  const at = (time: number, cpu: number): Uint8Array => sample({ time, cpu });
  // The round that ends last lets out what came before the one before it.
  const records = [at(10, 0), at(20, 1), round(), at(30, 0), round(), at(5, 0), at(15, 1)];
  expect(readFile(pipeFile({ records })).losses.clockBackwards).toBe(2);
});

describe('what says nothing of memory is passed over', () => {
  it.each([
    [
      'trace data of hardware, which follow their record',
      [bytes([4, RECORD.AUXTRACE], [2, 0], [2, 48], [8, 24], new Uint8Array(32)), new Uint8Array(24)],
    ],
    ['maps of files', [record(RECORD.MMAP, bytes([4, 1], [4, 1], [8, 0], [8, 0], [8, 0], '/bin/true\0\0\0\0\0\0\0'))]],
    [
      'records of the kernel',
      [4, 5, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21].map((type) => record(type, new Uint8Array(40))),
    ],
    ['records of perf', [67, 69, 70, 73, 74, 78, 79, 82].map((type) => record(type, new Uint8Array(40)))],
  ])('%s', (_name, records) => {
    const table = readFile(pipeFile({ records: [sample({ time: 1 }), ...records, sample({ time: 2 })] }));
    expect(table.length).toBe(2);
    expect(table.losses).toMatchObject({ truncatedLines: 0, droppedEvents: 0 });
  });
});

describe('records that cannot be read', () => {
  const cutRaw = sample({ time: 5 });
  new DataView(cutRaw.buffer).setUint32(8 + 48 + 8, 4000, true);
  const longChain = sample({ time: 5 });
  new DataView(longChain.buffer).setUint32(8 + 48, 0xffff_ffff, true);
  const broken: readonly (readonly [name: string, broken: Uint8Array, expected: RegExp])[] = [
    ['a sample without its fields', record(RECORD.SAMPLE, new Uint8Array(24)), /a sample of at least 48 bytes/],
    ['raw data beyond the sample', cutRaw, /raw data that end within/],
    ['a callchain beyond the sample', longChain, /callchain .* end within/],
    [
      'a raw record that is too short',
      sample({ time: 5, raw: kfree({}).subarray(0, 12) }),
      /kfree of at least 24 bytes/,
    ],
    ['a CPU that no machine has', sample({ time: 5, cpu: 1 << 20 }), /a CPU/],
    ['a type that there is not', record(9999, new Uint8Array(8)), /a type of record/],
    ['a short record', record(RECORD.FORK, new Uint8Array(8)), /a record of type 7 of at least 32 bytes/],
    ['compressed data beyond the record', record(RECORD.COMPRESSED2, bytes([8, 4000])), /compressed records within/],
  ];

  it.each(broken)('%s', (_name, data, expected) => {
    const before = pipeFile({ records: [sample({ time: 1, ptr: 1 })] });
    const table = readFile(bytes(before, data, sample({ time: 9, ptr: 2 })));
    expect(dumpEvents(table).map(({ key }) => key)).toEqual(['0x1', '0x2']);
    expect(table.losses.truncatedLines).toBe(1);
    expect(table.losses.samples[0]).toMatchObject({ line: 0, offset: before.length });
    expect(table.losses.samples[0].expected).toMatch(expected);
  });

  it.each(broken)('%s, strict', (_name, data) => {
    const before = pipeFile({ records: [sample({ time: 1, ptr: 1 })] });
    expect(errorOf(bytes(before, data), true).where).toBe(`perf.data, byte ${before.length}`);
  });

  it('a record without a size ends it: nothing tells where the next one is', () => {
    const records = [sample({ time: 1 }), bytes([4, 9], [2, 0], [2, 0]), sample({ time: 2 })];
    const table = readFile(pipeFile({ records }));
    expect(table.length).toBe(1);
    expect(table.losses.samples[0].expected).toMatch(/nothing after it is read/);
  });

  it.each([1, 8, 30])('a record that the end of the file cuts short (%i bytes of it)', (left) => {
    const whole = pipeFile({ records: [sample({ time: 1 })] });
    const table = readFile(bytes(whole, sample({ time: 2 }).subarray(0, left)));
    expect(table.length).toBe(1);
    expect(table.losses.truncatedLines).toBe(1);
    expect(table.losses.samples[0]).toMatchObject({ offset: whole.length, found: `${left} bytes of one` });
  });

  it('trace data of hardware that the end of the file cuts short', () => {
    const whole = pipeFile({ records: [sample({ time: 1 })] });
    const aux = bytes([4, RECORD.AUXTRACE], [2, 0], [2, 16], [8, 1000], new Uint8Array(10));
    const table = readFile(bytes(whole, aux));
    expect(table.length).toBe(1);
    expect(table.losses.samples[0]).toMatchObject({ expected: 'a whole record', found: '990 bytes of one' });
  });

  it('a file that perf did not close is read to its end, if its formats are known', () => {
    const table = readFile(diskFile({ records: [sample({ time: 1 })], dataSize: 0 }));
    expect(table.unusable?.found).toBe('a perf.data file without the formats of its events');
    expect(table.totalEvents).toBe(1);
  });
});

describe('files that cannot be used', () => {
  const records = [sample({ time: 1 })];
  const withMagic = (magic: string): Uint8Array => bytes(magic, new Uint8Array(96));
  const cutTracing = tracingData().subarray(0, 100);
  it.each([
    ['of a big-endian machine', withMagic('2ELIFREP'), /big-endian/, /perf script/],
    ['of version 1', withMagic('PERFFILE'), /version 1/, /perf script/],
    ['cut within the header', bytes('PERFILE2', [8, 104]), /a header of 104 bytes/, /copy it again/],
    ['with a header that is none', bytes('PERFILE2', [8, 77], new Uint8Array(90)), /a header of 77/, /copy it again/],
    ['of a directory', diskFile({ records, features: [24] }), /a directory/, /perf script/],
    ['with tracing data cut short', pipeFile({ tracing: cutTracing, records: [] }), /./, /copy it again/],
    [
      'with compressed records that are none',
      pipeFile({ records: [record(RECORD.COMPRESSED, new Uint8Array(8))] }),
      /zstd data that are damaged/,
      /without -z/,
    ],
  ])('%s', (_name, data, found, advice) => {
    const error = errorOf(data);
    expect(error.where).toMatch(/^perf\.data/);
    expect(error.found).toMatch(found);
    expect(error.advice).toMatch(advice);
  });
});

describe('files that can be read, and that no results can be made of', () => {
  const records = [sample({ time: 1 })];
  it.each([
    [
      'without tracepoints',
      pipeFile({ attributes: [{ type: 0 }], records: [] }),
      /a perf.data file of/,
      /perf record -a -g/,
    ],
    ['without events', pipeFile({ attributes: [], records: [] }), /without events/, /perf record -a -g/],
    ['without formats', pipeFile({ tracing: null, records }), /without the formats/, /as root: `perf record/],
    [
      'without raw samples',
      pipeFile({ attributes: [{ sampleType: USUAL_SAMPLE & ~SAMPLE.RAW }], records }),
      /without their fields/,
      /perf record -a -g/,
    ],
    [
      'without times',
      pipeFile({ attributes: [{ sampleType: USUAL_SAMPLE & ~SAMPLE.TIME }], records: [] }),
      /without a time/,
      /perf record -a -g/,
    ],
  ])('%s', (_name, data, found, advice) => {
    const { unusable } = readFile(data);
    expect(unusable?.found).toMatch(found);
    expect(unusable?.advice).toMatch(advice);
  });

  it('one that has kmem events has nothing against it', () => {
    expect(readFile(pipeFile({ records })).unusable).toBeUndefined();
  });
});
