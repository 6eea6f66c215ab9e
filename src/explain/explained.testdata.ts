import { expect } from 'vitest';
import { parseReports } from '../kasan/report/parse.ts';
import { BUILT_IN_POLICIES } from '../policy/built-in.ts';
import { builtInPolicy } from '../policy/named.ts';
import type { Policy } from '../policy/policy.ts';
import { Explainer } from './explain-report.ts';
import type { LogFacts } from './kernel-and-mode.ts';
import type { ExplainedReport } from './result.ts';

/** A policy of tagscope's own. */
export const named = (name: string): Policy => {
  const policy = builtInPolicy(name);
  if (policy === undefined) throw new Error(`no policy ${name}`);
  return policy;
};

const explainer = new Explainer({
  policies: BUILT_IN_POLICIES,
  from: undefined,
  beforeSeries: named('before-series'),
  series: named('series'),
});

/** A report alone, before it is set beside others. */
export type Explained = Omit<ExplainedReport, 'log' | 'model' | 'duplicateOf'>;

/** The only report of a log, explained. */
export function explained(lines: readonly string[], facts: LogFacts = {}): Explained {
  const { reports } = parseReports(lines);
  expect(reports).toHaveLength(1);
  return explainer.explain(reports[0], facts).report;
}
