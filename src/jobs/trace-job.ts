import type { CostProfile } from '../cost/profile.ts';
import type { Policy } from '../policy/policy.ts';
import type { ReplayOptions } from '../replay/options.ts';
import { analyze, analyzer } from '../result/analyze.ts';
import type { ReportResult } from '../result/result.ts';
import type { OpenedTrace } from '../open/opened-trace.ts';
import type { ReplaySettings } from './replay-settings.ts';

/** What each job on a trace is told. */
export interface TraceJobSettings extends ReplaySettings {
  /** What the work costs. */
  readonly profile: CostProfile;
  /** The command line that gives the result again. */
  readonly command: string;
  /** Version of tagscope. */
  readonly version: string;
}

/**
 * What a trace costs under a policy.
 *
 * @param settings those for this trace (`settingsFor`)
 * @param more what this report has besides
 * @throws UsageError if the trace contradicts the settings, or the policy names flags that its kernel does not have
 */
export const reportUnder = (
  policy: Policy,
  { table, source }: OpenedTrace,
  settings: TraceJobSettings,
  more: Pick<ReplayOptions, 'groupBy'> = {},
): ReportResult => analyze(table, source, { ...settings, ...more, policy });

/**
 * What a trace costs under any number of policies; it is followed once.
 *
 * @param expected policies that will be asked for
 */
export const reportsUnder = (
  { table, source }: OpenedTrace,
  settings: TraceJobSettings,
  expected: readonly Policy[],
  more: Pick<ReplayOptions, 'groupBy' | 'lifetimes'> = {},
): ((policy: Policy) => ReportResult) => analyzer(table, source, { ...settings, ...more }, expected);
