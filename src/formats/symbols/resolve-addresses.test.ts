import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dumpEvents } from '../../trace/dump.testdata.ts';
import type { EventTable } from '../../trace/event-table.ts';
import { MemorySource } from '../byte-source.ts';
import { readAtOnce } from '../reader.ts';
import { NO_DECOMPRESSORS } from '../trace-dat/reading.testdata.ts';
import { TraceDatReader } from '../trace-dat/reader.ts';
import { KernelSymbols } from './kallsyms.ts';
import { resolveAddresses } from './resolve-addresses.ts';

const RUNS = ['arm64-stacks.v7-none.dat', 'x86-stacks.v6.dat'];
const MIB = 1n << 20n;
const load = (name: string): Buffer => readFileSync(new URL(`../../../cases/trace-dat/${name}`, import.meta.url));
/** The first of them stands behind the size of the section. */
const KALLSYMS = /(?<![0-9a-f])[0-9a-f]{16} [a-zA-Z] .*$/gm;

/** The symbols that a recording has. */
const symbolsIn = (data: Buffer): string => `${(data.toString('latin1').match(KALLSYMS) ?? []).join('\n')}\n`;

/** The recording as it is made where addresses are hidden (kptr_restrict): all are 0. */
const hidden = (data: Buffer): Buffer =>
  Buffer.from(
    data.toString('latin1').replace(KALLSYMS, (line) => `0000000000000000${line.slice(16)}`),
    'latin1',
  );

/** A System.map of a kernel that is linked so far below where it was loaded. */
const linked = (symbols: string, below: bigint): KernelSymbols =>
  new KernelSymbols(
    Buffer.from(
      symbols.replace(/^[0-9a-f]{16}/gm, (address) =>
        BigInt.asUintN(64, BigInt(`0x${address}`) - below)
          .toString(16)
          .padStart(16, '0'),
      ),
      'latin1',
    ),
  );

const read = (data: Buffer, keepAddresses: boolean): EventTable =>
  readAtOnce(
    new TraceDatReader({ name: 'test.dat', decompressors: NO_DECOMPRESSORS, keepAddresses }),
    new MemorySource(data),
  );

describe.each(RUNS)('%s, recorded with hidden addresses', (name) => {
  const data = load(name);
  const expected = dumpEvents(read(data, false));
  const withAddresses = read(hidden(data), true);

  test('has no names of its own', () => {
    expect(withAddresses.losses.unresolvedAddresses).toBeGreaterThan(20);
    expect(dumpEvents(withAddresses)).not.toEqual(expected);
  });

  test.each([0n, 2n * MIB, 0x3a40_0000n, 0x1234_5600_0000n, 1n << 16n])(
    'gets those of a System.map that is linked 0x%x below where it was loaded',
    (below) => {
      const { table, offset, named } = resolveAddresses(withAddresses, linked(symbolsIn(data), below));
      expect(offset).toBe(below);
      expect(named).toBe(withAddresses.losses.unresolvedAddresses);
      expect(table.losses.unresolvedAddresses).toBe(0);
      expect(dumpEvents(table)).toEqual(expected);
    },
  );

  test('gets them where somebody says, whatever the addresses say', () => {
    const symbols = linked(symbolsIn(data), 4n * MIB);
    expect(dumpEvents(resolveAddresses(read(hidden(data), true), symbols, 4n * MIB).table)).toEqual(expected);
    // Nothing lies there.
    expect(resolveAddresses(read(hidden(data), true), symbols, 0n).offset).toBe(0n);
  });

  test('keeps addresses of call sites and no stacks without symbols, and says of how many events', () => {
    const { table, offset } = resolveAddresses(read(hidden(data), true), undefined);
    expect(offset).toBeUndefined();
    expect(dumpEvents(table).every(({ stack }) => stack === undefined)).toBe(true);
    expect(table.recording.unnamedStacks).toBe(expected.filter(({ stack }) => stack !== undefined).length);
    expect(table.recording.warnings.join()).toContain('without a single name');
  });

  test('gets none of another kernel', () => {
    const other = load(RUNS.find((run) => run !== name) ?? '');
    expect(resolveAddresses(withAddresses, linked(symbolsIn(other), 0n)).offset).toBeUndefined();
    // Functions in another order, as another build has them.
    const lines = symbolsIn(data).trimEnd().split('\n');
    const shuffled = lines
      .map((line, at) => line.slice(0, 19) + lines[(at * 7 + 3) % lines.length].slice(19))
      .join('\n');
    const { offset } = resolveAddresses(withAddresses, linked(`${shuffled}\n`, 0n));
    expect(offset).toBeUndefined();
  });
});

test('a trace that has its names stays as it is', () => {
  const table = read(load(RUNS[0]), false);
  const { table: same, named } = resolveAddresses(table, linked(symbolsIn(load(RUNS[1])), 0n));
  expect(named).toBe(0);
  expect(dumpEvents(same)).toEqual(dumpEvents(table));
});
