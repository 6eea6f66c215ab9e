import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvTable } from './csv.ts';
import { readCsv } from './csv.testdata.ts';

const oneColumn = (field: string | number): string => csvTable([{ title: 'x', field: () => field }], [undefined]);

test('headings, then rows, each ended by CRLF (RFC 4180, section 2)', () => {
  const columns = [
    { title: 'name', field: ({ name }: { name: string }) => name },
    { title: 'count', field: () => 7 },
  ];
  expect(csvTable(columns, [{ name: 'a' }, { name: 'b, "c"' }])).toBe('name,count\r\na,7\r\n"b, ""c""",7\r\n');
});

test('without rows there are headings', () => {
  expect(csvTable([{ title: 'x', field: () => 1 }], [])).toBe('x\r\n');
});

describe('what a spreadsheet would calculate is text (OWASP, CSV Injection)', () => {
  test.each(['=cmd()', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '＝1'])('%j', (name) => {
    expect(readCsv(oneColumn(name))[1][0]).toBe(`'${name}`);
  });

  test('a figure is not, whatever its sign', () => {
    expect(oneColumn(-5)).toBe('x\r\n-5\r\n');
  });
});

test('any names come back as they were, but for the apostrophe', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))), (rows) => {
      const columns = [0, 1].map((index) => ({
        title: String(index),
        field: (row: readonly [string, string]) => row[index],
      }));
      const back = readCsv(csvTable(columns, rows)).slice(1);
      expect(back).toHaveLength(rows.length);
      rows.forEach((row, line) => row.forEach((name, at) => expect([name, `'${name}`]).toContain(back[line][at])));
    }),
  );
});
