import { readFileSync } from 'node:fs';
import type { Outcome } from '../src/conform/harness.ts';

/** A run of the kernel's KASAN tests (cases/kunit/README.md). */
export interface KunitRun {
  readonly name: string;
  readonly mode: 'sync' | 'async';
  /** By case: how it went, and with how many reports. */
  readonly cases: ReadonlyMap<string, { readonly outcome: Outcome; readonly reports: number }>;
}

const OUTCOMES: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
  ['pass', 'pass'],
  ['fail', 'fail'],
  ['skip', 'skip'],
]);

/** The 24 runs of cases/kunit/outcomes.tsv. */
export function kunitRuns(): readonly KunitRun[] {
  const file = new URL('../cases/kunit/outcomes.tsv', import.meta.url);
  const [head, ...rows] = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return head.slice(1).map((name, run) => ({
    name,
    mode: name.includes('-async-') ? 'async' : 'sync',
    cases: new Map(
      rows.map(([testCase, ...cells]) => {
        const [outcome, reports = '0'] = cells[run].split(':');
        const known = OUTCOMES.get(outcome);
        if (known === undefined) throw new Error(`${testCase}, ${name}: ${cells[run]}`);
        return [testCase, { outcome: known, reports: Number(reports) }];
      }),
    ),
  }));
}
