import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, tagscope, unwrapped } from './command.testdata.ts';

/** Enough for two threads. */
const BYTES = 34e6;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagscope-threads-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A large file: a recording again and again, and something at the end. */
function repeated(name: string, source: string, end = ''): string {
  const path = join(folder, name);
  const data = readFileSync(join(ROOT, source));
  const file = openSync(path, 'w');
  for (let size = 0; size < BYTES; size += data.length) writeSync(file, data);
  writeSync(file, end);
  closeSync(file);
  return path;
}

describe.each([
  ['ftrace text', 'cases/ftrace-text/arm64-stacks.trace'],
  ['perf script text', 'cases/perf-script/x86-callchains.script'],
])('a large file of %s', (_, source) => {
  let path = '';
  beforeAll(() => (path = repeated('large', source, '\n\nnot a line of a trace\n')));

  test('gives the same report, to the last byte, with one thread and with two', async () => {
    const [one, two] = [
      await tagscope(['report', path, '--json', '--jobs', '1']),
      await tagscope(['report', path, '--json', '--jobs', '2']),
    ];
    expect([one.code, one.stderr]).toEqual([0, '']);
    expect(JSON.parse(one.stdout).losses.truncatedLines).toBeGreaterThan(0);
    expect(two).toEqual(one);
  });

  test('gives the same error with --strict, with the place in the whole file', async () => {
    const one = await tagscope(['report', path, '--strict', '--jobs', '1']);
    const two = await tagscope(['report', path, '--strict', '--jobs', '2']);
    expect(one.code).toBe(3);
    expect(unwrapped(two.stderr)).toMatch(/line \d+, byte \d+: found /);
    expect(two).toEqual(one);
  });
});

test('--jobs is a number of threads', async () => {
  const { code, stderr } = await tagscope(['report', 'cases/ftrace-text/arm64-stacks.trace', '--jobs', '0']);
  expect(code).toBe(2);
  expect(unwrapped(stderr)).toBe('tagscope: --jobs 0: out of range. Give a whole number from 1 to 64.');
});
