import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAIN, ROOT, tagscope, unwrapped } from './command.testdata.ts';

const SMALL = 'cases/ftrace-text/arm64-stacks.trace';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagscope-outputs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('Ctrl-C while a file is written leaves no part of it, and ends the program as a signal does', async () => {
  const module = join(ROOT, 'dist/cli/output-file.js');
  const script = `
    const { claimOutput } = await import(${JSON.stringify(module)});
    const wait = new Promise((resolve) => setTimeout(resolve, 60_000));
    await claimOutput('-o x', ${JSON.stringify(at('interrupted'))}, false, []).fill(() => {
      console.log('writing');
      return wait;
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const signal = await new Promise((resolve) => {
    child.stdout.once('data', () => {
      expect(readdirSync(folder)).toEqual([expect.stringMatching(/^interrupted\.\d+\.partial$/)]);
      child.kill('SIGINT');
    });
    child.once('exit', (_, by) => resolve(by));
  });
  expect(signal).toBe('SIGINT');
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['report', SMALL],
  ['policies', 'series'],
])('%s: a standard output that is full is said to be so', (...words) => {
  const full = openSync('/dev/full', 'w');
  const ended = spawnSync(process.execPath, [MAIN, ...words], { cwd: ROOT, stdio: ['ignore', full, 'pipe'] });
  expect(unwrapped(ended.stderr.toString())).toMatch(/^tagscope: standard output: no space left on the device\./);
  expect(ended.status).toBe(2);
});

test.each([
  ['report -o', ['report', SMALL, '-o', '/nowhere/x.json']],
  ['convert', ['convert', SMALL, '/nowhere/x.arrow']],
  ['advise --write-policy', ['advise', SMALL, '--write-policy', '/nowhere/x.json']],
  ['calibrate --write-program', ['calibrate', '--write-program', '/nowhere/x.c']],
])('%s into a directory that is not there: the message is about the output and names it', async (_, words) => {
  const { code, stderr } = await tagscope(words);
  expect(unwrapped(stderr)).toMatch(
    /^tagscope: .*\/nowhere\/x\.\w+: its directory does not exist\. Make the directory/,
  );
  expect(stderr).not.toMatch(/standard input|tracefs|copy the trace/i);
  expect(code).toBe(2);
});

test('a trace that the shell also writes to is refused, as cat does', () => {
  copyFileSync(join(ROOT, SMALL), at('own.trace'));
  const before = readFileSync(at('own.trace'), 'utf8');
  const ended = spawnSync(process.execPath, [MAIN, 'report', at('own.trace')], {
    cwd: ROOT,
    stdio: ['ignore', openSync(at('own.trace'), 'a'), 'pipe'],
  });
  expect(unwrapped(ended.stderr.toString())).toContain('own.trace is read, and is the standard output too');
  expect(ended.status).toBe(2);
  expect(readFileSync(at('own.trace'), 'utf8')).toBe(before);
});

test('the command that is built can be run by its name, as `npm link` makes it', () => {
  expect(statSync(MAIN).mode & 0o111).toBe(0o111);
});

// The limit of a file's size stands for a full disk: the write that reaches it is cut short, and the next one fails.
test('a standard output that is a file and has no room for all of it is an error, and not cut short in silence', () => {
  const file = at('cut.html');
  const limited = `trap '' XFSZ; ulimit -f 8; exec "$0" "$@" > ${file}`;
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', limited, process.execPath, MAIN, 'report', 'cases/odd-traces/plain.txt', '--format', 'html'],
    { encoding: 'utf8', cwd: ROOT },
  );
  expect(unwrapped(stderr)).toContain('standard output: the file would be too large');
  expect(status).toBe(2);
});
