import { glob } from '../base/glob.ts';
import type { Interval } from '../base/interval.ts';
import { timeSum, type Time } from '../cost/time.ts';
import { tagSetting } from '../mte/instruction.ts';
import { allGranules, granuleInterval } from '../result/granules.ts';
import type { ReportResult, Work } from '../result/result.ts';
import type { Limit, MetricName, Operator, Scope } from './budget.ts';

export const CHECK_SCHEMA = 'tagscope.check';
export const CHECK_VERSION = 1;

/** One limit, and what the result has. */
export interface CheckedLimit extends Limit {
  /** What was found: by the best estimate, and between which bounds it lies. In the unit of the limit. */
  readonly actual: Interval;
  /** Whether the best estimate is within the limit. */
  readonly holds: boolean;
  /** Whether the bounds leave no doubt of that. */
  readonly certain: boolean;
  /** Nothing in the trace is of this class, or has this call site: the figure is 0, and the name may be misspelt. */
  readonly absent: boolean;
}

/** A result beside a budget, as `--json` prints it. */
export interface CheckResult {
  readonly schema: typeof CHECK_SCHEMA;
  readonly version: typeof CHECK_VERSION;
  readonly limits: readonly CheckedLimit[];
  /** How many limits do not hold. */
  readonly exceeded: number;
  readonly source: ReportResult['source'];
  readonly kernel: ReportResult['kernel'];
  readonly events: ReportResult['events'];
  readonly policy: ReportResult['policy'];
  readonly losses: ReportResult['losses'];
  readonly cost: ReportResult['cost'];
  readonly warnings: readonly string[];
  readonly notes: ReportResult['notes'];
  /** Whose allocations were counted, if not all. */
  readonly selection: ReportResult['selection'];
  readonly recorder: ReportResult['recorder'];
  readonly provenance: ReportResult['provenance'];
}

/** Sets a result beside limits. @param command the command line that does it again */
export function check(report: ReportResult, limits: readonly Limit[], command: string): CheckResult {
  const checked = limits.map((limit) => checkLimit(report, limit));
  const { source, kernel, events, policy, losses, warnings, notes, selection, recorder, cost, provenance } = report;
  return {
    schema: CHECK_SCHEMA,
    version: CHECK_VERSION,
    limits: checked,
    exceeded: checked.filter(({ holds }) => !holds).length,
    source,
    kernel,
    events,
    policy,
    losses,
    cost,
    warnings,
    notes,
    selection,
    recorder,
    provenance: { ...provenance, command },
  };
}

function checkLimit(report: ReportResult, limit: Limit): CheckedLimit {
  const works = worksOf(report, limit.scope);
  const actual = FIGURES[limit.metric](works, report);
  const within = (value: number): boolean => compares(value, limit.operator, limit.value);
  const holds = within(actual.best);
  const isBetweenBounds = within(actual.low) === holds && within(actual.high) === holds;
  return {
    ...limit,
    actual,
    holds,
    certain: isBetweenBounds && !isOpenByLosses(limit, holds, report.losses),
    absent: works.length === 0,
  };
}

/**
 * Whether what was lost could turn a verdict. It adds to every figure: what is too much already stays so, and what is enough
 * too; a share may become anything. Losses themselves are counted.
 */
function isOpenByLosses({ metric, unit, operator }: Limit, holds: boolean, { lost }: ReportResult['losses']): boolean {
  if (lost.events === 0 || metric === 'losses') return false;
  return unit === 'share' || holds !== isLeast(operator);
}

/** Whether a figure has to reach the value, and not to stay below it. */
export const isLeast = (operator: Operator): boolean => operator === '>' || operator === '>=';

function compares(value: number, operator: Operator, limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
  }
}

function worksOf({ totals, byClass, bySite }: ReportResult, scope: Scope): readonly Work[] {
  switch (scope.of) {
    case 'all':
      return [totals];
    case 'class':
      return byClass.filter((work) => work.class === scope.class);
    case 'site': {
      const matches = glob(scope.site);
      return bySite.filter(({ site }) => matches(site));
    }
  }
}

const exactly = (value: number): Interval => ({ low: value, best: value, high: value });
const sum = (works: readonly Work[], valueOf: (work: Work) => number): number =>
  works.reduce((all, work) => all + valueOf(work), 0);
const share = ({ low, best, high }: Interval, whole: number): Interval =>
  whole === 0 ? exactly(0) : { low: low / whole, best: best / whole, high: Math.min(1, high / whole) };
const instructionsOf = (work: Work): number => tagSetting(work.instructions);
const timeOf = (works: readonly Work[]): Time => timeSum(works.flatMap(({ time }) => (time === null ? [] : [time])));

/**
 * A figure with the bounds that estimates leave. These are of all classes together: any class and any call site that has
 * work may have all of what is not certain. What has none is skipped by the policy, or was not seen at all.
 *
 * @param whole the figure of everything, with its bounds
 */
const bounded = (best: number, whole: Interval): Interval =>
  best === 0
    ? exactly(0)
    : { low: Math.max(0, best - (whole.best - whole.low)), best, high: best + (whole.high - whole.best) };

/** Frees, with the bounds of those that left no event. */
const allFrees = ({ totals, estimates }: ReportResult): Interval =>
  estimates.reduce(
    ({ low, best, high }, { calls }) => ({
      low: low - (calls.best - calls.low),
      best,
      high: high + (calls.high - calls.best),
    }),
    exactly(totals.frees),
  );

/** What a metric is of some works of a result. */
const FIGURES: { readonly [Name in MetricName]: (works: readonly Work[], report: ReportResult) => Interval } = {
  granules: (works, report) => bounded(sum(works, allGranules), granuleInterval(report)),
  'granules.alloc': (works) => exactly(sum(works, ({ granules }) => granules.alloc)),
  'granules.free': (works, report) =>
    bounded(
      sum(works, ({ granules }) => granules.free),
      granuleInterval(report),
    ),
  instructions: (works, { totals }) => bounded(sum(works, instructionsOf), totals.tagInstructions),
  share: (works, { totals }) =>
    share(bounded(sum(works, instructionsOf), totals.tagInstructions), instructionsOf(totals)),
  'share.granules': (works, report) =>
    share(bounded(sum(works, allGranules), granuleInterval(report)), allGranules(report.totals)),
  allocations: (works) => exactly(sum(works, ({ allocations }) => allocations)),
  frees: (works, report) =>
    bounded(
      sum(works, ({ frees }) => frees),
      allFrees(report),
    ),
  bytes: (works) => exactly(sum(works, ({ bytes }) => bytes)),
  time: (works) => timeOf(works),
  'time.low': (works) => exactly(timeOf(works).low),
  'time.high': (works) => exactly(timeOf(works).high),
  losses: (_works, { losses }) => exactly(countLosses(losses)),
};

/** Each loss once: frees of user memory are among the unmatched ones already. */
const countLosses = ({ userMemoryFrees: _among, ...losses }: ReportResult['losses']): number =>
  Object.values(losses).reduce((all: number, value) => (typeof value === 'number' ? all + value : all), 0);
