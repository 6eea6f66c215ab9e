import { METRICS } from '../../decide/budget.ts';
import { DEFAULT_POLICY } from '../../policy/built-in.ts';
import type { FormatName } from '../../report/formats.ts';
import type { Command } from '../command.ts';
import { outputOptions } from '../groups/output.ts';
import { REPLAY_OPTIONS } from '../groups/replay.ts';
import { policyOption } from '../groups/shared.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope check trace.dat --budget "granules<1.5M,class.page-table.share<5%"      exits 1 if it is over
  tagscope check trace.dat --policy series --budget "class.kernel-stack.instructions<=0"
  tagscope check trace.dat --budget 'site.anon_pipe_*.granules<100k,time.high<2ms,losses<=0' --format github
  tagscope check trace.dat --budget-file budget.txt --json

A budget is limits, separated by commas or each on a line: METRIC, class.CLASS.METRIC or site.NAME.METRIC, then < <= > or >=, and a value.
In names of call sites * stands for any characters; a name with a comma or a comparison in it stands in double quotes.
Values: counts with k, M, G (10^3, 10^6, 10^9); shares with %; bytes with KiB, MiB, GiB, TiB; times with ns, us, ms, s.

Metrics:
${METRICS.map(({ name, about }) => `  ${name.padEnd(16)}${about}`).join('\n')}
`;

const FORMATS = ['text', 'json', 'github'] as const satisfies readonly FormatName[];

/** `tagscope check`. */
export const CHECK = {
  name: 'check',
  about: 'whether the tag work of a trace is within a budget, for continuous integration',
  arguments: [{ form: '<trace>', help: 'a trace; "-" is the standard input' }],
  options: [
    {
      name: 'budget',
      value: 'limits',
      several: 'times',
      help: 'limits, separated by commas; may be given several times',
      reproduces: true,
    },
    {
      name: 'budgetFile',
      value: 'file',
      help: 'a file with a limit on each line; what follows a # is a remark',
      reproduces: true,
      reads: 'file',
    },
    policyOption({ default: DEFAULT_POLICY, help: 'what is tagged; see `tagscope policies`' }),
    ...REPLAY_OPTIONS,
    ...outputOptions(FORMATS),
  ],
  formats: FORMATS,
  examples: EXAMPLES,
  ending: 'Exits 1 if a limit does not hold, by the best estimate.',
} as const satisfies Command;

export type CheckOptions = Given<typeof CHECK.options>;
