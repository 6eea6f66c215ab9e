import type { Command } from '../command.ts';
import { TEXT_FORMATS } from '../groups/formats.ts';
import { outputOptions } from '../groups/output.ts';
import { REPLAY_OPTIONS } from '../groups/replay.ts';
import { policyOption, trialsOption } from '../groups/shared.ts';
import { topOption } from '../groups/table.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope advise trace.dat                     beyond Linux 7.3's series: what could be left untagged, and what that loses
  tagscope advise trace.dat --policy before-series      what a kernel without the series should skip
  tagscope advise trace.dat --write-policy next.json && tagscope diff trace.dat --from series --to next.json
`;

export const ADVISE_POLICY = policyOption({
  default: 'series',
  help: 'the policy in force, which advice comes on top of',
});
export const ADVISE_TRIALS = trialsOption('50', 'trials of each kind of bug in the audits');

/** `tagscope advise`. */
export const ADVISE = {
  name: 'advise',
  about: 'call sites that could be left untagged: what each saves, by which rule, and what it would lose',
  arguments: [{ form: '<trace>', help: 'a trace; "-" is the standard input' }],
  options: [
    ADVISE_POLICY,
    ADVISE_TRIALS,
    { name: 'writePolicy', value: 'file', help: 'write a policy with all advice that loses nothing' },
    ...REPLAY_OPTIONS,
    topOption('call sites shown of each piece of advice'),
    ...outputOptions(TEXT_FORMATS),
  ],
  formats: TEXT_FORMATS,
  examples: EXAMPLES,
} as const satisfies Command;

export type AdviseOptions = Given<typeof ADVISE.options>;
