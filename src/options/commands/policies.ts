import type { Command } from '../command.ts';
import { TEXT_FORMATS } from '../groups/formats.ts';
import { outputOptions } from '../groups/output.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope policies                             all of them, with a sentence each
  tagscope policies default-untagged            one in full: meaning, source, rules, who passes which flag
  tagscope policies --json                      the same as data, to begin a policy file from
`;

/** `tagscope policies`. */
export const POLICIES = {
  name: 'policies',
  about: 'list the policies that can be named without a file, or show some in full',
  arguments: [{ form: '[name|file...]', help: 'policies to show in full' }],
  options: [...outputOptions(TEXT_FORMATS)],
  formats: TEXT_FORMATS,
  examples: EXAMPLES,
} as const satisfies Command;

export type PoliciesOptions = Given<typeof POLICIES.options>;
