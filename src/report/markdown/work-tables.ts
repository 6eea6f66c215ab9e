import { allGranules } from '../../result/granules.ts';
import { count, percent } from '../number-format.ts';
import { tagInstructions, type WorkRow } from '../work-table.ts';
import { pipeTable, type PipeColumn } from './pipe-table.ts';

const GRANULES: PipeColumn<WorkRow> = {
  title: 'granules',
  kind: 'figure',
  cell: ({ work }) => count(allGranules(work)),
};
const INSTRUCTIONS: PipeColumn<WorkRow> = {
  title: 'instructions',
  kind: 'figure',
  cell: ({ work }) => count(tagInstructions(work)),
};
const share = (total: number): PipeColumn<WorkRow> => ({
  title: 'share',
  kind: 'figure',
  cell: ({ work }) => percent(tagInstructions(work), total),
});
const CLASS: PipeColumn<WorkRow> = { title: 'class', kind: 'class', cell: (row) => row.class };

/** Allocation classes. `total` is what shares are of: all tag-setting instructions. */
export const classTable = (rows: readonly WorkRow[], total: number): readonly string[] => {
  const name: PipeColumn<WorkRow> = { title: 'class', kind: 'class', cell: (row) => row.name };
  return pipeTable(rows, [
    [name, GRANULES, INSTRUCTIONS, share(total)],
    [name, INSTRUCTIONS],
  ]);
};

/** Call sites, commands or stacks, each with its class. */
export const nameTable = (title: string, rows: readonly WorkRow[], total: number): readonly string[] => {
  const name: PipeColumn<WorkRow> = { title, kind: 'name', cell: (row) => row.name, shrinkTo: 20 };
  return pipeTable(rows, [
    [name, CLASS, INSTRUCTIONS, share(total)],
    [{ ...name, shrinkTo: 12 }, CLASS, INSTRUCTIONS],
    [{ ...name, shrinkTo: 12 }, INSTRUCTIONS],
  ]);
};
