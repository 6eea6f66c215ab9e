import { describe, expect, test } from 'vitest';
import { analyzed, caseBytes } from './analyzed.testdata.ts';

describe.each([
  'ftrace-text/arm64-stacks.trace',
  'ftrace-text/arm64-two-cpus.trace',
  'ftrace-text/x86-trace-cmd.report',
])('%s: how the input is cut does not show in the result', (path) => {
  const data = caseBytes(path);
  const whole = JSON.stringify(analyzed(data));

  test('there is a result', () => {
    expect(analyzed(data).totals.allocations).toBeGreaterThan(0);
  });

  test.each([100, 7, 1])('in chunks of %i bytes', (chunk) => {
    expect(JSON.stringify(analyzed(data, { chunk }))).toBe(whole);
  });
});
