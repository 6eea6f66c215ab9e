import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportResult } from '../../src/result/result.ts';
import { ROOT, tagscope, unwrapped } from './command.testdata.ts';

const DAT = 'cases/trace-dat/arm64-stacks.v7-none.dat';
const TEXT = 'cases/trace-dat/arm64-stacks.report';
const KALLSYMS = /(?<![0-9a-f])[0-9a-f]{16} [a-zA-Z] .*$/gm;

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  const data = readFileSync(join(ROOT, DAT)).toString('latin1');
  folder = mkdtempSync(join(tmpdir(), 'tagscope-trace-dat-'));
  writeFileSync(at('trace.dat.gz'), gzipSync(Buffer.from(data, 'latin1')));
  // As it is recorded where addresses are hidden, and the System.map of a kernel that was then moved by 16 MiB.
  const hidden = data.replace(KALLSYMS, (line) => `0000000000000000${line.slice(16)}`);
  writeFileSync(at('hidden.dat'), Buffer.from(hidden, 'latin1'));
  const map = (data.match(KALLSYMS) ?? []).map((line) => {
    const address = BigInt(`0x${line.slice(0, 16)}`) - (1n << 24n);
    return address.toString(16) + line.slice(16);
  });
  writeFileSync(at('System.map'), `${map.join('\n')}\n`);
  writeFileSync(at('none.map'), 'hello\nworld\n');
  writeFileSync(at('other.map'), 'ffff800080000000 T _text\nffff800080000040 t __traceiter_kfree\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const report = async (args: readonly string[], stdin?: Uint8Array): Promise<ReportResult> => {
  const ended = await tagscope(['report', ...args, '--json'], stdin === undefined ? {} : { stdin });
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  return JSON.parse(ended.stdout);
};

/** The figures, without what says how the trace came and what was lost on the way. */
const figures = ({ totals, byClass, bySite, byHook, events, estimates }: ReportResult): unknown => ({
  totals,
  byClass,
  bySite,
  byHook,
  events,
  estimates,
});

describe('report of a trace.dat', () => {
  test('is the same as that of the text which trace-cmd prints for it', async () => {
    const [dat, text] = await Promise.all([report([DAT]), report([TEXT])]);
    expect(dat.totals.tagInstructions.best).toBeGreaterThan(100);
    expect(figures(dat)).toEqual(figures(text));
    expect([dat.source.format, text.source.format]).toEqual(['trace.dat', 'ftrace text']);
  });

  test('does not depend on whether it is a file, a pipe or compressed', async () => {
    const [file, pipe, packed] = await Promise.all([
      report([DAT]),
      report(['-'], readFileSync(join(ROOT, DAT))),
      report([at('trace.dat.gz')]),
    ]);
    expect(file.source.bytes).toBe(readFileSync(join(ROOT, DAT)).length);
    for (const other of [pipe, packed]) {
      expect(figures(other)).toEqual(figures(file));
      expect(other.source.bytes).toBe(file.source.bytes);
    }
    expect(packed.source.format).toBe('trace.dat (gzip)');
  });
});

describe('--symbols', () => {
  test('gives the names that a recording lacks, wherever the kernel was loaded', async () => {
    const [named, nameless, given] = await Promise.all([
      report([DAT]),
      report([at('hidden.dat')]),
      report([at('hidden.dat'), '--symbols', at('System.map')]),
    ]);
    expect(nameless.losses.unresolvedAddresses).toBeGreaterThan(20);
    expect(given.losses).toEqual(named.losses);
    expect(figures(given)).toEqual(figures(named));
    expect(given.provenance.command).toContain(`--symbols ${at('System.map')}`);
  });

  test('symbols of another kernel are a warning, and addresses stand for names', async () => {
    const ended = await tagscope(['report', at('hidden.dat'), '--symbols', at('other.map')]);
    expect(ended.code).toBe(0);
    expect(unwrapped(ended.stdout)).toMatch(/Warning: .*do not fit the addresses/);
  });

  test('symbols that are none are refused', async () => {
    const ended = await tagscope(['report', at('hidden.dat'), '--symbols', at('none.map')]);
    expect([ended.code, ended.stdout]).toEqual([3, '']);
    expect(unwrapped(ended.stderr)).toContain('no symbol that has an address');
  });
});
