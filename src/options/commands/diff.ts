import { DEFAULT_POLICY } from '../../policy/built-in.ts';
import type { Command } from '../command.ts';
import { STACK_FORMATS } from '../groups/formats.ts';
import { outputOptions } from '../groups/output.ts';
import { REPLAY_OPTIONS } from '../groups/replay.ts';
import { FROM, policyOption, TO } from '../groups/shared.ts';
import { TABLE_OPTIONS } from '../groups/table.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope diff trace.txt                       what Linux 7.3's series saves, and what remains
  tagscope diff trace.txt --from series --to mine.json
  tagscope diff before.txt after.txt --policy series
  tagscope diff old-*.dat --with new-*.dat --per second      repeated runs, with their spread
  tagscope diff trace.txt -o cover.md           tables for a cover letter
  tagscope diff trace.txt -o diff.svg           flame graphs of both sides on one scale
`;

/** `tagscope diff`. */
export const DIFF = {
  name: 'diff',
  about: 'what one policy saves over another, or one trace over another',
  arguments: [
    { form: '<trace...>', help: 'one trace, or two of them to compare under one policy; "-" is the standard input' },
  ],
  options: [
    FROM,
    TO,
    policyOption({ default: DEFAULT_POLICY, help: 'policy for two traces' }),
    {
      name: 'with',
      value: 'trace',
      several: 'words',
      help: 'runs of the second side; those before it are runs of the first',
      reproduces: true,
      reads: 'file',
    },
    {
      name: 'per',
      value: 'second|n',
      help: 'figures of two traces per second, or per iteration of n',
      reproduces: true,
    },
    ...REPLAY_OPTIONS,
    ...TABLE_OPTIONS,
    ...outputOptions(STACK_FORMATS),
  ],
  formats: STACK_FORMATS,
  examples: EXAMPLES,
} as const satisfies Command;

export type DiffOptions = Given<typeof DIFF.options>;
