import { GRANULE_BYTES } from '../base/units.ts';
import { allGranules, granuleInterval } from '../result/granules.ts';
import type { Interval, ReportResult } from '../result/result.ts';
import { policyName } from './kernel-text.ts';
import { lostWords } from './lost-text.ts';
import { selectionWords } from './selection-text.ts';
import { takenTimeSentence } from './time-text.ts';
import { bounds, count, counted, clockDuration, percent } from './number-format.ts';

/** The answer in one sentence, and what must be known to read it rightly. */
export function headline(result: ReportResult): string {
  const { totals, source } = result;
  const policy = `${policyName(result)}${selectionWords(result)}`;
  const lost = lostWords(result.losses);
  const lostClause = lost === '' ? '' : ` (${lost})`;
  const when = `in ${clockDuration(source)}, for ${counted(totals.allocations, 'allocation')} and ${counted(totals.frees, 'free')}${lostClause}`;
  if (allGranules(totals) === 0 && totals.tagInstructions.high === 0) return `${policy}: nothing is tagged ${when}.`;
  const granules = granuleInterval(result);
  const { tagInstructions } = totals;
  const figure = (interval: Interval, one: string): string =>
    lost === ''
      ? `${counted(interval.best, one)}${bounds(interval)}`
      : `at least ${counted(Math.max(0, interval.low), one)}`;
  return `${policy}: ${figure(granules, 'granule').replace(/granules?/, (word) => `${word} of ${GRANULE_BYTES} bytes`)} tagged by ${figure(tagInstructions, 'tag-setting instruction')} ${when}.${estimatedSentence(result)}${takenTimeSentence(result)}`;
}

/** Tag-setting instructions that follow from events, as against those that are estimated. */
export const certainInstructions = ({ totals, estimates }: Pick<ReportResult, 'totals' | 'estimates'>): number =>
  totals.tagInstructions.best - estimates.reduce((sum, { tagInstructions }) => sum + tagInstructions.best, 0);

/** Says so where less is certain than is estimated, or than the interval spans. */
function estimatedSentence(result: ReportResult): string {
  const { best, low, high } = result.totals.tagInstructions;
  const certain = certainInstructions(result);
  const estimated = best - certain;
  if (certain >= Math.max(estimated, high - low)) return '';
  return estimated > certain
    ? ` Most of it is estimated: ${count(certain)} instructions (${percent(certain, best)}) follow from events in the trace.`
    : ` The interval is wider than what is certain: ${count(certain)} instructions follow from events in the trace.`;
}
