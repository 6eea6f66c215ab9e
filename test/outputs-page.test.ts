import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../src/cli/program.ts';
import { ADVISE_WRITERS } from '../src/report/advise-writers.ts';
import { AUDIT_WRITERS } from '../src/report/audit-writers.ts';
import { BENCH_WRITERS } from '../src/report/bench-writers.ts';
import { CHECK_WRITERS } from '../src/report/check-writers.ts';
import { COMPARE_WRITERS } from '../src/report/compare-writers.ts';
import { DIFF_WRITERS } from '../src/report/diff-writers.ts';
import { EXPLAIN_WRITERS } from '../src/report/explain-writers.ts';
import { FORMATS, type FormatName } from '../src/report/formats.ts';
import { REPORT_WRITERS } from '../src/report/report-writers.ts';
import { REVIEW_WRITERS } from '../src/report/review-writers.ts';

/** Commands whose results have writers, in the order of the page's table. */
const COMMANDS: readonly (readonly [name: string, writers: { readonly [Name in FormatName]?: unknown }])[] = [
  ['report', REPORT_WRITERS],
  ['diff', DIFF_WRITERS],
  ['bench', BENCH_WRITERS],
  ['audit', AUDIT_WRITERS],
  ['compare', COMPARE_WRITERS],
  ['check', CHECK_WRITERS],
  ['advise', ADVISE_WRITERS],
  ['review', REVIEW_WRITERS],
  ['explain', EXPLAIN_WRITERS],
];

test('the table of docs/outputs.md is that of the program', () => {
  const page = readFileSync(new URL('../docs/outputs.md', import.meta.url), 'utf8');
  const [, head] = /^\| `--format` \| endings \|(.+)\|$/m.exec(page) ?? [];
  expect(head.split('|').map((name) => name.trim())).toEqual([...COMMANDS.map(([name]) => `\`${name}\``), 'others']);
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+?) \|(.+)\|$/gm)].map(([, name, endings, marks]) => ({
    name,
    endings: [...endings.matchAll(/`(\.[\w.]+)`/g)].map(([, ending]) => ending),
    marks: marks
      .split('|')
      .slice(0, COMMANDS.length)
      .map((mark) => mark.trim() === 'x'),
  }));
  expect(rows).toEqual(
    FORMATS.map(({ name, endings }) => ({
      name,
      endings: [...endings],
      marks: COMMANDS.map(([, writers]) => name in writers),
    })),
  );
});

describe('the help of a command lists the forms that it has', () => {
  const silent = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };
  const program = createProgram(silent, '1', () => {});
  test.each(COMMANDS)('%s', (name, writers) => {
    const option = program.commands
      .find((command) => command.name() === name)
      ?.options.find(({ long }) => long === '--format');
    const listed = option?.description.replace(/ \(.*$/, '').split(', ');
    expect(listed?.toSorted()).toEqual(Object.keys(writers).toSorted());
  });
});
