import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { dumpEvents, dumpTable } from '../../trace/dump.testdata.ts';
import {
  bundle,
  compressedPackets,
  event,
  field,
  ftraceStats,
  internedData,
  kfree,
  MARKER,
  message,
  packet,
  pageAlloc,
  readBytes,
  readPackets,
  systemInfo,
  varint,
  zstdPackets,
  type Bytes,
} from './building.testdata.ts';

const alloc = (pfn: number): Bytes => packet(1, bundle(0, pageAlloc(pfn, 1, pfn)));
const keys = (...packets: readonly Bytes[]): string[] => dumpEvents(readPackets(...packets)).map(({ key }) => key);

describe('compressed packets', () => {
  test('are read where they stand, zlib and zstd', () => {
    const plain = readPackets(alloc(1), alloc(2), alloc(3));
    for (const compress of [compressedPackets, zstdPackets]) {
      const compressed = readPackets(alloc(1), packet(1, compress(alloc(2), alloc(3))));
      expect(dumpTable(compressed)).toEqual(dumpTable(plain));
    }
  });

  test('that are damaged, nested, or no packets are a loss, and what follows is read', () => {
    for (const inner of [
      field(50, [1, 2, 3]),
      compressedPackets([0x12, 0x01, 0x00]),
      compressedPackets(packet(1, compressedPackets(alloc(9)))),
      field(133, [1, 2, 3]),
    ]) {
      const table = readPackets(packet(1, inner), alloc(2));
      expect(table.losses.truncatedLines).toBe(1);
      expect(dumpEvents(table).map(({ key }) => key)).toEqual(['0x2']);
    }
  });

  test('that grow beyond all measure are not unpacked', () => {
    const content = Buffer.concat([Uint8Array.from([0x0a, ...varint(40 << 20)]), Buffer.alloc(40 << 20)]);
    const trace = Uint8Array.from([...packet(1, field(50, [...deflateSync(content)])), ...alloc(2)]);
    const zlib = (data: Uint8Array, maxBytes: number): Uint8Array => inflateSync(data, { maxOutputLength: maxBytes });
    const table = readBytes(trace, trace.length, false, { zlib, zstd: zlib });
    expect(table.losses.samples.map(({ expected }) => expected)).toEqual([
      'zlib data of at most 33554432 bytes when decompressed',
    ]);
    expect(table.length).toBe(1);
  });
});

describe('symbols that events refer to by number', () => {
  const symbols = (...names: readonly string[]): Bytes =>
    internedData(...names.map((name, index) => field(26, message(field(1, index + 1), field(2, name)))));
  const free = (sequence: number, site: number | bigint, ...more: readonly Bytes[]): Bytes =>
    packet(sequence, bundle(0, kfree(1, 1, 0x1000n, site)), ...more);
  const sites = (...packets: readonly Bytes[]): string[] =>
    dumpEvents(readPackets(...packets)).map(({ shape }) => shape.callSite);
  const CLEARED = field(13, 1);

  test('come in the same packet or an earlier one of the sequence', () => {
    expect(sites(free(1, 2, symbols('a', 'copy_process')), free(1, 1))).toEqual(['copy_process', 'a']);
  });

  test('hold for their sequence only', () => {
    expect(sites(free(1, 1, symbols('a')), free(2, 1, symbols('b')), free(1, 1), free(2, 1))).toEqual(
      ['a', 'b', 'a', 'b'].toSorted((x, y) => (x < y ? -1 : 1)),
    );
  });

  test('hold until the state is cleared, or packets were lost', () => {
    expect(sites(free(1, 1, symbols('a')), free(1, 1, CLEARED, symbols('b')))).toEqual(['a', 'b']);
    expect(sites(free(1, 1, symbols('a')), free(1, 1, field(42, 1)))).toEqual(['a', '0x1']);
  });

  test('an address is no number of a symbol', () => {
    expect(sites(free(1, 0xffff_ffff_0000_0001n, symbols('a')))).toEqual(['0xffffffff00000001']);
  });
});

describe('losses', () => {
  const stats = (phase: number, cpu: number, overrun: number, dropped = 0): Bytes =>
    packet(
      1,
      ftraceStats(field(1, phase), field(2, message(field(1, cpu), field(3, overrun), field(4, 0), field(8, dropped)))),
    );

  test("the kernel's counters count from the beginning of the trace, the last flush last", () => {
    const table = readPackets(
      alloc(1),
      stats(1, 0, 100),
      stats(1, 1, 5),
      stats(2, 0, 110),
      stats(2, 0, 130),
      stats(2, 1, 5, 7),
    );
    expect(table.losses.droppedEvents).toBe(30 + 7);
  });

  test('without counters, each bundle that follows a loss is one', () => {
    const flagged = packet(1, bundle(0, field(3, 1), pageAlloc(1, 1, 1)));
    expect(readPackets(flagged, flagged).losses.droppedEvents).toBe(2);
    expect(readPackets(flagged, flagged, stats(1, 0, 0), stats(2, 0, 50)).losses.droppedEvents).toBe(50);
  });

  test('packets that were lost on the way to the file count as well, but nothing is lost before the first', () => {
    const after = (...flags: readonly Bytes[]): Bytes => packet(1, bundle(0, pageAlloc(1, 1, 1)), ...flags);
    expect(readPackets(after(field(42, 1), field(87, 1))).losses.droppedEvents).toBe(0);
    expect(readPackets(after(), after(field(42, 1))).losses.droppedEvents).toBe(1);
  });

  test('allocations without flags are counted: frees have none', () => {
    const bare = event(1, 1, 307, field(2, 0), field(3, 0), field(5, 1));
    const table = readPackets(packet(1, bundle(0, bare, pageAlloc(2, 1, 2), kfree(3, 1, 1n, 1), bare)));
    expect(table.losses.unrecordedFlags).toBe(2);
  });

  test('an event that lacks what it is about, and one that lacks its size', () => {
    const table = readPackets(
      packet(1, bundle(0, event(1, 1, 307, field(3, 0)), event(2, 1, 299, field(5, 1)), pageAlloc(3, 1, 1))),
    );
    expect(table.length).toBe(1);
    expect(table.losses.samples.map(({ expected }) => expected)).toEqual([
      'the fields of mm_page_alloc',
      'the field bytes_req',
    ]);
    expect(() => readBytes(Uint8Array.from(packet(1, bundle(0, event(1, 1, 307, field(3, 0))))), 9, true)).toThrow(
      InputError,
    );
  });

  test('a sample shows what is in the packet, and nothing of what stands behind it', () => {
    const data = Uint8Array.from([0x0a, 2, 0x64, 0x05, ...alloc(1)]);
    for (const chunk of [1, 3, data.length]) {
      expect(readBytes(data, chunk).losses.samples.map(({ found }) => found)).toEqual(['bytes 64 05']);
    }
  });

  test('a packet that is cut short', () => {
    const data = Uint8Array.from([...alloc(1), ...alloc(2).slice(0, 9)]);
    const table = readBytes(data);
    expect(table.length).toBe(1);
    expect(table.losses).toMatchObject({ truncatedLines: 1, samples: [{ offset: alloc(1).length }] });
  });

  test('after what is no packet reading goes on behind the next marker', () => {
    const marked = field(1, [...field(10, 1), ...MARKER]);
    expect(keys(alloc(1), [0x77, 0x0a, 0x01], alloc(2), marked, alloc(3))).toEqual(['0x1', '0x3']);
    const table = readPackets(alloc(1), [0x77], alloc(2), marked, alloc(3));
    expect(table.losses).toMatchObject({ truncatedLines: 1, samples: [{ offset: alloc(1).length, found: 'byte 77' }] });
  });

  test('a packet that is too long is passed over', () => {
    const length = (1 << 24) + 1;
    const long = Buffer.concat([Uint8Array.from([0x0a, ...varint(length)]), Buffer.alloc(length)]);
    const data = Buffer.concat([Uint8Array.from(alloc(1)), long, Uint8Array.from(alloc(2))]);
    const table = readBytes(data, 1 << 20);
    expect(dumpEvents(table).map(({ key }) => key)).toEqual(['0x1', '0x2']);
    expect(table.losses.truncatedLines).toBe(1);
  });

  test('packets of another machine are left out', () => {
    const table = readPackets(alloc(1), packet(1, bundle(0, pageAlloc(1, 1, 2)), field(98, 7)));
    expect(table.length).toBe(1);
    expect(table.recording.notes.join()).toContain('other machines');
  });
});

test('what the trace says of the machine', () => {
  const table = readPackets(
    packet(
      1,
      systemInfo(
        field(1, message(field(1, 'Linux'), field(3, '6.6.30-android15'), field(4, 'aarch64'))),
        field(4, 'Perfetto v56.0'),
        field(6, 16384),
      ),
    ),
    packet(1, bundle(0, field(5, 2), pageAlloc(1, 1, 1))),
    packet(1, ftraceStats(field(1, 2), field(6, 'vmalloc/alloc_vmap_area'))),
  );
  expect(table.recording).toEqual({
    timeUnit: 'nanoseconds',
    warnings: [],
    unnamedStacks: 0,
    stackEntries: 0,
    kernelRelease: '6.6.30-android15',
    architecture: 'aarch64',
    pageSize: 16384,
    clock: 'global',
    recorder: 'Perfetto v56.0',
    notes: ['Asked for and not recorded: "vmalloc/alloc_vmap_area".'],
  });
});

test('two recordings of ftrace in one trace are told', () => {
  const table = readPackets(alloc(1), packet(2, bundle(0, pageAlloc(1, 1, 1))));
  expect(table.recording.notes.join()).toContain('2 data sources');
});
