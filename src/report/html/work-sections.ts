import { INSTRUCTION_KINDS, INSTRUCTION_NAMES, TAG_SETTING_KINDS, tagSetting } from '../../mte/instruction.ts';
import type { ClassWork, SiteWork, Work } from '../../result/result.ts';
import { instructionMeaning } from '../instructions-text.ts';
import { markup, NOTHING, type Markup } from '../markup.ts';
import { count, counted, percent } from '../number-format.ts';
import { shortenMiddle } from '../printable.ts';
import type { Graph } from '../svg/graphs.ts';
import { classStyle } from '../svg/palette.ts';
import { untaggedSentence } from '../untagged-text.ts';
import { classRows, rowsWithTagWork, tagInstructions, type WorkRow } from '../work-table.ts';
import { bar, htmlTable, type HtmlColumn } from './html-table.ts';
import { graphFigures, section } from './parts.ts';

/** A longer name tells nothing more. */
export const MAX_NAME = 200;

/** What the sections are of: a report, or a run on the model. */
export interface WorkSource {
  readonly totals: Work;
  readonly byClass: readonly ClassWork[];
  readonly bySite: readonly SiteWork[];
}

const figure = (title: string, value: (row: WorkRow) => number): HtmlColumn<WorkRow> => ({
  title,
  kind: 'figure',
  cell: (row) => count(value(row)),
  sort: value,
});

/** The columns that all tables of work have. */
const workColumns = (total: number): readonly HtmlColumn<WorkRow>[] => [
  figure('tag-setting instructions', ({ work }) => tagInstructions(work)),
  {
    title: 'share of instructions',
    kind: 'figure',
    cell: ({ work }) => percent(tagInstructions(work), total),
    sort: ({ work }) => tagInstructions(work),
  },
  figure('granules at alloc', ({ work }) => work.granules.alloc),
  figure('granules at free', ({ work }) => work.granules.free),
  figure('allocations', ({ work }) => work.allocations),
];

/** The classes, with bars. */
export function classSection(result: WorkSource): Markup {
  const total = tagSetting(result.totals.instructions);
  const rows = classRows(result.byClass);
  const untagged = untaggedSentence(result.byClass);
  const note = untagged === '' ? '' : markup`<p class="note">${untagged}</p>\n`;
  if (rows.length === 0) return section('By allocation class', note);
  const longest = Math.max(...rows.map(({ work }) => tagInstructions(work)), 1);
  const columns: readonly HtmlColumn<WorkRow>[] = [
    { title: 'class', kind: 'text', cell: (row) => row.name },
    {
      title: '',
      kind: 'bar',
      cell: (row) =>
        row.class === '' ? '' : bar(tagInstructions(row.work) / longest, `${classStyle(row.class)}-solid`),
    },
    ...workColumns(total),
  ];
  return section(
    'By allocation class',
    htmlTable(columns, rows, {
      caption: `What memory was for. Shares are of all ${count(total)} tag-setting instructions.`,
      total: { name: 'total', class: '', work: result.totals },
    }),
    note,
  );
}

/** The stacks, if they weigh anything. */
export const graphSection = (graphs: readonly Graph[]): Markup =>
  graphs.length === 0 ? NOTHING : section('Flame graph', graphFigures(graphs, false));

/** Call sites with tag work. */
export const siteSection = (source: WorkSource): Markup =>
  namesSection(
    source,
    'By call site',
    'call site',
    source.bySite.map((work) => ({ name: work.site, class: work.class, work })),
  );

/** All rows with tag work, in a table that can be sorted. `column` says what a row is, in the singular. */
export function namesSection({ totals }: WorkSource, title: string, column: string, all: readonly WorkRow[]): Markup {
  const rows = rowsWithTagWork(all);
  if (rows.length === 0) return markup``;
  const total = tagSetting(totals.instructions);
  const columns: readonly HtmlColumn<WorkRow>[] = [
    { title: column, kind: 'name', cell: (row) => shortenMiddle(row.name, MAX_NAME, true) },
    { title: 'class', kind: 'text', cell: (row) => row.class },
    ...workColumns(total),
  ];
  return section(
    title,
    htmlTable(columns, rows, {
      caption: `${counted(rows.length, column)} with tag work. Shares are of all ${count(total)} tag-setting instructions.`,
      sortable: true,
      total: { name: 'total', class: '', work: totals },
    }),
  );
}

/** Instructions by kind. `dcBlock`: bytes of a DC block. */
export function instructionsSection({ totals }: WorkSource, dcBlock: number): Markup {
  const setting = new Set<string>(TAG_SETTING_KINDS);
  const rows = INSTRUCTION_KINDS.filter((kind) => totals.instructions[kind] > 0);
  if (rows.length === 0) return markup``;
  return section(
    'Instructions by kind',
    htmlTable<(typeof rows)[number]>(
      [
        { title: 'instruction', kind: 'name', cell: (kind) => INSTRUCTION_NAMES[kind] },
        { title: 'executed', kind: 'figure', cell: (kind) => count(totals.instructions[kind]) },
        { title: 'what it does', kind: 'text', cell: (kind) => instructionMeaning(kind, dcBlock) },
        { title: 'sets tags', kind: 'text', cell: (kind) => (setting.has(kind) ? 'yes' : 'no') },
      ],
      rows,
      { caption: 'All that were executed. Those that set no tags are not in the figures above.', narrow: true },
    ),
  );
}
