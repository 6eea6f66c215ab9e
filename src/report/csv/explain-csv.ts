import type { ExplainedReport, ExplainResult, PolicyVerdict } from '../../explain/result.ts';
import { csvTable, type CsvColumn } from './csv.ts';

interface Row {
  readonly report: ExplainedReport;
  readonly verdict: PolicyVerdict;
}

const text = (value: string | number | null): string | number => value ?? '';

const COLUMNS: readonly CsvColumn<Row>[] = [
  { title: 'log', field: ({ report }) => report.log },
  { title: 'line', field: ({ report }) => report.line },
  { title: 'title', field: ({ report }) => report.title },
  { title: 'symbol', field: ({ report }) => text(report.symbol) },
  { title: 'kernel', field: ({ report }) => text(report.kernel) },
  { title: 'mode', field: ({ report }) => report.mode },
  { title: 'access', field: ({ report }) => report.access.kind },
  { title: 'size', field: ({ report }) => text(report.access.size) },
  { title: 'address', field: ({ report }) => text(report.access.address) },
  { title: 'class', field: ({ report }) => report.class },
  { title: 'bug', field: ({ report }) => report.bug },
  { title: 'duplicate_of', field: ({ report }) => text(report.duplicateOf) },
  { title: 'not_a_bug', field: ({ report }) => report.notABug?.name ?? '' },
  { title: 'own_policy', field: ({ report }) => report.ownPolicy },
  { title: 'caught_low', field: ({ report }) => report.caught.low },
  { title: 'caught_high', field: ({ report }) => report.caught.high },
  { title: 'policy', field: ({ verdict }) => verdict.policy },
  { title: 'policy_low', field: ({ verdict }) => verdict.low },
  { title: 'policy_high', field: ({ verdict }) => verdict.high },
  { title: 'change', field: ({ verdict }) => verdict.change },
  { title: 'why', field: ({ verdict }) => verdict.why },
];

/** Reports as one table: a row for each report under each policy. */
export const explainCsv = ({ reports, command }: ExplainResult): string =>
  csvTable<Row>(
    [...COLUMNS, { title: 'command_line', field: () => command }],
    reports.flatMap((report) => report.policies.map((verdict) => ({ report, verdict }))),
  );
