import { GRANULE_BYTES } from '../base/units.ts';
import { allGranules, granuleInterval } from '../result/granules.ts';
import type { ReportResult } from '../result/result.ts';
import { policyName } from './kernel-text.ts';
import { bounds, count, counted, duration } from './number-format.ts';

/** The answer in one sentence. */
export function headline(result: ReportResult): string {
  const { totals, source } = result;
  const policy = policyName(result);
  const when = `in ${duration(source.seconds)}, for ${counted(totals.allocations, 'allocation')} and ${counted(totals.frees, 'free')}`;
  if (allGranules(totals) === 0 && totals.tagInstructions.best === 0) return `${policy}: nothing is tagged ${when}.`;
  const granules = granuleInterval(result);
  const { tagInstructions } = totals;
  return `${policy}: ${count(granules.best)} granules of ${GRANULE_BYTES} bytes${bounds(granules)} tagged by ${counted(tagInstructions.best, 'tag-setting instruction')}${bounds(tagInstructions)} ${when}.`;
}
