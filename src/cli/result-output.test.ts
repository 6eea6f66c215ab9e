import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOptions } from '../report/report-result.testdata.ts';
import type { OutputOptions, Writers } from '../report/writers.ts';
import { openOutput, resultSink } from './result-output.ts';
import type { Output } from './surroundings.ts';

const OPTIONS: OutputOptions = { text: textOptions(), weight: 'instructions' };

/** Results that are words, in a form of each kind. */
const WRITERS: Writers<string> = {
  text: { takes: 'each', write: (word) => `${word}\n` },
  json: { takes: 'all', write: (words) => JSON.stringify(words) },
  pprof: { takes: 'one', write: (word) => new TextEncoder().encode(word) },
};
const COMMAND = { options: [], formats: ['text', 'json', 'pprof'] as const };

function stream(isTTY: boolean): { readonly stdout: Output; readonly written: () => Buffer } {
  const chunks: Buffer[] = [];
  const writable = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk);
      done();
    },
  });
  return { stdout: Object.assign(writable, { isTTY }), written: () => Buffer.concat(chunks) };
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tagscope-output-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('text is written as it comes, with an empty line between results', async () => {
  const { stdout, written } = stream(true);
  const sink = resultSink(await openOutput(COMMAND, {}, { stdout }), WRITERS, OPTIONS, 2);
  await sink.add('one');
  expect(written().toString()).toBe('one\n');
  await sink.add('two');
  await sink.end();
  expect(written().toString()).toBe('one\n\ntwo\n');
});

test('bytes are not written to a terminal, but into a pipe', async () => {
  const terminal = stream(true);
  await expect(openOutput(COMMAND, { format: 'pprof' }, terminal)).rejects.toThrow('pprof is not for a terminal');
  const pipe = stream(false);
  const sink = resultSink(await openOutput(COMMAND, { format: 'pprof' }, pipe), WRITERS, OPTIONS);
  await sink.add('one');
  expect(pipe.written().length).toBe(0);
  await sink.end();
  expect(gunzipSync(pipe.written()).toString()).toBe('one');
});

test('a file is there when all is written, and not before', async () => {
  const path = join(folder, 'a.json.gz');
  const { stdout } = stream(false);
  const sink = resultSink(await openOutput(COMMAND, { output: path }, { stdout }), WRITERS, OPTIONS, 2);
  await sink.add('one');
  await sink.add('two');
  expect(readdirSync(folder)).toEqual([]);
  await sink.end();
  expect(gunzipSync(readFileSync(path)).toString()).toBe('["one","two"]');
});

test('a form for one result refuses more before any is made', async () => {
  const { stdout } = stream(false);
  const output = await openOutput(COMMAND, { format: 'pprof' }, { stdout });
  expect(() => resultSink(output, WRITERS, OPTIONS, 2)).toThrow('pprof is of one trace, and several are given');
});
