import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diff } from '../src/result/diff.ts';
import type { ReportResult } from '../src/result/result.ts';
import { benchMarkdown } from '../src/report/markdown/bench-markdown.ts';
import { diffMarkdown } from '../src/report/markdown/diff-markdown.ts';
import { reportMarkdown } from '../src/report/markdown/report-markdown.ts';
import { sampleBench, sampleDiff, sampleReport, textOptions } from '../src/report/report-result.testdata.ts';
import { analyzed, caseBytes } from './analyzed.testdata.ts';

/** For a mail to a kernel list: ASCII, and room for being quoted within 80 columns. */
function isFitForAMail(markdown: string): void {
  expect(markdown).toMatch(/^[\x20-\x7e\n]*$/);
  for (const line of markdown.split('\n')) {
    expect(line.length, line).toBeLessThanOrEqual(72);
    expect(line, 'no blanks at the end').toBe(line.trimEnd());
  }
}

const TRACES = [
  'pgtable/trace.zst',
  ...readdirSync(new URL('../cases/ftrace-text', import.meta.url))
    .filter((name) => name.endsWith('.trace'))
    .map((name) => `ftrace-text/${name}`),
];

describe.each(TRACES)('%s', (path) => {
  const data = caseBytes(path);
  const [from, to] = ['before-series', 'series'].map((policy) => analyzed(data, { policy, groupBy: 'stack' }));

  test.each(['class', 'site', 'stack'] as const)('a report by %s', (by) => {
    isFitForAMail(reportMarkdown(from, textOptions({ by, top: 0 })));
  });

  test('a difference', () => {
    isFitForAMail(diffMarkdown(diff(from, to), textOptions({ top: 0 })));
  });
});

test.each([1, 2] as const)('a benchmark of %i', (policies) => {
  isFitForAMail(benchMarkdown(sampleBench(policies), textOptions({ top: 0 })));
});

test('whatever strangers call things', () => {
  const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constant('x'.repeat(10_000)));
  fc.assert(
    fc.property(name, name, (site, file) => {
      const sample = sampleReport();
      const odd: ReportResult = {
        ...sample,
        bySite: sample.bySite.map((row, index) => (index === 0 ? { ...row, site } : row)),
        source: { ...sample.source, files: [file] },
        policy: { name: site, description: file, source: site },
        warnings: [file],
        provenance: { ...sample.provenance, command: `tagscope report '${file.replaceAll("'", `'\\''`)}'` },
      };
      isFitForAMail(reportMarkdown(odd, textOptions()));
      isFitForAMail(diffMarkdown(diff(odd, sample), textOptions()));
    }),
    { numRuns: 50 },
  );
});

test('a cover letter finds the answer, both totals and the command in it', () => {
  const markdown = diffMarkdown(sampleDiff(), textOptions());
  // 400 page tables of 67 instructions at either end; 742 pages tagged at allocation and 740 at free in all.
  expect(markdown).toContain('53,600');
  expect(markdown).toMatch(/\| total +\| 99,294 \| 45,694 \| 53,600 \| +54\.0 % \|/);
  expect(markdown).toMatch(/\n {4}tagscope report pgtable\.trace\n$/);
});
