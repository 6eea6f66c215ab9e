import type { AuditCell } from '../../audit/audit.ts';
import type { AuditDiff, AuditResult } from '../../audit/result.ts';
import { csvTable, type CsvColumn } from './csv.ts';

/** What a cell is of. */
const NAMES: readonly CsvColumn<AuditCell>[] = [
  { title: 'subject', field: ({ subject }) => subject },
  { title: 'class', field: (cell) => cell.class },
  { title: 'bug', field: ({ bug }) => bug },
  { title: 'access', field: ({ access }) => access },
  { title: 'hypothetical', field: ({ hypothetical }) => String(hypothetical) },
];

/** What was observed, and what the rules say; shares are from 0 to 1. */
const FIGURES: readonly CsvColumn<AuditCell>[] = [
  { title: 'trials', field: ({ detected }) => detected.of },
  { title: 'detected', field: ({ detected }) => detected.count },
  { title: 'detected_by_mmu', field: ({ byMmu }) => byMmu },
  { title: 'share_low', field: ({ detected }) => detected.low },
  { title: 'share_high', field: ({ detected }) => detected.high },
  { title: 'rules_low', field: ({ theory }) => theory.low },
  { title: 'rules_high', field: ({ theory }) => theory.high },
];

/** An audit as one table: a row for each kind of bug in each kind of memory. */
export const auditCsv = ({ cells, policy, command }: AuditResult): string =>
  csvTable<AuditCell>(
    [{ title: 'policy', field: () => policy }, ...NAMES, ...FIGURES, { title: 'command_line', field: () => command }],
    cells,
  );

/** Two policies as one table: the figures of both in one row. */
export function auditDiffCsv({ cells, from, to, command }: AuditDiff): string {
  type Row = AuditDiff['cells'][number];
  const ofSide = (side: 'from' | 'to'): CsvColumn<Row>[] =>
    FIGURES.map(({ title, field }) => ({ title: `${title}_${side}`, field: (row) => field(row[side]) }));
  return csvTable<Row>(
    [
      { title: 'policy_from', field: () => from },
      { title: 'policy_to', field: () => to },
      ...NAMES.map(({ title, field }): CsvColumn<Row> => ({ title, field: (row) => field(row.from) })),
      ...ofSide('from'),
      ...ofSide('to'),
      { title: 'change', field: ({ change }) => change },
      { title: 'command_line', field: () => command },
    ],
    cells,
  );
}
