import type { Command } from '../command.ts';
import { TEXT_FORMATS } from '../groups/formats.ts';
import { outputOptions } from '../groups/output.ts';
import { READING_OPTIONS } from '../groups/reading.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope info trace.dat                       format, kernel, clock, events, losses, what is missing
  tagscope info *.pftrace --json | jq '.infos[].events.byType'
`;

/** `tagscope info`. */
export const INFO = {
  name: 'info',
  about: 'what is in a trace, and what it lacks for a good report',
  arguments: [{ form: '<trace...>', help: 'traces; "-" is the standard input' }],
  options: [...READING_OPTIONS, ...outputOptions(TEXT_FORMATS)],
  formats: TEXT_FORMATS,
  examples: EXAMPLES,
} as const satisfies Command;

export type InfoOptions = Given<typeof INFO.options>;
