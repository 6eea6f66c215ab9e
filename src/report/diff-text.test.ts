import { describe, expect, test } from 'vitest';
import { diff } from '../result/diff.ts';
import { renderDiff } from './diff-text.ts';
import { sampleDiff, sampleReport, textOptions } from './report-result.testdata.ts';

describe.each([60, 80, 120])('at a width of %i', (width) => {
  const text = renderDiff(sampleDiff(), textOptions({ width }));

  test('no line is longer', () => {
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  test('the saving, what it is of, and what remains come first', () => {
    expect(text.replace(/\s+/g, ' ')).toMatch(
      /^series saves 204,800 granules \(54\.0 %\) and 53,600 tag-setting instructions \(54\.0 %\) of before-series; what remains is mmu-gather 99\.7 %, driver\/other 0\.3 %\./,
    );
  });

  test('granules and instructions have columns of their own', () => {
    expect(text).toMatch(/page-table .*204,800 .*53,600 /);
  });
});

test('both policies are described once, and losses once for the one trace', () => {
  const text = renderDiff(sampleDiff(), textOptions());
  expect(text).toMatch(/^From {5}before-series\./m);
  expect(text).toMatch(/^To {7}series\./m);
  expect(text.match(/^Losses/gm)).toHaveLength(1);
});

test('more work is not called a saving', () => {
  const { from, to } = sampleDiff();
  expect(renderDiff(diff(to, from), textOptions()).replace(/\s+/g, ' ')).toMatch(
    /^before-series adds 204,800 granules \(117\.3 %\) and 53,600 tag-setting instructions \(117\.3 %\) to series;/,
  );
});

test('two traces under one policy are named by their files', () => {
  const other = sampleReport({ source: { ...sampleReport().source, files: ['after.trace'] } });
  const text = renderDiff(diff(sampleReport(), other), textOptions());
  expect(text).toMatch(/^after\.trace and pgtable\.trace do the same amount of tag work\./);
  expect(text.match(/^Losses/gm)).toHaveLength(2);
});
