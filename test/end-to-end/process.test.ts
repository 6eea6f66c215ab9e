import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { BenchResult } from '../../src/result/bench.ts';
import { ROOT, RUN, spawned, tagscope } from './command.testdata.ts';

const SMALL = 'cases/ftrace-text/arm64-stacks.trace';

// One for each way to end and to read and write. The other tests run commands without a process of their own.
test.each<readonly [code: number, words: string]>([
  [0, `report ${SMALL}`],
  [0, `diff ${SMALL} --json`],
  [0, `info -`],
  [0, 'report --help'],
  [0, '--version'],
  [0, 'bench thread --threads 2 --iterations 1 -q --format csv'],
  [1, `check ${SMALL} --budget granules<=0`],
  [1, 'conform --seed 2'],
  [2, `report ${SMALL} --polcy series`],
  [2, ''],
  [3, 'report package.json'],
  [3, 'report no-such-file'],
])('a process ends with %i and prints what is tested without one: tagscope %s', async (code, words) => {
  const args = words.split(' ').filter((word) => word !== '');
  const around = { stdin: readFileSync(join(ROOT, SMALL)), env: { COLUMNS: '90', LC_ALL: 'C' } };
  const process = await spawned(args, around);
  expect(process.code).toBe(code);
  // What took how long differs from run to run.
  const withoutTimes = ({ stdout, ...rest }: typeof process) => ({
    ...rest,
    stdout: stdout.replace(/[\d.]+ m?s\b/g, 's'),
  });
  expect(withoutTimes(process)).toEqual(withoutTimes(await tagscope(args, around)));
});

test('Ctrl-C ends the runs of bench and prints what was done until then', async () => {
  // A terminal that presses Ctrl-C once it shows that iterations are done.
  const script = `
    import { PassThrough } from 'node:stream';
    const { run } = await import(${JSON.stringify(RUN)});
    const stderr = Object.assign(new PassThrough(), {
      isTTY: true, columns: 80, cursorTo() {}, clearLine() {}, moveCursor() {},
    });
    let pressed = false;
    stderr.on('data', (text) => {
      if (pressed || !/: [1-9]\\d* of \\d+ iterations/.test(String(text))) return;
      pressed = true;
      process.kill(process.pid, 'SIGINT');
    });
    const args = ['bench', 'pgtable', '--mem', '4', '--iterations', '1000000000', '--json'];
    process.exitCode = await run(args, { stdin: process.stdin, stdout: process.stdout, stderr, env: { TERM: 'xterm' } });`;
  const folder = mkdtempSync(join(tmpdir(), 'tagscope-process-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // A file, since the threads of bench would inherit --input-type.
  writeFileSync(join(folder, 'terminal.mjs'), script);
  const child = spawn(process.execPath, [join(folder, 'terminal.mjs')], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], TERM: 'xterm' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code).toBe(0);
  const { runs }: BenchResult = JSON.parse(stdout);
  expect(runs.map(({ ended }) => ended)).toEqual(['stopped by the user', 'stopped by the user']);
  // A run whose thread had not begun has none.
  expect(runs.reduce((sum, { iterations }) => sum + iterations, 0)).toBeGreaterThan(0);
});
