import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diff } from '../src/result/diff.ts';
import type { ReportResult } from '../src/result/result.ts';
import { DIFF_WRITERS } from '../src/report/diff-writers.ts';
import { formatOf } from '../src/report/formats.ts';
import { readFirefox } from '../src/report/profiles/firefox.testdata.ts';
import { readPprof } from '../src/report/profiles/profile-proto.testdata.ts';
import { REPORT_WRITERS } from '../src/report/report-writers.ts';
import { textOptions } from '../src/report/report-result.testdata.ts';
import { MEASURES, type MeasureId } from '../src/report/stacks/measures.ts';
import type { ReportBy } from '../src/report/text-options.ts';
import type { OutputOptions, Writers, Written } from '../src/report/writers.ts';
import { randomTrace } from '../src/result/random-trace.testdata.ts';
import { traceFromText } from '../src/trace/trace-from-text.testdata.ts';
import { analyzed, analyzedTable, caseBytes } from './analyzed.testdata.ts';

const options = (by: ReportBy, weight: MeasureId = 'instructions'): OutputOptions => ({
  text: textOptions({ by }),
  weight,
});

/** What a form's writer gives for one result. */
function written<Result>(
  writers: Writers<Result>,
  format: keyof Writers<Result>,
  result: Result,
  how: OutputOptions,
): Written {
  const writer = writers[format];
  if (writer === undefined) throw new Error(`no writer for ${formatOf(format).name}`);
  return writer.takes === 'all' ? writer.write([result], how) : writer.write(result, how);
}

const text = (content: Written): string => (typeof content === 'string' ? content : new TextDecoder().decode(content));
const bytes = (content: Written): Uint8Array =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The totals of a result, by measure: what every file must add up to. A time is rounded to whole nanoseconds. */
const totals = (result: ReportResult): Readonly<Record<string, number>> =>
  Object.fromEntries(MEASURES.map(({ id, of }) => [id, Math.round(of(result.totals))]));

/** The sums of what a file says, by measure; a measure that is all zero may be left out. */
const READERS: Readonly<Record<string, (result: ReportResult, by: ReportBy) => Readonly<Record<string, number>>>> = {
  collapsed: (result, by) =>
    Object.fromEntries(
      MEASURES.map(({ id }) => [
        id,
        sum(
          text(written(REPORT_WRITERS, 'collapsed', result, options(by, id)))
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1))),
        ),
      ]),
    ),
  speedscope: (result, by) => {
    const file: { profiles: { name: string; weights: number[]; endValue: number }[] } = JSON.parse(
      text(written(REPORT_WRITERS, 'speedscope', result, options(by))),
    );
    return byName(file.profiles.map(({ name, weights }) => [name.slice(name.indexOf(': ') + 2), sum(weights)]));
  },
  firefox: (result, by) => {
    const profile = JSON.parse(text(written(REPORT_WRITERS, 'firefox', result, options(by))));
    return byName(
      readFirefox(profile).map(({ name, samples }) => {
        const total = sum(samples.map(({ weight }) => weight));
        // Times are in milliseconds there.
        return [name, name.startsWith('nanoseconds') ? Math.round(total * 1e6) : total];
      }),
    );
  },
  pprof: (result, by) => {
    const { samples } = readPprof(bytes(written(REPORT_WRITERS, 'pprof', result, options(by))));
    return Object.fromEntries(MEASURES.map(({ id }, at) => [id, sum(samples.map(({ values }) => values[at]))]));
  },
};

const byName = (named: readonly (readonly [name: string, total: number])[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    named.map(([name, total]) => [MEASURES.find((measure) => measure.name === name)?.id ?? name, total]),
  );

function addsUp(result: ReportResult, by: ReportBy): void {
  for (const [format, read] of Object.entries(READERS)) {
    const found = read(result, by);
    const all = Object.fromEntries(MEASURES.map(({ id }) => [id, found[id] ?? 0]));
    expect(all, `${format} by ${by}`).toEqual(totals(result));
  }
}

const traces = fc
  .record({
    hwTags: fc.boolean(),
    plainPointers: fc.boolean(),
    steps: fc.array(fc.record({ what: fc.nat(11), seed: fc.nat(1 << 20) }), { minLength: 1, maxLength: 60 }),
  })
  .map((made) => randomTrace(made.steps, made));

const CASES = [
  'pgtable/trace.zst',
  'ftrace-text/arm64-stacks.trace',
  'ftrace-text/x86-stacks.trace',
  'ftrace-text/x86-no-stacks.trace',
  'ftrace-text/arm64-hashed-pointers.trace',
];

describe('every profile adds up to the totals of the ledger', () => {
  test.each(CASES)('%s', (path) => {
    const data = caseBytes(path);
    const result = analyzed(data, { groupBy: 'stack' });
    expect(result.totals.allocations).toBeGreaterThan(0);
    for (const by of ['stack', 'site', 'class'] as const) addsUp(result, by);
    addsUp(analyzed(data, { groupBy: 'comm' }), 'comm');
  });

  test('of any trace', () => {
    fc.assert(
      fc.property(traces, (trace) => addsUp(analyzedTable(traceFromText(trace), { groupBy: 'stack' }), 'stack')),
      { numRuns: 30 },
    );
  });
});

test('a difference in collapsed stacks has the totals of both sides', () => {
  const data = caseBytes('pgtable/trace.zst');
  const [from, to] = ['before-series', 'series'].map((policy) => analyzed(data, { policy, groupBy: 'stack' }));
  const lines = text(written(DIFF_WRITERS, 'collapsed', diff(from, to), options('stack')))
    .trim()
    .split('\n')
    .map((line) => line.split(' ').slice(-2).map(Number));
  expect([0, 1].map((side) => sum(lines.map((line) => line[side])))).toEqual([
    totals(from).instructions,
    totals(to).instructions,
  ]);
});
