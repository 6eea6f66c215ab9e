import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AUDIT_WRITERS } from '../src/report/audit-writers.ts';
import { BENCH_WRITERS } from '../src/report/bench-writers.ts';
import { COMPARE_WRITERS } from '../src/report/compare-writers.ts';
import { DIFF_WRITERS } from '../src/report/diff-writers.ts';
import { FORMATS } from '../src/report/formats.ts';
import { REPORT_WRITERS } from '../src/report/report-writers.ts';

test('the table of docs/outputs.md is that of the program', () => {
  const page = readFileSync(new URL('../docs/outputs.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+?) \|(.+)\|$/gm)].map(([, name, endings, marks]) => ({
    name,
    endings: [...endings.matchAll(/`(\.[\w.]+)`/g)].map(([, ending]) => ending),
    marks: marks
      .split('|')
      .slice(0, 5)
      .map((mark) => mark.trim() === 'x'),
  }));
  expect(rows).toEqual(
    FORMATS.map(({ name, endings }) => ({
      name,
      endings: [...endings],
      marks: [REPORT_WRITERS, DIFF_WRITERS, BENCH_WRITERS, AUDIT_WRITERS, COMPARE_WRITERS].map(
        (writers) => name in writers,
      ),
    })),
  );
});
