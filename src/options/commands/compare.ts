import type { FormatName } from '../../report/formats.ts';
import type { Command } from '../command.ts';
import { outputOptions } from '../groups/output.ts';
import { REPLAY_OPTIONS } from '../groups/replay.ts';
import { FROM, trialsOption } from '../groups/shared.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope compare trace.txt                    what every policy saves, and what it leaves undetected
  tagscope compare trace.txt --from series --policies tag-on-free,skip-new-slab,mine.json
  tagscope compare trace.txt --policies series,sample=10,order=3,sample=50,order=2 --trials 1000
  tagscope compare trace.txt -o trade-off.svg   the trade-off as a picture; .md for a mail
`;

const FORMATS = ['text', 'markdown', 'html', 'svg', 'json'] as const satisfies readonly FormatName[];

export const COMPARE_TRIALS = trialsOption('50', 'trials of each kind of bug in the audit of each policy');

/** `tagscope compare`. */
export const COMPARE = {
  name: 'compare',
  about: 'policies ranked: the tag work that each saves on a trace, beside the detection that it loses',
  arguments: [{ form: '<trace>', help: 'a trace; "-" is the standard input' }],
  options: [
    {
      name: 'policies',
      value: 'a,b,c',
      otherwise: 'all built-in ones',
      help: 'names or files of the policies, separated by commas',
      reproduces: true,
      reads: 'policies',
    },
    FROM,
    COMPARE_TRIALS,
    {
      name: 'weights',
      value: 'explain.json',
      otherwise: 'each kind once',
      help: 'weigh detection by real bugs: what explain --json wrote',
      reproduces: true,
      reads: 'file',
    },
    ...REPLAY_OPTIONS,
    ...outputOptions(FORMATS),
  ],
  formats: FORMATS,
  examples: EXAMPLES,
  ending:
    'Exits 1 if something is not detected as often as the rules say. `tagscope policies` lists what can be named.',
} as const satisfies Command;

export type CompareOptions = Given<typeof COMPARE.options>;
