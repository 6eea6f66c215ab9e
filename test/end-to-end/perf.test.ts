import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decompress } from 'fzstd';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportResult } from '../../src/result/result.ts';
import { ROOT, tagscope, unwrapped } from './command.testdata.ts';

const DATA = 'cases/perf-data/file.data.zst';
const TEXT = 'cases/perf-data/file.script.zst';
const SYMBOLS = 'cases/perf-data/x86-6.18.kallsyms';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagscope-perf-'));
  writeFileSync(at('perf.data'), decompress(readFileSync(join(ROOT, DATA))));
  // What the linker wrote of a kernel that was then moved by 16 MiB.
  const map = readFileSync(join(ROOT, SYMBOLS), 'latin1').replace(/^[0-9a-f]{16}/gm, (address) =>
    (BigInt(`0x${address}`) - (1n << 24n)).toString(16),
  );
  writeFileSync(at('System.map'), map);
  writeFileSync(at('sched.script'), 'bash 1 [000] 0.5: sched:sched_switch: prev_comm=bash ==> next_comm=a\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const report = async (args: readonly string[], stdin?: Uint8Array): Promise<ReportResult> => {
  const ended = await tagscope(['report', ...args, '--json'], stdin === undefined ? {} : { stdin });
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  return JSON.parse(ended.stdout);
};

/** The figures, without what says how the trace came. */
const figures = ({ totals, byClass, bySite, byHook, losses }: ReportResult): unknown => ({
  totals,
  byClass,
  bySite,
  byHook,
  losses,
});

describe('report of a perf.data', () => {
  test('is the same as that of the text which perf script prints for it', async () => {
    // The text does not tell its kernel, and a policy that follows it would be another one.
    const same = ['--kernel', '6.18', '--policy', 'before-series'];
    const [data, text] = await Promise.all([report([DATA, '--symbols', SYMBOLS, ...same]), report([TEXT, ...same])]);
    expect(data.totals.tagInstructions.best).toBeGreaterThan(100);
    expect(figures(data)).toEqual(figures(text));
    expect([data.source.format, text.source.format]).toEqual(['perf.data (zstd)', 'perf script text (zstd)']);
  });

  test('does not depend on whether it is a file, a pipe or compressed, or on where the kernel was loaded', async () => {
    const [packed, file, pipe] = await Promise.all([
      report([DATA, '--symbols', SYMBOLS]),
      report([at('perf.data'), '--symbols', at('System.map')]),
      report(['-', '--symbols', SYMBOLS], readFileSync(at('perf.data'))),
    ]);
    expect(figures(file)).toEqual(figures(packed));
    expect(figures(pipe)).toEqual(figures(packed));
  });

  test('without symbols says what is missing, and how to get it', async () => {
    const ended = await tagscope(['report', DATA, '--no-color']);
    expect(ended.code).toBe(0);
    expect(unwrapped(ended.stdout)).toMatch(/addresses of functions without a name: .* --symbols/);
  });
});

test('text of perf without allocations says which command of perf records them', async () => {
  const ended = await tagscope(['report', at('sched.script')]);
  expect(ended.code).toBe(3);
  expect(unwrapped(ended.stderr)).toContain('without allocations (it has sched_switch)');
  expect(unwrapped(ended.stderr)).toContain('perf record -a -g');
});
