import { expect, test } from 'vitest';
import type { Command } from '../src/options/command.ts';
import { ADVISE } from '../src/options/commands/advise.ts';
import { AUDIT } from '../src/options/commands/audit.ts';
import { BENCH } from '../src/options/commands/bench.ts';
import { CHECK } from '../src/options/commands/check.ts';
import { COMPARE } from '../src/options/commands/compare.ts';
import { DIFF } from '../src/options/commands/diff.ts';
import { EXPLAIN } from '../src/options/commands/explain.ts';
import { REPORT } from '../src/options/commands/report.ts';
import { REVIEW } from '../src/options/commands/review.ts';
import { ADVISE_WRITERS } from '../src/report/advise-writers.ts';
import { AUDIT_WRITERS } from '../src/report/audit-writers.ts';
import { BENCH_WRITERS } from '../src/report/bench-writers.ts';
import { CHECK_WRITERS } from '../src/report/check-writers.ts';
import { COMPARE_WRITERS } from '../src/report/compare-writers.ts';
import { DIFF_WRITERS } from '../src/report/diff-writers.ts';
import { EXPLAIN_WRITERS } from '../src/report/explain-writers.ts';
import { REPORT_WRITERS } from '../src/report/report-writers.ts';
import { REVIEW_WRITERS } from '../src/report/review-writers.ts';
import { formatsOf, type Writers } from '../src/report/writers.ts';

const PAIRS: readonly (readonly [command: Command, forms: ReturnType<typeof formatsOf>])[] = [
  pair(ADVISE, ADVISE_WRITERS),
  pair(AUDIT, AUDIT_WRITERS),
  pair(BENCH, BENCH_WRITERS),
  pair(CHECK, CHECK_WRITERS),
  pair(COMPARE, COMPARE_WRITERS),
  pair(DIFF, DIFF_WRITERS),
  pair(EXPLAIN, EXPLAIN_WRITERS),
  pair(REPORT, REPORT_WRITERS),
  pair(REVIEW, REVIEW_WRITERS),
];

function pair<Result>(command: Command, writers: Writers<Result>): (typeof PAIRS)[number] {
  return [command, formatsOf(writers)];
}

test.each(PAIRS)('$name writes the forms that its row and its help say', ({ formats, options }, written) => {
  expect(formats.toSorted()).toEqual(written.toSorted());
  expect(options.find(({ name }) => name === 'format')?.help).toBe(formats.join(', '));
});
