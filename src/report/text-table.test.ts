import { expect, test } from 'vitest';
import { textOptions } from './report-result.testdata.ts';
import { textTable, type Column } from './text-table.ts';

interface Row {
  readonly name: string;
  readonly n: string;
}

const NAME: Column<Row> = { title: '\nname', align: 'left', cell: (row) => row.name, shrinkTo: 8 };
const figure = (title: string): Column<Row> => ({ title, align: 'right', cell: (row) => row.n });

test('figures are aligned to the right below a head of two lines', () => {
  const rows = [
    { name: 'a', n: '1' },
    { name: 'bcd', n: '1,000' },
  ];
  expect(textTable(rows, [[NAME, figure('count\nof it')]], textOptions())).toEqual([
    '        count',
    '  name  of it',
    '  a         1',
    '  bcd   1,000',
  ]);
});

test('the first layout that fits is used, and names are shortened before columns are left out', () => {
  const rows = [{ name: 'x'.repeat(40), n: '1' }];
  const wide = [NAME, figure('first '.repeat(3)), figure('second '.repeat(3))];
  const [head, row] = textTable(rows, [wide, [NAME]], textOptions({ width: 60 }));
  expect(head).toContain('second');
  expect(row).toContain('~');
  const wider = [...wide, figure('third '.repeat(3))];
  expect(textTable(rows, [wider, [NAME]], textOptions({ width: 60 })).join('\n')).not.toContain('third');
});
