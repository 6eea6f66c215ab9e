import { expect, test } from 'vitest';
import { diff } from '../result/diff.ts';
import { benchFinding, diffFinding, reportFinding } from './findings.ts';
import { reportOf, sampleBench, sampleDiff, sampleReport } from './report-result.testdata.ts';

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
