import { readdirSync, readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { decompress } from 'fzstd';
import { describe, expect, it, test } from 'vitest';
import { gfpContext, type GfpContext } from '../../gfp/context.ts';
import { parseGfpNames } from '../../gfp/parse.ts';
import { dumpEvents, dumpTable } from '../../trace/dump.testdata.ts';
import type { EventTable } from '../../trace/event-table.ts';
import { readBytes } from '../ftrace-text/reading.testdata.ts';
import { readDat } from './reading.testdata.ts';

const folder = new URL('../../../cases/trace-dat/', import.meta.url);
const load = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));
const files = readdirSync(folder).filter((name) => name.endsWith('.dat'));
const runOf = (file: string): string => file.replace(/\..*$/, '');

const read = (name: string): EventTable =>
  readDat(load(name), {
    decompressors: {
      zlib: (data, maxBytes) => inflateSync(data, { maxOutputLength: maxBytes }),
      zstd: (data, maxBytes) => decompress(data, new Uint8Array(maxBytes)),
    },
  });

const KERNELS: ReadonlyMap<string, GfpContext> = new Map([
  ['x86-stacks', gfpContext({ major: 6, minor: 18 }, { hwTags: false, lockdep: false, slabObjExt: true })],
  ['arm64', gfpContext({ major: 7, minor: 3 }, { hwTags: true, lockdep: false, slabObjExt: false })],
  ['arm64-stacks', gfpContext({ major: 7, minor: 3 }, { hwTags: true, lockdep: false, slabObjExt: false })],
]);

/** What both formats say of events. trace-cmd prints flags that it cannot make out, such as GFP_NOWAIT, as a number. */
const comparable = (table: EventTable, kernel: GfpContext): unknown[] =>
  dumpEvents(table).map(({ time, shape, ...event }) => ({
    ...event,
    shape: { ...shape, gfp: parseGfpNames(shape.gfp, kernel) },
    // Text has nanoseconds or microseconds, by the clock; trace-cmd rounds.
    microseconds: Math.round(table.baseSeconds * 1e6 + time / 1000),
  }));

describe.each(files)('%s', (name) => {
  const table = read(name);
  const kernel = KERNELS.get(runOf(name));
  if (kernel === undefined) throw new Error(`which kernel recorded ${name}?`);
  const text = readBytes(load(`${runOf(name)}.report`));

  it('has the events that trace-cmd report prints, with the same task, CPU, context, fields and stack', () => {
    expect(table.length).toBeGreaterThan(50);
    expect(comparable(table, kernel)).toEqual(comparable(text, kernel));
  });

  it('has as many events of each type, kept or not', () => {
    expect(new Map([...table.byType].toSorted())).toEqual(new Map([...text.byType].toSorted()));
    expect(table.totalEvents).toBe(text.totalEvents);
  });

  it('is read without losses but for the stack whose event was cut off', () => {
    const { orphanStacks, ...losses } = table.losses;
    expect(orphanStacks).toBeLessThanOrEqual(1);
    expect(new Set(Object.values(losses).flat())).toEqual(new Set([0]));
  });
});

test.each([
  ['x86-stacks.v6.dat', 'x86-stacks.v7-zstd.dat'],
  ['arm64.v7-zlib.dat', 'arm64.v7-zstd.dat'],
])('%s and %s hold one run and give one table', (one, other) => {
  expect(dumpTable(read(one))).toEqual(dumpTable(read(other)));
});
