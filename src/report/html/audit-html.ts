import type { AuditCell } from '../../audit/audit.ts';
import { isLoss, type AuditDiff, type AuditResult, type ChangedCell } from '../../audit/result.ts';
import { auditDiffHeadline, auditHeadline, theoryText } from '../audit-text.ts';
import { auditDiffFinding, auditFinding } from '../findings.ts';
import { markup, NOTHING, type Markup } from '../markup.ts';
import { count } from '../number-format.ts';
import { percentText, shareText } from '../share-text.ts';
import { htmlTable, type HtmlColumn } from './html-table.ts';
import { page } from './page.ts';
import { howAgain, section } from './parts.ts';

const EYEBROW = 'What KASAN detects, on the model';

/** The detection of one policy as a page. */
export function auditHtml(result: AuditResult): string {
  const finding = auditFinding(result);
  return page(
    `${finding} – tagscope`,
    EYEBROW,
    markup`<h1>${finding}</h1>
<p class="lead">${auditHeadline(result)}</p>
${section(
  'Each kind of bug',
  htmlTable(
    [
      ...namesOf<AuditCell>((cell) => cell),
      figure<AuditCell>(
        'detected',
        ({ detected }) => percentText(detected.share),
        ({ detected }) => detected.share,
      ),
      { title: '99 % confidence', kind: 'figure', cell: ({ detected }) => shareText(detected) },
      figure<AuditCell>(
        'by the rules',
        ({ theory }) => theoryText(theory),
        ({ theory }) => theory.low,
      ),
      { title: 'why', kind: 'prose', cell: ({ theory }) => theory.reason },
    ],
    result.cells,
    { caption: `${count(result.trials)} trials of each.`, sortable: true },
  ),
)}${again(result, [['Policy', result.policy]])}`,
  );
}

/** The detection of two policies as a page. */
export function auditDiffHtml(result: AuditDiff): string {
  const { cells, from, to } = result;
  const finding = auditDiffFinding(result);
  const of = (change: ChangedCell['change']): readonly ChangedCell[] => cells.filter((cell) => cell.change === change);
  return page(
    `${finding} – tagscope`,
    EYEBROW,
    markup`<h1>${finding}</h1>
<p class="lead">${auditDiffHeadline(result)}</p>
${changes(`Lost: what ${to} does not detect as ${from} does`, cells.filter(isLoss), result)}${changes(`Gained: what ${to} detects more often`, of('gained'), result)}${changes(
      'Lost to pointers that keep the tag of the page, where the kernel works on it without one',
      of('lost').filter((cell) => !isLoss(cell)),
      result,
    )}${changes('As before', of('same'), result)}${again(result, [
      ['From', from],
      ['To', to],
    ])}`,
  );
}

const changes = (title: string, rows: readonly ChangedCell[], { from, to, trials }: AuditDiff): Markup =>
  rows.length === 0
    ? NOTHING
    : section(
        title,
        htmlTable(
          [
            ...namesOf<ChangedCell>((row) => row.from),
            figure<ChangedCell>(
              `detected, ${from}`,
              (row) => percentText(row.from.detected.share),
              (row) => row.from.detected.share,
            ),
            figure<ChangedCell>(
              `detected, ${to}`,
              (row) => percentText(row.to.detected.share),
              (row) => row.to.detected.share,
            ),
            figure<ChangedCell>(
              `rules, ${from}`,
              (row) => theoryText(row.from.theory),
              (row) => row.from.theory.low,
            ),
            figure<ChangedCell>(
              `rules, ${to}`,
              (row) => theoryText(row.to.theory),
              (row) => row.to.theory.low,
            ),
            { title: 'why', kind: 'prose', cell: (row) => row.to.theory.reason },
          ],
          rows,
          { caption: `${count(rows.length)} kinds of bug, ${count(trials)} trials of each.`, sortable: true },
        ),
      );

const namesOf = <Row>(cellOf: (row: Row) => AuditCell): readonly HtmlColumn<Row>[] => [
  { title: 'bug', kind: 'text', cell: (row) => cellOf(row).bug },
  { title: 'access', kind: 'text', cell: (row) => cellOf(row).access },
  { title: 'memory', kind: 'text', cell: (row) => cellOf(row).subject },
  { title: 'class', kind: 'text', cell: (row) => cellOf(row).class },
];

const figure = <Row>(title: string, cell: (row: Row) => string, sort: (row: Row) => number): HtmlColumn<Row> => ({
  title,
  kind: 'figure',
  cell,
  sort,
});

const again = (
  { kasan, cpu, seed, trials, command }: AuditResult | AuditDiff,
  policies: readonly (readonly [string, string])[],
): Markup =>
  howAgain(
    [...policies, ['Model', `KASAN ${kasan} on ${cpu}; ${count(trials)} trials of each kind of bug, seed ${seed}.`]],
    command,
  );
