import type { BenchResult, BenchRunResult } from '../../result/bench.ts';
import type { SiteWork } from '../../result/result.ts';
import { csvTable, type CsvColumn } from './csv.ts';
import { WORK_COLUMNS } from './work-columns.ts';

interface Row {
  readonly run: BenchRunResult;
  readonly work: SiteWork;
}

/** A benchmark as one table: class and call site of each run. Each run's rows add up to its totals. */
export function benchCsv({ workload, runs, cost, provenance }: BenchResult): string {
  const columns: readonly CsvColumn<Row>[] = [
    { title: 'workload', field: () => workload.name },
    { title: 'policy', field: ({ run }) => run.policy.name },
    { title: 'iterations', field: ({ run }) => run.iterations },
    { title: 'class', field: ({ work }) => work.class },
    { title: 'call_site', field: ({ work }) => work.site },
    ...WORK_COLUMNS,
    { title: 'time_profile', field: () => cost?.profile ?? '' },
    { title: 'tagscope', field: () => provenance.tagscope },
    { title: 'command_line', field: () => provenance.command },
  ];
  return csvTable(
    columns,
    runs.flatMap((run) => run.bySite.map((work) => ({ run, work }))),
  );
}
