import { expect, test } from 'vitest';
import { timeOf, type Time } from '../cost/time.ts';
import type { ReportResult } from '../result/result.ts';
import { sampleReport } from './report-result.testdata.ts';
import { savedTimeSentence, takenTimeSentence } from './time-text.ts';

/** A report whose tags take so long by two profiles whose intervals do not meet. */
function timed(fast: Time, slow: Time, cpuSeconds?: number): ReportResult {
  const report = sampleReport();
  const share = (ns: number): number => ns / ((cpuSeconds ?? 1) * 1e9);
  return {
    ...report,
    cost: {
      ...report.cost,
      byProfile: [
        { profile: 'fitted', basis: 'fitted to a result', time: slow },
        { profile: 'issue', basis: 'no waits for memory', time: fast },
      ],
      cpuTime:
        cpuSeconds === undefined
          ? null
          : { nanoseconds: cpuSeconds * 1e9, basis: 'cpus-times-span', cpus: 2, seconds: cpuSeconds / 2 },
      shareOfCpuTime: cpuSeconds === undefined ? null : { low: share(fast.low), high: share(slow.high) },
    },
  };
}

test('a time spans the profiles that apply, each with what it rests on', () => {
  expect(takenTimeSentence(timed(timeOf([6000, 5000, 8000]), timeOf([364_000, 363_000, 422_000])))).toBe(
    ' Modelled, that takes 5.00 us (issue: no waits for memory) to 422 us (fitted: fitted to a result) of CPU time.',
  );
});

test('and is put beside the time that the CPUs of the trace had, with what is assumed', () => {
  // 5 us and 422 us of 10 ms: 0.05 % and 4.22 %.
  expect(takenTimeSentence(timed(timeOf([5000]), timeOf([422_000]), 0.01))).toContain(
    'of CPU time: 0.1 % to 4.2 % of what 2 CPUs had in 5.0 ms, busy or idle, if a machine with MTE is as fast.',
  );
});

test('of a trace that is shorter than its tags would take no share is given, and why is said', () => {
  const report = timed(timeOf([5000]), timeOf([422_000]), 0.000_4);
  const { cost } = report;
  expect(takenTimeSentence({ ...report, cost: { ...cost, shareOfCpuTime: null } })).toMatch(
    / of CPU time, which is more than 2 CPUs had in 200 us: too short a trace, or times too coarse, for a share\.$/,
  );
});

test('nothing is said of a time where the tags take none', () => {
  expect(takenTimeSentence(timed(timeOf([0]), timeOf([0]), 1))).toBe('');
});

test('what is saved is the difference by each reading of each profile', () => {
  const [before, after] = [timed(timeOf([10, 8]), timeOf([400, 300])), timed(timeOf([4, 4]), timeOf([300, 150]))];
  // 6 of 10 and 4 of 8 by the one; 100 of 400 and 150 of 300 by the other.
  expect(savedTimeSentence(before, after)).toBe(
    ' Modelled, that saves 4.00 ns (issue: no waits for memory) to 150 ns (fitted: fitted to a result) of CPU time, 25.0 % to 60.0 % of what tags take.',
  );
  expect(savedTimeSentence(after, before)).toContain(
    ' Modelled, that adds 4.00 ns (issue: no waits for memory) to 150 ns (fitted: fitted to a result) of CPU time, 33.3 % to 150.0 % of what tags take.',
  );
  expect(savedTimeSentence(before, before)).toBe('');
});
