import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPprof } from '../../src/report/profiles/profile-proto.testdata.ts';
import { tagscope, unwrapped } from './command.testdata.ts';

const SMALL = 'cases/ftrace-text/arm64-stacks.trace';
const OTHER = 'cases/ftrace-text/x86-no-stacks.trace';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagscope-formats-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('--format json is --json, for every command', async () => {
  const commands = [
    ['report', SMALL],
    ['diff', SMALL],
    ['info', SMALL],
    ['conform'],
    ['audit', '--policy', 'series', '--trials', '20', '--class', 'page-table', '-q'],
  ];
  for (const words of commands) {
    const [short, long] = await Promise.all([tagscope([...words, '--json']), tagscope([...words, '--format', 'json'])]);
    expect(long, words[0]).toEqual(short);
    expect(JSON.parse(long.stdout).schema).toMatch(/^tagscope\./);
  }
});

test('the ending of -o chooses; .gz compresses', async () => {
  const csv = await tagscope(['report', SMALL, '--format', 'csv']);
  expect(await tagscope(['report', SMALL, '-o', at('a.csv.gz')])).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(gunzipSync(readFileSync(at('a.csv.gz'))).toString()).toBe(csv.stdout);
  expect(csv.stdout).toMatch(/^trace,policy,class,call_site,allocations,/);
});

test('a profile of pprof is a gzip file that says how it was made', async () => {
  expect((await tagscope(['report', SMALL, '-o', at('a.pb.gz')])).code).toBe(0);
  const { comments, samples } = readPprof(gunzipSync(readFileSync(at('a.pb.gz'))));
  expect(comments).toContain(`command: tagscope report ${SMALL}`);
  expect(samples.some(({ frames }) => frames.length > 3)).toBe(true);
});

test('--weight says what collapsed stacks weigh', async () => {
  const sumOf = async (...words: string[]): Promise<number> => {
    const { stdout } = await tagscope(['report', SMALL, '--format', 'collapsed', ...words]);
    return stdout
      .trim()
      .split('\n')
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  };
  const { totals } = JSON.parse((await tagscope(['report', SMALL, '--json'])).stdout);
  expect(await sumOf()).toBe(totals.tagInstructions.best);
  expect(await sumOf('--weight', 'granules-free')).toBe(totals.granules.free);
  expect(await sumOf('--weight', 'bytes', '--by', 'site')).toBe(totals.bytes);
});

describe('what cannot be written is refused before a trace is read', () => {
  test.each([
    [['report', 'no-such-trace', '-o', 'x.xlsx'], '-o x.xlsx', '.speedscope.json'],
    [['info', 'no-such-trace', '-o', 'x.svg'], 'does not write svg', 'text, json'],
    [['report', 'no-such-trace', '--format', 'xml'], '--format xml', 'speedscope'],
    [['report', SMALL, OTHER, '--format', 'collapsed'], 'several are given', '--merge'],
    [['report', SMALL, '--weight', 'seconds'], '--weight seconds: unknown', 'granules-alloc'],
    [['diff', SMALL, '--by', 'stack'], '--by stack', 'flame graph'],
  ])('%j', async (words, found, advice) => {
    const { code, stdout, stderr } = await tagscope(words);
    expect([code, stdout]).toEqual([2, '']);
    expect(unwrapped(stderr)).toContain(found);
    expect(unwrapped(stderr)).toContain(advice);
  });

  test('a file that exists is left as it is', async () => {
    writeFileSync(at('kept.csv'), 'mine');
    const refused = await tagscope(['report', SMALL, '-o', at('kept.csv')]);
    expect([refused.code, readFileSync(at('kept.csv'), 'utf8')]).toEqual([2, 'mine']);
    expect((await tagscope(['report', SMALL, '-o', at('kept.csv'), '--force'])).code).toBe(0);
  });

  test('a folder that is not there', async () => {
    const refused = await tagscope(['report', SMALL, '-o', at('missing/a.csv')]);
    expect([refused.code, unwrapped(refused.stderr)]).toEqual([
      2,
      expect.stringContaining('its directory does not exist'),
    ]);
  });
});
