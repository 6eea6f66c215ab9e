import { totalSides } from '../../result/diff.ts';
import { allGranules } from '../../result/granules.ts';
import type { DiffResult, DiffRow, ReportResult } from '../../result/result.ts';
import { savedGranules, savedInstructions, type DifferenceRow } from '../diff-table.ts';
import { byChange, differs, diffHeadline, hasWork } from '../diff-text.ts';
import { kernelSentence, policySentence, traceSentence } from '../kernel-text.ts';
import { markup, type Markup } from '../markup.ts';
import { bounds, count, counted, percent } from '../number-format.ts';
import { shortenMiddle } from '../printable.ts';
import { diffTitle, isOneTrace, sideNames, type SideNames } from '../side-names.ts';
import { measureOf } from '../stacks/measures.ts';
import { weightedStacks } from '../stacks/weighted-stacks.ts';
import { differenceGraphs } from '../svg/graphs.ts';
import { CHANGE_STEPS, classStyle } from '../svg/palette.ts';
import type { OutputOptions } from '../writers.ts';
import { bar, htmlTable, type HtmlColumn } from './html-table.ts';
import { page } from './page.ts';
import { command, definitions, figures, graphFigures, legend, section, warnings } from './parts.ts';
import { coverageSections } from './report-html.ts';

const MAX_NAME = 200;

/** A difference as one page. */
export function diffHtml(result: DiffResult, options: OutputOptions): string {
  const names = sideNames(result);
  const title = diffTitle(result);
  const sides = isOneTrace(result) ? [result.to] : [result.from, result.to];
  return page(
    `${title} – tagscope`,
    'Tag work of a kernel, compared',
    markup`<h1>${title}</h1>
<p class="lead">${diffHeadline(result, names)}</p>
${warnings([...new Set([...result.from.warnings, ...result.to.warnings])])}${headFigures(result, names)}${classSection(result, names)}${graphSection(result, names, options)}${siteSection(result)}${sides.map(coverageSections)}${aboutSection(result, sides)}`,
  );
}

function headFigures({ from, to }: DiffResult, names: SideNames): Markup {
  const row = totalSides(from, to);
  const saved = savedInstructions(row);
  const granules = savedGranules(row);
  const inside = (text: string): string => text.replace(/^ \(|\)$/g, '');
  const side = (name: string, { totals }: ReportResult): Parameters<typeof figures>[0][number] => ({
    name: `Tag-setting instructions, ${name}`,
    value: count(totals.tagInstructions.best),
    note: inside(bounds(totals.tagInstructions)),
  });
  const change = (name: string, less: number, whole: number): Parameters<typeof figures>[0][number] => ({
    name: `${name} ${less < 0 ? 'added' : 'saved'}`,
    value: count(Math.abs(less)),
    note: whole === 0 ? '' : `${percent(Math.abs(less), whole)} of ${names.from}`,
  });
  return figures([
    side(names.from, from),
    side(names.to, to),
    change('Instructions', saved, row.from.tagInstructions),
    change('Granules', granules, allGranules(row.from)),
  ]);
}

type Side = DiffRow['from'];

/** Before, after and saved of one measure. */
function measureColumns(name: string, of: (side: Side) => number): readonly HtmlColumn<DifferenceRow>[] {
  const column = (title: string, value: (row: DifferenceRow) => number): HtmlColumn<DifferenceRow> => ({
    title: `${name} ${title}`,
    kind: 'figure',
    cell: (row) => count(value(row)),
    sort: value,
  });
  const saved = (row: DifferenceRow): number => of(row.from) - of(row.to);
  return [
    column('before', (row) => of(row.from)),
    column('after', (row) => of(row.to)),
    column('saved', saved),
    {
      title: 'saved of before',
      kind: 'figure',
      cell: (row) => percent(saved(row), of(row.from)),
      sort: (row) => (of(row.from) === 0 ? 0 : saved(row) / of(row.from)),
    },
  ];
}

const INSTRUCTIONS = measureColumns('instructions', (side) => side.tagInstructions);
const GRANULES = measureColumns('granules', allGranules);

function classSection(result: DiffResult, names: SideNames): Markup {
  const rows = result.byClass
    .filter(hasWork)
    .toSorted(byChange)
    .map((row): DifferenceRow => ({ ...row, name: row.class }));
  if (rows.length === 0) return markup``;
  const longest = Math.max(...rows.flatMap(({ from, to }) => [from.tagInstructions, to.tagInstructions]), 1);
  const columns: readonly HtmlColumn<DifferenceRow>[] = [
    { title: 'class', kind: 'text', cell: (row) => row.name },
    {
      title: '',
      kind: 'bar',
      cell: (row) =>
        row.class === ''
          ? ''
          : [
              bar(row.from.tagInstructions / longest, classStyle(row.class)),
              bar(row.to.tagInstructions / longest, `${classStyle(row.class)}-solid`),
            ],
    },
    ...INSTRUCTIONS,
    ...GRANULES.slice(0, 2),
  ];
  return section(
    'By allocation class',
    htmlTable(columns, rows, {
      caption: `Before is ${names.from}, the muted bar; after is ${names.to}. Instructions are those that set tags; granules are of 16 bytes.`,
      total: { name: 'total', class: '', ...totalSides(result.from, result.to) },
    }),
  );
}

function graphSection(result: DiffResult, names: SideNames, { text, weight }: OutputOptions): Markup {
  const graphs = differenceGraphs(
    weightedStacks(names.from, result.from, text.by),
    weightedStacks(names.to, result.to, text.by),
    measureOf(weight),
  );
  if (graphs.length === 0) return markup``;
  return section(
    'Flame graphs of both',
    markup`<p>Each function is drawn below the one that called it; the uppermost row is the allocation class. Both graphs have one scale: what the second one is narrower by is saved.</p>\n`,
    legend(CHANGE_STEPS),
    graphFigures(graphs, true),
  );
}

function siteSection(result: DiffResult): Markup {
  const rows = result.bySite
    .filter(hasWork)
    .toSorted((a, b) => byChange(a, b) || b.to.tagInstructions - a.to.tagInstructions)
    .map((row): DifferenceRow => ({ ...row, name: row.site }));
  if (rows.length === 0) return markup``;
  return section(
    'By call site',
    htmlTable(
      [
        { title: 'call site', kind: 'name', cell: (row) => shortenMiddle(row.name, MAX_NAME, true) },
        { title: 'class', kind: 'text', cell: (row) => row.class },
        ...INSTRUCTIONS,
        ...GRANULES.slice(0, 2),
      ],
      rows,
      {
        caption: `${counted(rows.filter(differs).length, 'call site')} of ${count(rows.length)} differ; the greatest change first.`,
        sortable: true,
        total: { name: 'total', class: '', ...totalSides(result.from, result.to) },
      },
    ),
  );
}

function aboutSection(result: DiffResult, sides: readonly ReportResult[]): Markup {
  const { provenance } = result.to;
  return section(
    'How to get these figures again',
    definitions([
      ...sides.flatMap((side): [string, string][] => [
        ['Trace', traceSentence(side)],
        ['Kernel', kernelSentence(side)],
      ]),
      ...(sides.length === 1
        ? [['Before', policySentence(result.from)] as const, ['After', policySentence(result.to)] as const]
        : [['Policy', policySentence(result.to)] as const]),
      [
        'Figures',
        `tagscope ${provenance.tagscope}. Granules and instructions are ${provenance.counts}: they follow from the rules, given the operations in the trace.`,
      ],
    ]),
    command(provenance.command),
  );
}
