import { INSTRUCTION_KINDS, INSTRUCTION_NAMES, tagSetting } from '../../mte/instruction.ts';
import type { Interval, Work } from '../../result/result.ts';
import type { CsvColumn, Field } from './csv.ts';

const columnName = (name: string): string => name.toLowerCase().replaceAll(' ', '_');

/** The columns of a time, which is never without its bounds. */
export const TIME_BOUNDS = ['best', 'low', 'high'] as const;
export const timeColumn = (bound: (typeof TIME_BOUNDS)[number]): string => `modelled_time_ns_${bound}`;
/** Empty where the profile has no time for the KASAN of the result. */
export const timeField = (time: Interval | null, bound: (typeof TIME_BOUNDS)[number]): Field =>
  time === null ? '' : time[bound];

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
  ...TIME_BOUNDS.map((bound): CsvColumn<{ readonly work: Work }> => ({
    title: timeColumn(bound),
    field: ({ work: { time } }) => timeField(time, bound),
  })),
];
