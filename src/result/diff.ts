import { timeDifference, timeSum, type Time } from '../cost/time.ts';
import { tagSetting } from '../mte/instruction.ts';
import { allGranules } from './granules.ts';
import {
  DIFF_SCHEMA,
  RESULT_VERSION,
  type DiffResult,
  type DiffRow,
  type DiffSide,
  type ReportResult,
  type Work,
} from './result.ts';

export const NO_WORK: DiffSide = { granules: { alloc: 0, free: 0 }, tagInstructions: 0, time: timeSum([]) };

/** What of some work a difference looks at; nothing where there is none. */
export const sideOf = (work: Work | undefined): DiffSide =>
  work === undefined
    ? NO_WORK
    : { granules: work.granules, tagInstructions: tagSetting(work.instructions), time: work.time };

/** Everything that two results or runs did. */
export const totalSides = (
  from: { readonly totals: Work },
  to: { readonly totals: Work },
): Pick<DiffRow, 'from' | 'to'> => ({ from: sideOf(from.totals), to: sideOf(to.totals) });

/** The time that the second side saves; null where the profile has none for its KASAN. */
export const savedTime = ({ from, to }: Pick<DiffRow, 'from' | 'to'>): Time | null =>
  from.time === null || to.time === null ? null : timeDifference(from.time, to.time);

const savedBy = (row: DiffRow): number => allGranules(row.from) - allGranules(row.to);

/** Sets two results side by side: of one trace under two policies, or of two traces. */
export function diff(from: ReportResult, to: ReportResult): DiffResult {
  return {
    schema: DIFF_SCHEMA,
    version: RESULT_VERSION,
    from,
    to,
    totals: totalSides(from, to),
    scale: null,
    ...diffRows(from, to),
  };
}

/** The rows of a difference: by class and by call site. */
export const diffRows = (
  from: Pick<ReportResult, 'byClass' | 'bySite'>,
  to: Pick<ReportResult, 'byClass' | 'bySite'>,
): Pick<DiffResult, 'byClass' | 'bySite'> => ({
  byClass: rows(
    from.byClass.map((work) => ({ ...work, site: '' })),
    to.byClass.map((work) => ({ ...work, site: '' })),
  ),
  bySite: rows(from.bySite, to.bySite),
});

type Named = Work & Pick<DiffRow, 'class' | 'site'>;

function rows(from: readonly Named[], to: readonly Named[]): readonly DiffRow[] {
  const keyOf = (item: Named): string => `${item.class}\0${item.site}`;
  const before = new Map(from.map((item) => [keyOf(item), item]));
  const after = new Map(to.map((item) => [keyOf(item), item]));
  const items = [...from, ...to.filter((item) => !before.has(keyOf(item)))];
  return sortedRows(
    items.map((item) => ({
      class: item.class,
      site: item.site,
      from: sideOf(before.get(keyOf(item))),
      to: sideOf(after.get(keyOf(item))),
    })),
  );
}

/** Rows with any work, the greatest saving first. */
export function sortedRows(all: readonly DiffRow[]): readonly DiffRow[] {
  return all
    .filter((row) => allGranules(row.from) + allGranules(row.to) > 0)
    .toSorted(
      (a, b) => savedBy(b) - savedBy(a) || allGranules(b.from) - allGranules(a.from) || (a.site < b.site ? -1 : 1),
    );
}
