import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dumpEvents, dumpTable } from '../../trace/dump.testdata.ts';
import { findCut } from '../text/find-cut.ts';
import { lineStarts, readCutWith, readPartsWith, textOf } from '../text/parts.testdata.ts';
import { FtraceTextReader } from './reader.ts';
import { line, pageAlloc, readBytes, stack } from './reading.testdata.ts';

const readParts = readPartsWith((options) => new FtraceTextReader(options));
const readCut = readCutWith(readParts);
const folder = new URL('../../../cases/ftrace-text/', import.meta.url);
const files = readdirSync(folder).filter((name) => /\.(?:trace|report)$/.test(name));

describe.each(files)('%s', (name) => {
  const data = new Uint8Array(readFileSync(new URL(name, folder)));
  const whole = dumpTable(readBytes(data));

  it('gives the same table in parts, wherever they are cut', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(data.length - 1), { minLength: 1, maxLength: 4 }), (cuts) => {
        const { table } = readParts(
          data,
          cuts.map((cut) => cut + 1).toSorted((a, b) => a - b),
        );
        expect(dumpTable(table)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('can be cut where findCut says, near any place', () => {
    const windows = [0.2, 0.4, 0.6].map((share) => Math.floor(data.length * share));
    const cuts = windows.flatMap((start) => {
      const window = data.subarray(start, start + (data.length >> 2));
      const cut = findCut(window, new FtraceTextReader({ name }));
      return cut === undefined ? [] : [start + cut];
    });
    expect(cuts).toHaveLength(windows.length);
    const read = cuts.map((cut) => readParts(data, [cut]));
    for (const { table } of read) expect(dumpTable(table)).toEqual(whole);
    // It is a guess, made from a few records here.
    expect(read.some(({ joined }) => joined)).toBe(true);
  });
});

describe('parts', () => {
  it('fit between two events that wait for no stack', () => {
    const lines = [pageAlloc(1), ...stack(['a', 'b']), pageAlloc(2), ...stack(['a', 'b'])];
    const { table, joined } = readCut(lines, 4);
    expect(joined).toBe(true);
    expect(dumpEvents(table).map((event) => event.stack)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(table.stacks.length).toBe(1);
  });

  it('do not fit within a stack, nor between an event and its stack', () => {
    const lines = [pageAlloc(1), ...stack(['a', 'b']), pageAlloc(2)];
    for (const cut of [1, 2, 3]) {
      const { table, joined } = readCut(lines, cut);
      expect(joined).toBe(false);
      expect(dumpEvents(table)[0].stack).toEqual(['a', 'b']);
    }
    expect(readCut(lines, 4).joined).toBe(true);
  });

  it('do not fit where the stack of an event comes after one of another CPU', () => {
    const lines = [pageAlloc(1), pageAlloc(2, { cpu: 1 }), ...stack(['b'], { cpu: 1 }), ...stack(['a']), pageAlloc(3)];
    const { table, joined } = readCut(lines, 1);
    expect(joined).toBe(false);
    expect(dumpEvents(table).map((event) => event.stack)).toEqual([['a'], ['b'], undefined]);
  });

  it('fit where events wait in vain', () => {
    const lines = Array.from({ length: 8 }, (_, n) => pageAlloc(n, { cpu: n % 2 }));
    expect(readCut(lines, 4).joined).toBe(true);
  });

  it('know what comments in them say', () => {
    const lines = [
      pageAlloc(1, { time: '5' }),
      '# tracer: nop',
      '# nop latency trace v1.1.5 on 6.18.1',
      pageAlloc(2, { time: '6' }),
    ];
    const { table, joined } = readCut(lines, 1);
    expect([joined, table.recording.timeUnit, table.recording.kernelRelease]).toEqual([true, 'ticks', '6.18.1']);
  });

  it('last as long as the whole, also where one has no event', () => {
    const lines = [pageAlloc(1, { time: '5.5' }), 'no event', line('sched_switch: x', { time: '7.25' })];
    for (const cut of [1, 2]) {
      const { table, joined } = readCut(lines, cut);
      expect([joined, table.firstTime, table.lastTime]).toEqual([true, 500_000_000, 2_250_000_000]);
    }
  });

  it('do not fit where one says other columns of flags than were known', () => {
    const lines = [pageAlloc(1), '#                              || / _---=> hardirq/softirq', pageAlloc(2)];
    expect(readCut(lines, 1).joined).toBe(false);
  });

  it('have the losses of the whole, with its lines and bytes', () => {
    const lines = [
      '# entries-in-buffer/entries-written: 9/12   #P:1',
      pageAlloc(1),
      line('kfree: x'),
      line('kfree: y'),
    ];
    const { table, joined } = readCut(lines, 3);
    expect(joined).toBe(true);
    expect(table.losses).toMatchObject({ droppedEvents: 3, missingEntries: 6, truncatedLines: 2 });
    expect(table.losses.samples.map((sample) => [sample.line, sample.offset])).toEqual([
      [3, textOf(lines.slice(0, 2)).length],
      [4, textOf(lines.slice(0, 3)).length],
    ]);
  });

  it('count a clock that goes backwards from one part to the next', () => {
    const lines = [pageAlloc(1, { time: '2.5' }), pageAlloc(2, { time: '1.5' }), pageAlloc(3, { time: '1.6' })];
    const { table, joined } = readCut(lines, 1);
    expect(joined).toBe(true);
    expect(table.losses.clockBackwards).toBe(1);
    expect(dumpTable(table)).toEqual(dumpTable(readBytes(textOf(lines))));
  });

  it('with an error leave it to the reader of the beginning to say where it is', () => {
    const lines = [pageAlloc(1), pageAlloc(2), line('kfree: x')];
    const at = textOf(lines.slice(0, 1)).length;
    const third = textOf(lines.slice(0, 2)).length;
    expect(() => readParts(textOf(lines), [at], { strict: true })).toThrow(`line 3, byte ${third}`);
  });

  it('do not fit where there is no room for all that they know', () => {
    // More names than are kept apart in one text, though not in any half.
    const lines = Array.from({ length: 20_000 }, (_, n) => line(`event_${n}: x`));
    const { table, joined } = readCut(lines, 10_000);
    expect(joined).toBe(false);
    expect(dumpTable(table)).toEqual(dumpTable(readBytes(textOf(lines))));
  });
});

it('every line of a piece is a place to cut, or is said to be none', () => {
  const data = new Uint8Array(readFileSync(new URL('arm64-two-cpus.trace', folder))).subarray(0, 6000);
  const whole = dumpTable(readBytes(data));
  const fitting = lineStarts(data).filter((cut) => {
    const { table, joined } = readParts(data, [cut]);
    expect(dumpTable(table)).toEqual(whole);
    return joined;
  });
  expect(fitting.length).toBeGreaterThan(5);
});
