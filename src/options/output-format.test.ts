import { describe, expect, test } from 'vitest';
import { FORMATS } from '../report/formats.ts';
import { outputFormat } from './output-format.ts';

const ALL = FORMATS.map(({ name }) => name);

test('the ending of the file says what is written, and text is what nothing asks for', () => {
  expect(outputFormat({}, ALL)).toEqual({ name: 'text', gzip: false });
  expect(outputFormat({ output: '-' }, ALL)).toEqual({ name: 'text', gzip: false });
  expect(outputFormat({ output: 'a.html' }, ALL)).toEqual({ name: 'html', gzip: false });
  expect(outputFormat({ output: 'a.csv.gz' }, ALL)).toEqual({ name: 'csv', gzip: true });
});

test('--format and --json count for more than the ending', () => {
  expect(outputFormat({ format: 'CSV', output: 'a.html' }, ALL).name).toBe('csv');
  expect(outputFormat({ json: true, output: 'a.html' }, ALL).name).toBe('json');
  expect(outputFormat({ json: true, format: 'json' }, ALL).name).toBe('json');
  expect(outputFormat({ format: 'text', output: 'a.xlsx' }, ALL).name).toBe('text');
});

test('the endings of a format are names of it', () => {
  for (const { name, endings } of FORMATS)
    for (const ending of endings)
      expect([ending, outputFormat({ format: ending.slice(1) }, ALL).name]).toEqual([ending, name]);
  expect(outputFormat({ format: 'folded' }, ALL).name).toBe('collapsed');
  expect(outputFormat({ format: 'MD' }, ALL).name).toBe('markdown');
});

test('a profile of pprof is compressed whatever its name (proto/profile.proto)', () => {
  expect(outputFormat({ format: 'pprof' }, ALL).gzip).toBe(true);
  expect(outputFormat({ output: 'a.pb' }, ALL).gzip).toBe(true);
});

describe('refuses, and says what there is', () => {
  test.each([
    [{ output: 'a.xlsx' }, 'a.xlsx', '.html'],
    [{ output: 'a.svg' }, 'does not write svg', 'text, json'],
    [{ format: 'svg' }, '--format svg', 'text, json'],
    [{ format: 'yaml' }, '--format yaml: unknown', 'one of text, json.'],
    [{ format: 'text', json: true }, '--json with --format text', 'one of them'],
  ] as const)('%j', (raw, found, advice) => {
    const offered = 'output' in raw && raw.output === 'a.xlsx' ? ALL : (['text', 'json'] as const);
    const refuse = () => outputFormat(raw, offered);
    expect(refuse).toThrow(found);
    expect(refuse).toThrow(expect.objectContaining({ advice: expect.stringContaining(advice) }));
  });
});
