import { savedTime } from '../../result/diff.ts';
import { allGranules } from '../../result/granules.ts';
import type { DiffResult, DiffRow, ReportResult } from '../../result/result.ts';
import { csvTable, type CsvColumn } from './csv.ts';
import { TIME_BOUNDS, timeField, timeColumn } from './work-columns.ts';

type Side = 'from' | 'to';
const SIDES: readonly Side[] = ['from', 'to'];

type SideFigures = DiffRow[Side];
const FIGURES: readonly { readonly title: string; readonly of: (side: SideFigures) => number }[] = [
  { title: 'granules_at_alloc', of: ({ granules }) => granules.alloc },
  { title: 'granules_at_free', of: ({ granules }) => granules.free },
  { title: 'granules', of: allGranules },
  { title: 'tag_setting_instructions', of: ({ tagInstructions }) => tagInstructions },
];

/** A difference as one table, by class or by class and call site; `saved` is what the second side does less. */
export function diffCsv(result: DiffResult, by: 'class' | 'site'): string {
  const ofSides = (title: string, of: (side: ReportResult) => string | number): CsvColumn<DiffRow>[] =>
    SIDES.map((side) => ({ title: `${title}_${side}`, field: () => of(result[side]) }));
  const columns: CsvColumn<DiffRow>[] = [
    { title: 'class', field: (row) => row.class },
    ...(by === 'class' ? [] : [{ title: 'call_site', field: (row: DiffRow) => row.site }]),
    ...FIGURES.flatMap(({ title, of }): CsvColumn<DiffRow>[] => [
      ...SIDES.map((side) => ({ title: `${title}_${side}`, field: (row: DiffRow) => of(row[side]) })),
      { title: `${title}_saved`, field: (row) => of(row.from) - of(row.to) },
    ]),
    ...TIME_BOUNDS.flatMap((bound): CsvColumn<DiffRow>[] => [
      ...SIDES.map((side) => ({
        title: `${timeColumn(bound)}_${side}`,
        field: (row: DiffRow) => timeField(row[side].time, bound),
      })),
      { title: `${timeColumn(bound)}_saved`, field: (row) => timeField(savedTime(row), bound) },
    ]),
    ...(result.scale === null ? [] : [{ title: 'figures_per', field: () => result.scale?.per ?? '' }]),
    { title: 'time_profile', field: () => result.to.cost.profile },
    ...ofSides('policy', ({ policy }) => policy.name),
    ...ofSides('trace', ({ source }) => source.files.join(' ')),
    ...ofSides('trace_lost_share', ({ losses }) => losses.lost.share),
    ...ofSides('trace_dropped_events', ({ losses }) => losses.droppedEvents),
    ...ofSides('trace_unmatched_frees', ({ losses }) => losses.unmatchedFrees),
    { title: 'tagscope', field: () => result.to.provenance.tagscope },
    { title: 'command_line', field: () => result.to.provenance.command },
  ];
  return csvTable(columns, by === 'class' ? result.byClass : result.bySite);
}
