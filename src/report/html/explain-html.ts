import type { ExplainedReport, ExplainResult, PolicyVerdict } from '../../explain/result.ts';
import {
  accessText,
  asBeforeText,
  CHANGE_WORDS,
  explainHeadline,
  explainRemarks,
  isAsBefore,
  shareWord,
  shortTitle,
} from '../explain-words.ts';
import { markup, type Markup } from '../markup.ts';
import { htmlTable } from './html-table.ts';
import { page } from './page.ts';
import { howAgain, list, section, warnings } from './parts.ts';

/** Reports and what policies make of them as one page. */
export function explainHtml(result: ExplainResult): string {
  const { summary, reports, command } = result;
  return page(
    'KASAN reports – tagscope',
    'KASAN reports, and what policies make of their bugs',
    markup`<h1>KASAN reports, and what policies make of their bugs</h1>
<p class="lead">${explainHeadline(result)}</p>
${warnings(explainRemarks(result))}${policyTable(result)}${kindTable(result)}${reportTable(reports)}${summary.policies
      .filter(({ missedTitles }) => missedTitles.length > 0)
      .map(({ policy, missedTitles }) =>
        section(`Missed by ${policy}`, list(missedTitles.map(shortTitle))),
      )}${result.shows === 'reports' ? markup`${reports.map(reportSection)}` : ''}${howAgain([['Rules', 'Those of tagscope audit; see docs/explain.md.']], command)}`,
  );
}

const policyTable = ({ summary }: ExplainResult): Markup =>
  summary.policies.length === 0
    ? markup``
    : section(
        'By policy',
        htmlTable(
          [
            { title: 'policy', kind: 'name', cell: ({ policy }) => policy },
            { title: 'kept', kind: 'figure', cell: ({ kept }) => String(kept), sort: ({ kept }) => kept },
            { title: 'less surely', kind: 'figure', cell: ({ less }) => String(less), sort: ({ less }) => less },
            { title: 'missed', kind: 'figure', cell: ({ missed }) => String(missed), sort: ({ missed }) => missed },
            {
              title: 'not decidable',
              kind: 'figure',
              cell: ({ undecidable }) => String(undecidable),
              sort: ({ undecidable }) => undecidable,
            },
            { title: 'never', kind: 'figure', cell: ({ never }) => String(never), sort: ({ never }) => never },
            { title: 'more surely', kind: 'figure', cell: ({ more }) => String(more), sort: ({ more }) => more },
          ],
          summary.policies,
          {
            caption: 'Bugs that a policy catches as before, less surely, no more or more surely; each bug counts once',
            sortable: true,
          },
        ),
      );

const kindTable = ({ summary }: ExplainResult): Markup =>
  section(
    'By kind and class',
    htmlTable(
      [
        { title: 'bug', kind: 'text', cell: ({ bug }) => bug },
        { title: 'class', kind: 'text', cell: (row) => row.class },
        { title: 'access', kind: 'text', cell: ({ access }) => access },
        { title: 'bugs', kind: 'figure', cell: ({ count }) => String(count), sort: ({ count }) => count },
      ],
      summary.byKindAndClass,
      { caption: 'Distinct bugs by kind, class of the memory and access', sortable: true },
    ),
  );

const reportTable = (reports: readonly ExplainedReport[]): Markup =>
  section(
    'Reports',
    htmlTable(
      [
        { title: 'report', kind: 'name', cell: ({ title }) => shortTitle(title) },
        { title: 'kernel', kind: 'text', cell: ({ kernel, mode }) => `${kernel ?? 'not told'} (${mode})` },
        { title: 'class', kind: 'text', cell: (row) => row.class },
        {
          title: 'bug',
          kind: 'text',
          cell: ({ bug, notABug }) => (notABug === null ? bug : `no bug: ${notABug.name}`),
        },
        { title: 'HW_TAGS', kind: 'text', cell: ({ caught }) => shareWord(caught) },
        { title: 'where', kind: 'name', cell: ({ log, line }) => `${log}:${line}` },
      ],
      reports,
      { caption: 'All reports, in the order of the logs', sortable: true },
    ),
  );

const reportSection = (report: ExplainedReport): Markup =>
  section(
    shortTitle(report.title),
    list([
      `Access: ${accessText(report)}`,
      `Class: ${report.class} (${report.classEvidence})`,
      `Bug: ${report.bug} (${report.bugEvidence})`,
      ...report.granules,
      `HW_TAGS: ${shareWord(report.caught)}, ${report.caught.why}`,
      ...report.undecided,
    ]),
    verdicts(report),
  );

/** The policies that change something; the others are folded. */
function verdicts({ policies, title }: ExplainedReport): Markup {
  const changing = policies.filter((verdict) => !isAsBefore(verdict));
  const others = policies.filter(isAsBefore);
  const table = (rows: readonly PolicyVerdict[], what: string): Markup =>
    htmlTable(
      [
        { title: 'policy', kind: 'name', cell: ({ policy }) => policy },
        { title: 'caught', kind: 'text', cell: shareWord },
        { title: 'change', kind: 'text', cell: ({ change }) => CHANGE_WORDS[change] },
        { title: 'why', kind: 'text', cell: ({ why }) => why },
      ],
      rows,
      { caption: `${shortTitle(title)}: ${what}` },
    );
  return markup`${changing.length === 0 ? '' : table(changing, 'policies that change something')}${
    others.length === 0
      ? ''
      : markup`<details><summary>${asBeforeText(policies)}</summary>\n${table(others, 'policies that change nothing')}</details>\n`
  }`;
}
