import { allGranules } from '../../result/granules.ts';
import type { DiffRow } from '../../result/result.ts';
import type { DifferenceRow } from '../diff-table.ts';
import { byChange, differs, hasWork } from '../diff-text.ts';
import { markup, NOTHING, type Markup } from '../markup.ts';
import { count, counted, percent } from '../number-format.ts';
import { shortenMiddle } from '../printable.ts';
import type { SideNames } from '../side-names.ts';
import type { Graph } from '../svg/graphs.ts';
import { CHANGE_STEPS, classStyle } from '../svg/palette.ts';
import { bar, htmlTable, type HtmlColumn } from './html-table.ts';
import { graphFigures, legend, section } from './parts.ts';
import { MAX_NAME } from './work-sections.ts';

/** What is set side by side: two reports, or two runs on the model. */
export interface Compared {
  readonly names: SideNames;
  /** What of, where a page has several such tables. */
  readonly of?: string;
  /** The sums of both sides. */
  readonly from: DiffRow['from'];
  readonly to: DiffRow['to'];
  readonly byClass: readonly DiffRow[];
  readonly bySite: readonly DiffRow[];
}

/** The classes, the graphs and the call sites of two sides. */
export const differenceSections = (compared: Compared, graphs: readonly Graph[]): Markup =>
  markup`${classSection(compared)}${graphSection(graphs)}${siteSection(compared)}`;

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

const classSection = (compared: Compared): Markup => {
  const table = classTable(compared);
  return table === NOTHING ? NOTHING : section('By allocation class', table);
};

/** A row with bars for each allocation class that has tag work; nothing where none has. */
export function classTable({ names, of, byClass, from, to }: Compared): Markup {
  const rows = byClass
    .filter(hasWork)
    .toSorted(byChange)
    .map((row): DifferenceRow => ({ ...row, name: row.class }));
  if (rows.length === 0) return NOTHING;
  const longest = Math.max(...rows.flatMap((row) => [row.from.tagInstructions, row.to.tagInstructions]), 1);
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
  return htmlTable(columns, rows, {
    caption: `${of === undefined ? '' : `On ${of}. `}Before is ${names.from}, the muted bar; after is ${names.to}. Instructions are those that set tags; granules are of 16 bytes.`,
    total: { name: 'total', class: '', from, to },
  });
}

function graphSection(graphs: readonly Graph[]): Markup {
  if (graphs.length === 0) return NOTHING;
  return section(
    'Flame graphs of both',
    markup`<p>Each function is drawn below the one that called it; the uppermost row is the allocation class. Both graphs have one scale: what the second one is narrower by is saved.</p>\n`,
    legend(CHANGE_STEPS),
    graphFigures(graphs, true),
  );
}

function siteSection({ bySite, from, to }: Compared): Markup {
  const rows = bySite
    .filter(hasWork)
    .toSorted((a, b) => byChange(a, b) || b.to.tagInstructions - a.to.tagInstructions)
    .map((row): DifferenceRow => ({ ...row, name: row.site }));
  if (rows.length === 0) return NOTHING;
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
        total: { name: 'total', class: '', from, to },
      },
    ),
  );
}
