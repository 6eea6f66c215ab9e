import type { AllocationClass } from '../base/allocation-class.ts';
import { tagSetting } from '../mte/instruction.ts';
import { allGranules } from '../result/granules.ts';
import type { ClassWork, SiteWork, Work } from '../result/result.ts';
import { count, percent } from './number-format.ts';
import type { TextOptions } from './text-options.ts';
import { textTable, type Column, type Layout } from './text-table.ts';

/** A row of a table of tag work: what it is about, and its figures. */
export interface WorkRow {
  readonly name: string;
  readonly class: AllocationClass | '';
  readonly work: Work;
}

export const tagInstructions = (work: Work): number => tagSetting(work.instructions);

/** Whether any tag was written. */
export const hasTagWork = (work: Work): boolean => allGranules(work) > 0 || tagInstructions(work) > 0;

/** Most tag-setting instructions first, then most granules; equal ones stay in order. */
const byTagWork = (a: Work, b: Work): number =>
  tagInstructions(b) - tagInstructions(a) || allGranules(b) - allGranules(a);

/** Those that wrote tags, as they are listed. */
export const withTagWork = <Kind extends Work>(works: readonly Kind[]): readonly Kind[] =>
  works.filter(hasTagWork).toSorted(byTagWork);

/** Rows of classes that wrote tags, as they are listed. */
export const classRows = (classes: readonly ClassWork[]): readonly WorkRow[] =>
  withTagWork(classes).map((work) => ({ name: work.class, class: work.class, work }));

/** Rows of call sites that wrote tags, as they are listed. */
export const siteRows = (sites: readonly SiteWork[]): readonly WorkRow[] =>
  withTagWork(sites).map((work) => ({ name: work.site, class: work.class, work }));

/** Rows with tag work, as they are listed. */
export const rowsWithTagWork = (rows: readonly WorkRow[]): readonly WorkRow[] =>
  rows.filter(({ work }) => hasTagWork(work)).toSorted((a, b) => byTagWork(a.work, b.work));

const figure = (title: string, value: (work: Work) => number): Column<WorkRow> => ({
  title,
  align: 'right',
  cell: (row) => count(value(row.work)),
});

const ALLOCATIONS = figure('\nallocs', (work) => work.allocations);
const FREES = figure('\nfrees', (work) => work.frees);
const GRANULES_ALLOC = figure('granules\nat alloc', (work) => work.granules.alloc);
const GRANULES_FREE = figure('granules\nat free', (work) => work.granules.free);
const GRANULES = figure('\ngranules', allGranules);
const INSTRUCTIONS = figure('tag-setting\ninstructions', tagInstructions);
const share = (total: number): Column<WorkRow> => ({
  title: 'share of\ninstr.',
  align: 'right',
  cell: (row) => percent(tagInstructions(row.work), total),
});
const CLASS: Column<WorkRow> = { title: '\nclass', align: 'left', cell: (row) => row.class };
const nameColumn = (title: string, shrinkTo: number): Column<WorkRow> => ({
  title: `\n${title}`,
  align: 'left',
  cell: (row) => row.name,
  shrinkTo,
});

/** A table of allocation classes. `total` is what shares are of: all tag-setting instructions. */
export function classTable(rows: readonly WorkRow[], total: number, options: TextOptions): string[] {
  const name = nameColumn('class', 13);
  const figures = [GRANULES_ALLOC, GRANULES_FREE, INSTRUCTIONS, share(total)];
  return textTable(
    rows,
    [
      [name, ALLOCATIONS, FREES, ...figures],
      [name, ALLOCATIONS, ...figures],
      [name, ...figures],
      [name, GRANULES, INSTRUCTIONS, share(total)],
    ],
    options,
  );
}

/** A table of call sites, commands or stacks, each with its class. `title` heads the column of names. */
export function nameTable(title: string, rows: readonly WorkRow[], total: number, options: TextOptions): string[] {
  // Call sites of traces without stacks are long, and their two ends tell them apart.
  const [wide, medium] = [nameColumn(title, 36), nameColumn(title, 24)];
  const narrow = nameColumn(title, 16);
  const figures = [GRANULES_ALLOC, GRANULES_FREE, INSTRUCTIONS, share(total)];
  const layouts: readonly [Layout<WorkRow>, ...Layout<WorkRow>[]] = [
    [wide, CLASS, ALLOCATIONS, FREES, ...figures],
    [wide, CLASS, ALLOCATIONS, ...figures],
    [medium, CLASS, ...figures],
    [medium, CLASS, GRANULES, INSTRUCTIONS, share(total)],
    [narrow, CLASS, GRANULES, INSTRUCTIONS],
    [narrow, GRANULES, INSTRUCTIONS],
  ];
  return textTable(rows, layouts, options);
}
