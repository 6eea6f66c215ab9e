import { expect, test } from 'vitest';
import { diff } from '../result/diff.ts';
import { benchHeadline, renderBench } from './bench-text.ts';
import { benchHtml } from './html/bench-html.ts';
import { benchMarkdown } from './markdown/bench-markdown.ts';
import { benchSvg } from './svg/bench-svg.ts';
import { benchFinding, diffFinding, reportFinding } from './findings.ts';
import { reportOf, sampleBench, sampleDiff, sampleReport, textOptions } from './report-result.testdata.ts';

test('the title of a report says which class takes the most', () => {
  expect(reportFinding(sampleReport())).toMatch(/^[a-z-]+ takes [\d.]+ % of the tag work under before-series$/);
  expect(reportFinding(reportOf([]))).toBe('Nothing is tagged under before-series');
});

test('the title of a difference says how much is saved, added, or that nothing is', () => {
  const { from, to } = sampleDiff();
  expect(diffFinding(diff(from, to))).toMatch(
    /^series saves [\d.]+ % of the tag-setting instructions of before-series$/,
  );
  expect(diffFinding(diff(to, from))).toMatch(
    /^before-series adds [\d.]+ % of the tag-setting instructions of series$/,
  );
  expect(diffFinding(diff(from, from))).toContain('as many tag-setting instructions as');
});

test('the title of a benchmark names the workload too', () => {
  expect(benchFinding(sampleBench())).toMatch(/^series saves [\d.]+ % .* on pgtable$/);
  expect(benchFinding(sampleBench(1))).toMatch(/ takes [\d.]+ % .* on pgtable$/);
});

test('two runs that did not come equally far are not set off against each other in any form', () => {
  const sample = sampleBench();
  const [from, to] = sample.runs;
  if (to === undefined) throw new Error('two policies');
  const stopped = {
    ...sample,
    runs: [
      { ...from, iterations: 18, ended: 'stopped by the user' },
      { ...to, iterations: 43, ended: 'stopped by the user' },
    ],
  };
  expect(benchFinding(stopped)).toBe('Stopped after 18 and 43 iterations of pgtable');
  expect(benchHeadline(stopped)).toMatch(
    /an iteration \(18 of them\), series tags .* \(43 of them\): .* are not compared\.$/,
  );
  const text = textOptions();
  const output = { text, weight: 'instructions' } as const;
  for (const form of [
    renderBench(stopped, text),
    benchMarkdown(stopped, text),
    benchHtml(stopped, output),
    benchSvg(stopped, output),
  ])
    expect(form).not.toMatch(/series\s+(saves|adds)|share\s+saved|of before/);
});
