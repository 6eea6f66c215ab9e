import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs/minimal.js';
import { describe, expect, it, test } from 'vitest';
import { dumpEvents, dumpTable } from '../../trace/dump.testdata.ts';
import { compressedPackets, packet, readBytes } from './building.testdata.ts';
import { EVENT_NAMES } from './event-names.ts';

const data = new Uint8Array(readFileSync(new URL('../../../cases/perfetto/x86-kmem.pftrace', import.meta.url)));
const whole = readBytes(data);

/** Events by the number of their message, read by a library that has nothing in common with the reader. */
function countedByLibrary(trace: Uint8Array): Map<number, number> {
  const counts = new Map<number, number>();
  const each = (reader: protobuf.Reader, end: number, take: (field: number, stop: number) => void): void => {
    while (reader.pos < end) {
      const tag = reader.uint32();
      if ((tag & 7) !== 2) {
        reader.skipType(tag & 7);
        continue;
      }
      const stop = reader.uint32() + reader.pos;
      take(tag >>> 3, stop);
      reader.pos = stop;
    }
  };
  const reader = protobuf.Reader.create(trace);
  each(reader, trace.length, (_, packetEnd) => {
    each(reader, packetEnd, (inPacket, bundleEnd) => {
      if (inPacket !== 1) return;
      each(reader, bundleEnd, (inBundle, eventEnd) => {
        if (inBundle !== 2) return;
        each(reader, eventEnd, (field) => counts.set(field, (counts.get(field) ?? 0) + 1));
      });
    });
  });
  return counts;
}

describe('a piece of a real trace', () => {
  it('has as many events of each type as protobufjs counts', () => {
    const counted = [...countedByLibrary(data)].map(([field, count]) => [EVENT_NAMES.get(field) ?? '', count] as const);
    expect(Object.fromEntries(whole.byType)).toEqual(Object.fromEntries(counted));
    expect(whole.totalEvents).toBe(counted.reduce((sum, [, count]) => sum + count, 0));
  });

  it('is read without losses, but that it has no flags', () => {
    const allocations = ['mm_page_alloc', 'kmalloc', 'kmem_cache_alloc'];
    const expected = allocations.reduce((sum, name) => sum + (whole.byType.get(name) ?? 0), 0);
    expect(whole.losses).toMatchObject({
      droppedEvents: 0,
      truncatedLines: 0,
      clockBackwards: 0,
      unrecordedFlags: expected,
      samples: [],
    });
  });

  it('says what recorded it', () => {
    expect(whole.recording).toMatchObject({
      architecture: 'x86_64',
      pageSize: 4096,
      clock: 'boot',
      recorder: 'Perfetto v56.0 (N/A)',
    });
    expect(whole.recording.kernelRelease).toMatch(/^6\.18\./);
  });

  it('is in order of time, and has both CPUs', () => {
    const times = dumpEvents(whole).map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(whole.cpus).toBe(2);
  });

  it('has what the recording has: pointers of the kernel, tasks by name', () => {
    const events = dumpEvents(whole);
    const pointers = events.filter(({ type, key }) => type === 'kmalloc' && key !== '0x0');
    expect(pointers.every(({ key }) => /^0xffff[89a-f]/.test(key))).toBe(true);
    expect(events.filter(({ comm }) => comm === 'forkbench').length).toBeGreaterThan(100);
  });
});

describe('however the input is cut', () => {
  const compressed = Uint8Array.from(packet(1, compressedPackets([...data])));
  const damaged = data.slice();
  damaged[20_000] ^= 0x55;

  test.each([
    ['as recorded', data],
    ['compressed', compressed],
    ['damaged', damaged],
  ])('the table is the same, %s', (_, bytes) => {
    const expected = dumpTable(readBytes(bytes));
    for (const chunk of [1, 100, 4096, 65_537]) expect(dumpTable(readBytes(bytes, chunk))).toEqual(expected);
  });

  test('compressed packets give the events of plain ones', () => {
    expect(dumpTable(readBytes(compressed))).toEqual(dumpTable(whole));
  });

  test('cut off anywhere, it is read to there', () => {
    for (let length = 0; length < data.length; length += 997) {
      const table = readBytes(data.subarray(0, length));
      expect(table.totalEvents).toBeLessThanOrEqual(whole.totalEvents);
      expect(table.losses.truncatedLines).toBeLessThanOrEqual(1);
    }
  });
});
