import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandRequest } from '../../src/commands/run-command.ts';
import type { Say } from '../../web/worker/messages.ts';
import { ROOT, tagscope } from '../end-to-end/command.testdata.ts';
import { launch } from './browser.testdata.ts';

const BUILT = join(ROOT, 'dist/web');
const CASES = join(ROOT, 'cases');

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

/** All traces in cases/, by the paths that the command line is given. */
const TRACES = filesIn(CASES)
  .filter((path) => !/\.(?:md|json|json\.gz|mbox|tsv|kallsyms)$|kasan-reports|calibration|kunit/.test(path))
  .map((path) => relative(ROOT, path))
  .toSorted();

let server: Server;
let browser: Browser;
let page: Page;
/** Requests that left the server. */
const strayRequests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = path.startsWith('/cases/') ? join(ROOT, path) : join(BUILT, path);
    if (path !== '/' && !existsSync(file)) response.writeHead(404).end();
    else if (path === '/') response.setHeader('content-type', 'text/html').end('<!doctype html><title>jobs</title>');
    else {
      response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : 'application/octet-stream');
      response.end(readFileSync(file));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  browser = await launch();
  page = await browser.newPage();
  page.on('request', (request) => {
    if (!request.url().startsWith(`http://127.0.0.1:${port}/`)) strayRequests.push(request.url());
  });
  await page.goto(`http://127.0.0.1:${port}/`);
  // As text: the types here are those of Node.
  await page.evaluate(`window.worker = new Worker('/worker.js', { type: 'module' })`);
});

afterAll(async () => {
  await browser.close();
  server.close();
});

/** What the worker says in the end of a command on files of this repository. */
function inWorker(request: CommandRequest, paths: readonly string[]): Promise<Say> {
  const asked = JSON.stringify({ ask: 'run', id: 1, request });
  return page.evaluate(`(async () => {
    const names = ${JSON.stringify(paths)};
    const files = await Promise.all(names.map(async (name) => ({ name, blob: await (await fetch('/' + name)).blob() })));
    return new Promise((resolve, reject) => {
      window.worker.onerror = (event) => reject(new Error(event.message));
      window.worker.onmessage = ({ data }) => data.say !== 'progress' && resolve(data);
      window.worker.postMessage({ ...${asked}, files });
    });
  })()`);
}

/** The text of a result, but for what is of the one run: its command line and how long it took. */
const timeless = (json: string): string =>
  json.replace(/"command": ".*"/g, '"command": ""').replace(/"wallSeconds": [\d.e-]+/g, '"wallSeconds": 0');

const asPrinted = (result: object): string => timeless(`${JSON.stringify(result, null, 2)}\n`);

async function expectSame(request: CommandRequest, words: readonly string[], paths: readonly string[] = []) {
  const here = await tagscope([...words, '--json']);
  const there = await inWorker(request, paths);
  if (here.stdout === '') {
    // What one refuses the other refuses, for the same reason.
    expect(there).toMatchObject({ say: 'error', isFault: false });
    const message = there.say === 'error' ? there.message : '';
    expect(here.stderr.replace(/\s+/g, ' ').trim()).toContain(message.split('; expected')[0].replace(/\s+/g, ' '));
    return;
  }
  expect(there).toMatchObject({ say: 'results' });
  const results = there.say === 'results' ? there.results : [];
  expect(results.map(asPrinted).join('')).toBe(timeless(here.stdout));
}

describe('all jobs in a worker of the browser', () => {
  test('take less than 250 KiB, compressed, with all readers', () => {
    const sizes = filesIn(BUILT)
      .filter((path) => path.endsWith('.js'))
      .map((path) => brotliCompressSync(readFileSync(path)).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(250 * 1024);
  });

  test.each(TRACES)('info and report of %s are those of the command line', async (path) => {
    await expectSame({ command: 'info', path, raw: {} }, ['info', path], [path]);
    await expectSame({ command: 'report', paths: [path], raw: {} }, ['report', path], [path]);
  });

  test.each(TRACES.filter((_, index) => index % 8 === 0))('diff and compare of %s', async (path) => {
    await expectSame({ command: 'diff', paths: [path], raw: {} }, ['diff', path], [path]);
    const trials = '2';
    await expectSame({ command: 'compare', path, raw: { trials } }, ['compare', path, '--trials', trials], [path]);
  });

  test('audit, conform and bench, which have no trace', async () => {
    const trials = '20';
    await expectSame({ command: 'audit', raw: { trials } }, ['audit', '--trials', trials]);
    await expectSame({ command: 'conform', raw: {} }, ['conform']);
    await expectSame({ command: 'bench', workload: 'thread', raw: { threads: '8', iterations: '5' } }, [
      'bench',
      'thread',
      '--threads',
      '8',
      '--iterations',
      '5',
    ]);
  });

  test('wrong words are refused in words', async () => {
    const path = 'cases/pgtable/trace.zst';
    await expectSame(
      { command: 'report', paths: [path], raw: { policy: 'serie' } },
      ['report', path, '--policy', 'serie'],
      [path],
    );
    await expectSame({ command: 'audit', raw: { class: 'page-tabel' } }, ['audit', '--class', 'page-tabel']);
  });

  test('nothing is asked of another host', () => {
    expect(strayRequests).toEqual([]);
  });
});
