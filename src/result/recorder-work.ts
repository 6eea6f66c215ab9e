import { tagSetting } from '../mte/instruction.ts';
import { allGranules } from './granules.ts';
import { sumOfRows, type CostedLedger } from './ledger-work.ts';
import type { RecorderWork, Work } from './result.ts';

/** Call sites that are named, at most. */
const MAX_SITES = 5;

/** What of some work is for the recording of the trace. @param totals what results are of, with or without it */
export function recorderWork({ ledger }: CostedLedger, totals: Work): RecorderWork {
  const rows = ledger.rows.flatMap(({ part }, row) => (part === 'recorder' ? [row] : []));
  const excluded = rows.some((row) => !ledger.isCounted(row));
  const work = sumOfRows({ ledger, cost: undefined }, rows);
  const tagInstructions = tagSetting(work.instructions);
  const all = tagSetting(totals.instructions) + (excluded ? tagInstructions : 0);
  const instructionsOf = (row: number): number =>
    tagSetting(sumOfRows({ ledger, cost: undefined }, [row]).instructions);
  const sites = rows.map((row) => ({ site: ledger.rows[row].site, tagInstructions: instructionsOf(row) }));
  return {
    allocations: work.allocations,
    granules: allGranules(work),
    tagInstructions,
    share: all === 0 ? 0 : tagInstructions / all,
    excluded,
    sites: [...new Set(sites.toSorted((a, b) => b.tagInstructions - a.tagInstructions).map(({ site }) => site))].slice(
      0,
      MAX_SITES,
    ),
  };
}
