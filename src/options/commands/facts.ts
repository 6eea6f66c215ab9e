import type { Command } from '../command.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope facts --guide --kernel 7.3           Markdown, for a folder of prompts or a colleague
  tagscope review series.mbox --format facts    the facts of one series
`;

/** `tagscope facts`. */
export const FACTS = {
  name: 'facts',
  about: 'a static guide for reviewers, human or machine: what the kernel does with tags, what to look at',
  arguments: [],
  options: [
    { name: 'guide', help: 'print the guide' },
    { name: 'kernel', value: 'version', otherwise: '7.3', help: 'the kernel that it is of' },
  ],
  formats: [],
  examples: EXAMPLES,
} as const satisfies Command;

export type FactsOptions = Given<typeof FACTS.options>;
