import type { AllocationClass } from '../../base/allocation-class.ts';
import type { ReportResult, Work } from '../../result/result.ts';
import type { ReportBy } from '../text-options.ts';
import { csvTable, type CsvColumn } from './csv.ts';
import { WORK_COLUMNS } from './work-columns.ts';

interface Row {
  readonly result: ReportResult;
  readonly class: AllocationClass;
  readonly name: string;
  readonly work: Work;
}

const NAMES: readonly CsvColumn<Row>[] = [
  { title: 'trace', field: ({ result }) => result.source.files.join(' ') },
  { title: 'policy', field: ({ result }) => result.policy.name },
  { title: 'class', field: (row) => row.class },
];

/** What a column of names is called, by what the rows are. */
const NAME_TITLES: { readonly [By in Exclude<ReportBy, 'class'>]: string } = {
  site: 'call_site',
  comm: 'command',
  pid: 'task',
  cache: 'slab_cache',
  order: 'order',
  stack: 'stack_innermost_first',
};

/** What a reader must know before trusting a row is in the row: tables are cut, joined and sorted. */
const COVERAGE: readonly CsvColumn<Row>[] = [
  {
    title: 'figures_are',
    field: ({ result }) => (result.losses.lost.events === 0 ? 'best estimates' : 'lower bounds'),
  },
  { title: 'trace_lost_events', field: ({ result }) => result.losses.lost.events },
  { title: 'trace_lost_share', field: ({ result }) => result.losses.lost.share },
  { title: 'trace_dropped_events', field: ({ result }) => result.losses.droppedEvents },
  { title: 'trace_unmatched_frees', field: ({ result }) => result.losses.unmatchedFrees },
  { title: 'trace_unreadable_records', field: ({ result }) => result.losses.truncatedLines },
  { title: 'trace_unclassified_pages', field: ({ result }) => result.losses.unclassifiedPages },
  { title: 'time_profile', field: ({ result }) => result.cost.profile },
  { title: 'tagscope', field: ({ result }) => result.provenance.tagscope },
  { title: 'command_line', field: ({ result }) => result.provenance.command },
];

/** Reports as one table; its rows are what `by` says, and add up to the totals. */
export function reportCsv(results: readonly ReportResult[], by: ReportBy): string {
  const name: readonly CsvColumn<Row>[] = by === 'class' ? [] : [{ title: NAME_TITLES[by], field: (row) => row.name }];
  return csvTable(
    [...NAMES, ...name, ...WORK_COLUMNS, ...COVERAGE],
    results.flatMap((result) => rowsOf(result, by)),
  );
}

function rowsOf(result: ReportResult, by: ReportBy): readonly Row[] {
  switch (by) {
    case 'class':
      return result.byClass.map((work) => ({ result, class: work.class, name: '', work }));
    case 'site':
      return result.bySite.map((work) => ({ result, class: work.class, name: work.site, work }));
    case 'comm':
    case 'pid':
    case 'cache':
    case 'order':
    case 'stack':
      return result.byGroup.map((work) => ({
        result,
        class: work.class,
        name: work.group === '' ? (work.site ?? '') : work.group,
        work,
      }));
  }
}
