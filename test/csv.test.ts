import { describe, expect, test } from 'vitest';
import { INSTRUCTION_KINDS, tagSetting } from '../src/mte/instruction.ts';
import { benchCsv } from '../src/report/csv/bench-csv.ts';
import { readCsv } from '../src/report/csv/csv.testdata.ts';
import { diffCsv } from '../src/report/csv/diff-csv.ts';
import { reportCsv } from '../src/report/csv/report-csv.ts';
import { sampleBench } from '../src/report/report-result.testdata.ts';
import { diff } from '../src/result/diff.ts';
import type { ReportResult, Work } from '../src/result/result.ts';
import { analyzed, caseBytes } from './analyzed.testdata.ts';

type Rows = readonly Readonly<Record<string, string>>[];

/** The rows of a table by their headings. */
function rowsOf(csv: string): Rows {
  const [head, ...rows] = readCsv(csv);
  return rows.map((row) => Object.fromEntries(head.map((title, index) => [title, row[index]])));
}

const sum = (rows: Rows, title: string): number => rows.reduce((total, row) => total + Number(row[title]), 0);

/** Every figure of a table of work, added up, and what it must be. */
function expectTotals(rows: Rows, totals: Work): void {
  const expected: Record<string, number> = {
    allocations: totals.allocations,
    frees: totals.frees,
    allocated_bytes: totals.bytes,
    granules_at_alloc: totals.granules.alloc,
    granules_at_free: totals.granules.free,
    tag_setting_instructions: tagSetting(totals.instructions),
    ...Object.fromEntries(
      INSTRUCTION_KINDS.map((kind) => [
        `${kind.replace(/^dc/, 'dc_').toLowerCase()}_instructions`,
        totals.instructions[kind],
      ]),
    ),
  };
  expect(Object.fromEntries(Object.keys(expected).map((title) => [title, sum(rows, title)]))).toEqual(expected);
}

const TRACE = caseBytes('pgtable/trace.zst');
const NO_STACKS = caseBytes('ftrace-text/x86-no-stacks.trace');

describe('the rows of a report add up to its totals', () => {
  test.each([
    ['class', 'stack'],
    ['site', 'stack'],
    ['stack', 'stack'],
    ['comm', 'comm'],
  ] as const)('by %s', (by, groupBy) => {
    for (const trace of [TRACE, NO_STACKS]) {
      const result = analyzed(trace, { groupBy });
      expectTotals(rowsOf(reportCsv([result], by)), result.totals);
    }
  });

  test('of several traces in one table, each by its own name', () => {
    const named = (file: string, data: Uint8Array): ReportResult => {
      const result = analyzed(data);
      return { ...result, source: { ...result.source, files: [file] } };
    };
    const results = [named('a', TRACE), named('b', NO_STACKS)];
    const rows = rowsOf(reportCsv(results, 'class'));
    for (const result of results)
      expectTotals(
        rows.filter(({ trace }) => trace === result.source.files[0]),
        result.totals,
      );
  });
});

test('a difference has the totals of both sides, and what is saved', () => {
  const [from, to] = ['before-series', 'series'].map((policy) => analyzed(TRACE, { policy }));
  for (const by of ['class', 'site'] as const) {
    const rows = rowsOf(diffCsv(diff(from, to), by));
    const [before, after] = [from, to].map(({ totals }) => totals.tagInstructions.best);
    expect(sum(rows, 'tag_setting_instructions_from')).toBe(before);
    expect(sum(rows, 'tag_setting_instructions_to')).toBe(after);
    expect(sum(rows, 'tag_setting_instructions_saved')).toBe(before - after);
    expect(sum(rows, 'granules_at_free_to')).toBe(to.totals.granules.free);
  }
});

test('each run of a benchmark adds up to its totals', () => {
  const result = sampleBench();
  const rows = rowsOf(benchCsv(result));
  for (const run of result.runs)
    expectTotals(
      rows.filter(({ policy }) => policy === run.policy.name),
      run.totals,
    );
});

test('a row says what it does not cover, and how to get it again', () => {
  const result = analyzed(TRACE);
  const [row] = rowsOf(
    reportCsv([{ ...result, provenance: { ...result.provenance, command: 'tagscope report a,b' } }], 'site'),
  );
  expect(row).toMatchObject({
    trace_unmatched_frees: '35',
    trace_dropped_events: '0',
    command_line: 'tagscope report a,b',
  });
});
