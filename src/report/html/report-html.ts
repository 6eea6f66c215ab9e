import { INSTRUCTION_KINDS, INSTRUCTION_NAMES, TAG_SETTING_KINDS, tagSetting } from '../../mte/instruction.ts';
import { allGranules } from '../../result/granules.ts';
import type { ReportResult } from '../../result/result.ts';
import { estimateSentences } from '../estimates-text.ts';
import { granuleInterval, headline } from '../headline.ts';
import { instructionMeaning } from '../instructions-text.ts';
import { kernelSentence, policySentence, traceSentence } from '../kernel-text.ts';
import { markup, type Markup } from '../markup.ts';
import { bounds, byteSize, count, counted, duration, percent } from '../number-format.ts';
import { shortenMiddle } from '../printable.ts';
import { reportTitle } from '../side-names.ts';
import { measureOf } from '../stacks/measures.ts';
import { weightedStacks } from '../stacks/weighted-stacks.ts';
import { stackGraph } from '../svg/graphs.ts';
import { classStyle } from '../svg/palette.ts';
import { untaggedSentence } from '../untagged-text.ts';
import { byTagWork, hasTagWork, tagInstructions, type WorkRow } from '../work-table.ts';
import type { OutputOptions } from '../writers.ts';
import { bar, htmlTable, type HtmlColumn } from './html-table.ts';
import { page } from './page.ts';
import { command, definitions, figures, graphFigures, list, lossesSection, section, warnings } from './parts.ts';

/** A longer name tells nothing more. */
const MAX_NAME = 200;

/** A report as one page. */
export function reportHtml(result: ReportResult, options: OutputOptions): string {
  const title = reportTitle(result);
  return page(
    `${title} – tagscope`,
    'Tag work of a kernel',
    markup`<h1>${title}</h1>
<p class="lead">${headline(result)}</p>
${warnings(result.warnings)}${headFigures(result)}${classSection(result)}${graphSection(result, options)}${namesSection(result, options)}${instructionsSection(result)}${coverageSections(result)}${aboutSection(result)}`,
  );
}

function headFigures(result: ReportResult): Markup {
  const { totals, source } = result;
  const granules = granuleInterval(result);
  const inside = (text: string): string => text.replace(/^ \(|\)$/g, '');
  return figures([
    {
      name: 'Tag-setting instructions',
      value: count(totals.tagInstructions.best),
      note: inside(bounds(totals.tagInstructions)),
    },
    { name: 'Granules tagged', value: count(granules.best), note: inside(bounds(granules)) || 'of 16 bytes' },
    { name: 'Allocations', value: count(totals.allocations), note: `of ${byteSize(totals.bytes)}` },
    { name: 'Time of the trace', value: duration(source.seconds), note: `on ${counted(source.cpus, 'CPU')}` },
  ]);
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

function classSection(result: ReportResult): Markup {
  const total = tagSetting(result.totals.instructions);
  const rows = result.byClass
    .filter(hasTagWork)
    .toSorted(byTagWork)
    .map((work): WorkRow => ({ name: work.class, class: work.class, work }));
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

function graphSection(result: ReportResult, { text, weight }: OutputOptions): Markup {
  const graphs = stackGraph(weightedStacks(result.policy.name, result, text.by), measureOf(weight));
  return graphs.length === 0 ? markup`` : section('Flame graph', graphFigures(graphs, false));
}

/** Call sites, and commands where the report is by command. */
function namesSection(result: ReportResult, { text }: OutputOptions): Markup {
  const sites = result.bySite.map((work): WorkRow => ({ name: work.site, class: work.class, work }));
  const commands = result.byGroup.map((work): WorkRow => ({
    name: work.group === '' ? '(not known)' : work.group,
    class: work.class,
    work,
  }));
  return markup`${text.by === 'comm' ? namesTable(result, 'By command', 'command', commands) : ''}${namesTable(result, 'By call site', 'call site', sites)}`;
}

function namesTable(result: ReportResult, title: string, column: string, all: readonly WorkRow[]): Markup {
  const rows = all.filter(({ work }) => hasTagWork(work)).toSorted((a, b) => byTagWork(a.work, b.work));
  if (rows.length === 0) return markup``;
  const total = tagSetting(result.totals.instructions);
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
      total: { name: 'total', class: '', work: result.totals },
    }),
  );
}

function instructionsSection({ totals, kernel }: ReportResult): Markup {
  const setting = new Set<string>(TAG_SETTING_KINDS);
  const rows = INSTRUCTION_KINDS.filter((kind) => totals.instructions[kind] > 0);
  if (rows.length === 0) return markup``;
  return section(
    'Instructions by kind',
    htmlTable<(typeof rows)[number]>(
      [
        { title: 'instruction', kind: 'name', cell: (kind) => INSTRUCTION_NAMES[kind] },
        { title: 'executed', kind: 'figure', cell: (kind) => count(totals.instructions[kind]) },
        { title: 'what it does', kind: 'text', cell: (kind) => instructionMeaning(kind, kernel.dcBlock) },
        { title: 'sets tags', kind: 'text', cell: (kind) => (setting.has(kind) ? 'yes' : 'no') },
      ],
      rows,
      { caption: 'All that were executed. Those that set no tags are not in the figures above.' },
    ),
  );
}

/** What is sure, and what the figures do not cover. */
export const coverageSections = (result: ReportResult): Markup =>
  markup`${section('Certain and estimated', list(estimateSentences(result)))}${lossesSection(result.losses)}`;

function aboutSection(result: ReportResult): Markup {
  const { provenance } = result;
  return section(
    'How to get these figures again',
    definitions([
      ['Trace', traceSentence(result)],
      ['Kernel', kernelSentence(result)],
      ['Policy', policySentence(result)],
      [
        'Figures',
        `tagscope ${provenance.tagscope}. Granules and instructions are ${provenance.counts}: they follow from the rules, given the operations in the trace. ${count(allGranules(result.totals))} granules are of 16 bytes each.`,
      ],
    ]),
    command(provenance.command),
  );
}
