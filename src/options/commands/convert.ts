import type { Command } from '../command.ts';
import { FORCE, NO_COLOR, QUIET } from '../groups/output.ts';
import { READING_OPTIONS } from '../groups/reading.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope convert trace.dat trace.arrow        then: tagscope report trace.arrow
  tagscope convert trace.txt.zst trace.arrow --force
  python -c 'import pyarrow.feather as f; print(f.read_table("trace.arrow"))'
`;

/** `tagscope convert`. */
export const CONVERT = {
  name: 'convert',
  about: 'write the events of a trace to a file that is read at once, here and by other programs',
  arguments: [
    { form: '<trace>', help: 'a trace; "-" is the standard input' },
    { form: '<file>', help: 'the file to write, an Arrow file' },
  ],
  options: [
    ...READING_OPTIONS,
    { ...FORCE, help: 'overwrite the file' },
    NO_COLOR,
    { ...QUIET, help: 'show no progress, and not what was written' },
  ],
  formats: [],
  examples: EXAMPLES,
} as const satisfies Command;

export type ConvertOptions = Given<typeof CONVERT.options>;
