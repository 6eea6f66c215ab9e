import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dumpEvents, dumpTable } from '../../trace/dump.testdata.ts';
import { readBytes } from './reading.testdata.ts';

const folder = new URL('../../../cases/ftrace-text/', import.meta.url);
const files = readdirSync(folder).filter((name) => /\.(?:trace|report)$/.test(name));

describe.each(files)('%s', (name) => {
  const data = new Uint8Array(readFileSync(new URL(name, folder)));
  const whole = readBytes(data);

  it('is read without losses but for what was cut off', () => {
    expect(whole.length).toBeGreaterThan(30);
    expect(whole.losses).toMatchObject({
      truncatedLines: 0,
      unprintedPointers: 0,
      droppedEvents: 0,
      clockBackwards: 0,
    });
    // A piece from the middle may begin after the event that its first stack belongs to.
    expect(whole.losses.orphanStacks).toBeLessThanOrEqual(1);
  });

  it('has a stack for every event, or for none', () => {
    const events = dumpEvents(whole);
    const without = events.filter((event) => event.stack === undefined).length;
    // The last event's stack may be cut off.
    expect(without).toSatisfy((count: number) => count === events.length || count <= 1);
    expect(without === events.length).toBe(!name.includes('stacks.') || name.includes('no-stacks'));
  });

  it.each([100, 1])('gives the same table in chunks of %i', (chunk) => {
    expect(dumpTable(readBytes(data, chunk))).toEqual(dumpTable(whole));
  });

  it('gives the same table in two chunks cut anywhere', () => {
    const start = data.subarray(0, 3000);
    const expected = dumpTable(readBytes(start));
    for (let cut = 0; cut < start.length; cut += 13) {
      expect(dumpTable(readBytes(start, Math.max(1, cut)))).toEqual(expected);
    }
  });
});

it('all formats are there', () => {
  expect(files.length).toBeGreaterThanOrEqual(9);
});
