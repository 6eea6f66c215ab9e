import type { Interval, ReportResult, Work } from './result.ts';

/** Granules whose tag was written, at allocation and at free. */
export const allGranules = ({ granules }: Pick<Work, 'granules'>): number => granules.alloc + granules.free;

/** Granules that got a tag: the total, and the bounds that the estimates in it leave. */
export function granuleInterval(result: ReportResult): Interval {
  const best = allGranules(result.totals);
  return {
    low: result.estimates.reduce((sum, { granules }) => sum - (granules.best - granules.low), best),
    best,
    high: result.estimates.reduce((sum, { granules }) => sum + (granules.high - granules.best), best),
  };
}
