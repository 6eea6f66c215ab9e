import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dumpEvents, dumpTable } from '../../trace/dump.testdata.ts';
import { findCut } from '../text/find-cut.ts';
import { readCutWith, readPartsWith } from '../text/parts.testdata.ts';
import { PerfScriptReader } from './reader.ts';
import { callchain, line, pageFree, readBytes } from './reading.testdata.ts';

const readParts = readPartsWith((options) => new PerfScriptReader(options));
const readCut = readCutWith(readParts);
const folder = new URL('../../../cases/perf-script/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.script'));

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

  it('can be cut where findCut says', () => {
    const start = data.length >> 2;
    const cut = findCut(data.subarray(start, start + (data.length >> 1)), new PerfScriptReader({ name }));
    expect(cut).toBeGreaterThan(0);
    const { table, joined } = readParts(data, [start + (cut ?? 0)]);
    expect(joined).toBe(true);
    expect(dumpTable(table)).toEqual(whole);
  });
});

describe('parts', () => {
  it('fit before an event, and not within its callchain', () => {
    const lines = [pageFree(1), ...callchain(['a', 'b']), pageFree(2), ...callchain(['c'])];
    const fitting = lines.map((_, cut) => cut).filter((cut) => cut > 0 && readCut(lines, cut).joined);
    // Before the empty line, before the second event, and before its empty line.
    expect(fitting).toEqual([3, 4, 6]);
    for (let cut = 1; cut < lines.length; cut++) {
      expect(dumpEvents(readCut(lines, cut).table).map((event) => event.stack)).toEqual([['a', 'b'], ['c']]);
    }
  });

  it('do not fit where a line might go on with a callchain', () => {
    // Without an empty line between them, what begins with a blank is a frame.
    const lines = [pageFree(1), '\tffffffff816365b7 a+0x227 ([kernel.kallsyms])', `   ${pageFree(2)}`, pageFree(3)];
    const { table, joined } = readCut(lines, 2);
    expect(joined).toBe(false);
    expect(table.length).toBe(2);
  });

  it.each([
    ['records', ['9', '4'], 13],
    ['a sum that is less than the records', ['9', 'sum 2', '4'], 13],
    ['a sum that is more, and records after it', ['9', 'sum 20', '4'], 24],
    ['a sum at the end', ['9', '4', 'sum 20'], 20],
  ])('have the losses of the whole: %s', (_, said, expected) => {
    const losses = said.map((word) =>
      word.startsWith('sum')
        ? `Processed 100 events and lost ${word.slice(4)} chunks!`
        : line(`PERF_RECORD_LOST lost ${word}`),
    );
    const lines = [pageFree(1), ...losses, pageFree(2)];
    for (let cut = 1; cut < lines.length; cut++) {
      const { table, joined } = readCut(lines, cut);
      expect(joined).toBe(true);
      expect(table.losses.droppedEvents).toBe(expected);
    }
  });
});
