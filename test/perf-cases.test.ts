import { readFileSync } from 'node:fs';
import { decompress } from 'fzstd';
import { describe, expect, it } from 'vitest';
import { ZstdStream } from '../src/open/zstd-stream.ts';
import { MemorySource } from '../src/formats/byte-source.ts';
import { PerfDataReader } from '../src/formats/perf-data/reader.ts';
import { PerfScriptReader } from '../src/formats/perf-script/reader.ts';
import { readAtOnce } from '../src/formats/reader.ts';
import { KernelSymbols } from '../src/formats/symbols/kallsyms.ts';
import { resolveAddresses } from '../src/formats/symbols/resolve-addresses.ts';
import { dumpEvents } from '../src/trace/dump.testdata.ts';
import type { EventTable } from '../src/trace/event-table.ts';
import { analyzedTable } from './analyzed.testdata.ts';

const folder = new URL('../cases/perf-data/', import.meta.url);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));
const symbols = new KernelSymbols(bytesOf('x86-6.18.kallsyms'));

function readData(name: string): EventTable {
  const table = readAtOnce(
    new PerfDataReader({ name, keepAddresses: true, zstdStream: () => new ZstdStream() }),
    new MemorySource(decompress(bytesOf(`${name}.data.zst`))),
  );
  return resolveAddresses(table, symbols).table;
}

function readScript(name: string): EventTable {
  const reader = new PerfScriptReader({ name });
  reader.push(decompress(bytesOf(`${name}.script.zst`)));
  return reader.finish();
}

/** Without what perf script does not print: the context; and the call site, which it cannot name from a pipe. */
const comparable = (table: EventTable, withSites: boolean): unknown[] =>
  dumpEvents(table).map((event) => ({
    ...event,
    context: '',
    shape: withSites ? event.shape : { ...event.shape, callSite: '' },
  }));

/** Whether there are callchains, and whether the text names call sites. */
const RECORDINGS: readonly (readonly [name: string, callchains: boolean, withSites: boolean])[] = [
  ['file', true, true],
  ['pipe', true, false],
  ['compressed', true, true],
  ['compressed-pipe', true, false],
  ['no-callchains', false, true],
];

// perf's own reading of the same file.
describe.each(RECORDINGS)('%s.data', (name, callchains, withSites) => {
  const data = readData(name);
  const script = readScript(name);

  it('has the counts by event of perf script', () => {
    expect(Object.fromEntries(data.byType)).toEqual(Object.fromEntries(script.byType));
    expect(data.totalEvents).toBeGreaterThan(150);
  });

  it('has the events of perf script: time to the nanosecond, task, CPU, fields, stack and order', () => {
    expect(data.baseSeconds).toBe(script.baseSeconds);
    expect(comparable(data, withSites)).toEqual(comparable(script, withSites));
  });

  it('is read without a loss', () => {
    const { samples, ...losses } = data.losses;
    expect(samples).toEqual([]);
    expect(Object.values(losses).every((count) => count === 0)).toBe(true);
  });

  it(callchains ? 'has a stack for every event' : 'has no stacks', () => {
    expect(dumpEvents(data).every(({ stack }) => (stack !== undefined) === callchains)).toBe(true);
  });
});

// Rules go by call sites, which the text of a pipe lacks.
describe.each(RECORDINGS.filter(([, , withSites]) => withSites))('%s.data', (name) => {
  const tables = [readData(name), readScript(name)];

  it.each(['before-series', 'series'])('has the ledger of the text, under %s', (policy) => {
    const [one, other] = tables.map((table) => {
      const { totals, byClass, byHook } = analyzedTable(table, { policy });
      return { totals, byClass, byHook };
    });
    expect(one.totals.allocations).toBeGreaterThan(100);
    expect(one).toEqual(other);
  });
});

it('freq.data: what its samples stand for and were not recorded is lost', () => {
  // perf script -F period: 1, 1, 1, 76.
  const { length, losses } = readData('freq');
  expect(length).toBe(4);
  expect(losses.droppedEvents).toBe(75);
});
