import type { Command } from '../command.ts';
import { TEXT_FORMATS } from '../groups/formats.ts';
import { outputOptions } from '../groups/output.ts';
import { READING_OPTIONS } from '../groups/reading.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope accuracy cases/oracle                exits 1 if a prediction is not as good as it must be
`;

/** `tagscope accuracy`. */
export const ACCURACY = {
  name: 'accuracy',
  about: 'predictions beside what a real kernel executed in the same runs',
  arguments: [{ form: '<dir>', help: 'a directory of traces and counts, such as cases/oracle' }],
  options: [...READING_OPTIONS, ...outputOptions(TEXT_FORMATS)],
  formats: TEXT_FORMATS,
  examples: EXAMPLES,
} as const satisfies Command;

export type AccuracyOptions = Given<typeof ACCURACY.options>;
