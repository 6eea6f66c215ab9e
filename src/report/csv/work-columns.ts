import { INSTRUCTION_KINDS, INSTRUCTION_NAMES, tagSetting } from '../../mte/instruction.ts';
import type { Work } from '../../result/result.ts';
import type { CsvColumn } from './csv.ts';

const columnName = (name: string): string => name.toLowerCase().replaceAll(' ', '_');

/** The figures of tag work as columns; a heading says what is counted. */
export const WORK_COLUMNS: readonly CsvColumn<{ readonly work: Work }>[] = [
  { title: 'allocations', field: ({ work }) => work.allocations },
  { title: 'frees', field: ({ work }) => work.frees },
  { title: 'allocated_bytes', field: ({ work }) => work.bytes },
  { title: 'granules_at_alloc', field: ({ work }) => work.granules.alloc },
  { title: 'granules_at_free', field: ({ work }) => work.granules.free },
  { title: 'tag_setting_instructions', field: ({ work }) => tagSetting(work.instructions) },
  ...INSTRUCTION_KINDS.map((kind): CsvColumn<{ readonly work: Work }> => ({
    title: `${columnName(INSTRUCTION_NAMES[kind])}_instructions`,
    field: ({ work }) => work.instructions[kind],
  })),
];
