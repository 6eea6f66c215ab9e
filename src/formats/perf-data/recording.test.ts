import { describe, expect, it } from 'vitest';
import { RECORD } from './abi.ts';
import { bytes, pipeFile, readFile, record, sample } from './building.testdata.ts';

/** A feature that is a text: length, text (tools/perf/util/header.c:do_write_string). Numbers: tools/perf/util/header.h. */
const feature = (number: number, text: string): Uint8Array =>
  record(RECORD.HEADER_FEATURE, bytes([8, number], [4, 64], text, new Uint8Array(64 - text.length)));
const recordingOf = (...records: readonly Uint8Array[]) =>
  readFile(pipeFile({ records: [...records, sample({ time: 1 })] })).recording;

describe('what a file says of its recording', () => {
  it('the machine, its pages, perf and the clock', () => {
    const features = [feature(3, 'some-host'), feature(4, '6.18.44'), feature(5, '6.1.187'), feature(6, 'aarch64')];
    expect(recordingOf(...features)).toEqual({
      timeUnit: 'nanoseconds',
      warnings: [],
      unnamedStacks: 0,
      stackEntries: 0,
      kernelRelease: '6.18.44',
      architecture: 'aarch64',
      pageSize: 4096,
      clock: 'perf',
      recorder: 'perf 6.1.187',
      notes: [],
    });
  });

  it('the clock that was asked for (perf record -k)', () => {
    const table = readFile(pipeFile({ attributes: [{ ids: [1], clockid: 4 }], records: [sample({ time: 1 })] }));
    expect(table.recording.clock).toBe('mono_raw');
  });

  it('how many records of which types were passed over', () => {
    // EXIT, EXIT, READ, and a type newer than its names (include/uapi/linux/perf_event.h, lib/perf/include/perf/event.h).
    const records = [4, 4, 8, 90].map((type) => record(type, new Uint8Array(64)));
    expect(recordingOf(...records).notes).toEqual([
      'Records that say nothing of tracepoints were passed over: 2 EXIT, 1 READ, 1 type 90.',
    ]);
  });
});
