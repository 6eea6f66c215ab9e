import { expect, test } from 'vitest';
import { FORMATS, formatOfFile } from './formats.ts';

test.each([
  ['report.txt', 'text', false],
  ['report.md', 'markdown', false],
  ['/tmp/some.dir/Report.HTML', 'html', false],
  ['a.json', 'json', false],
  ['a.speedscope.json', 'speedscope', false],
  ['a.profile.json.gz', 'firefox', true],
  ['a.firefox.json', 'firefox', false],
  ['a.pb.gz', 'pprof', true],
  ['a.csv.gz', 'csv', true],
  ['a.folded', 'collapsed', false],
  ['a.collapsed', 'collapsed', false],
  ['a.svg', 'svg', false],
] as const)('%s is %s', (path, format, gzip) => {
  expect(formatOfFile(path)).toEqual({ format, gzip });
});

test('a name without an ending is text: a device, a FIFO, a plain word, a hidden file', () => {
  for (const path of ['report', '/dev/stdout', '/dev/fd/63', 'x.y/report', '.report'])
    expect(formatOfFile(path).format).toBe('text');
});

test('an ending that is not known says nothing', () => {
  for (const path of ['a.xlsx', 'a.htlm', 'a.json.bak']) expect(formatOfFile(path).format).toBeUndefined();
});

test('no two forms have a name or an ending in common', () => {
  const names = FORMATS.map(({ name }) => name);
  const endings = FORMATS.flatMap((format) => [...format.endings]);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(endings).size).toBe(endings.length);
});
