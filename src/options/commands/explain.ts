import type { FormatName } from '../../report/formats.ts';
import type { Command } from '../command.ts';
import { outputOptions } from '../groups/output.ts';
import { policyOption, trialsOption } from '../groups/shared.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope explain console.log                  each KASAN report: which memory, what HW_TAGS catches, what policies miss
  dmesg | tagscope explain -
  tagscope explain logs/ --summary              all reports of a directory together: what each policy keeps and misses
  tagscope explain logs/ --summary --policy mine.json      exits 1 if mine.json misses a bug that the kernel catches
  tagscope explain logs/ --summary -o cover.md  for a cover letter; also .html .csv .json
  tagscope explain console.log --json | jq '.reports[] | {title, class, bug, caught: .caught.value}'
`;

const FORMATS = ['text', 'markdown', 'html', 'csv', 'json'] as const satisfies readonly FormatName[];

export const EXPLAIN_TRIALS = trialsOption(
  '50',
  'trials of each bug on the model, which must agree with the rules; 0 for none',
  [0, 1_000_000],
);

/** `tagscope explain`. */
export const EXPLAIN = {
  name: 'explain',
  about: 'KASAN reports of any kernel: which memory, what hardware tags catch, what each policy would miss',
  arguments: [
    {
      form: '<log...>',
      help: 'logs, plain or in gzip or zstd; with --summary directories too; "-" is the standard input',
    },
  ],
  options: [
    {
      name: 'summary',
      help: 'all reports together: kinds and classes, and what each policy keeps and misses',
      reproduces: true,
    },
    policyOption({
      several: 'times',
      otherwise: 'all built-in ones',
      help: 'judge this policy; may be given several times',
    }),
    {
      name: 'from',
      value: 'name|file',
      otherwise: "what the report's kernel has itself",
      help: 'policy to compare with',
      reproduces: true,
      reads: 'file',
    },
    EXPLAIN_TRIALS,
    ...outputOptions(FORMATS),
  ],
  formats: FORMATS,
  examples: EXAMPLES,
  ending:
    "Exits 1 if a policy given by --policy misses a bug that the kernel's own policy catches, or if the model does not agree with the rules.",
} as const satisfies Command;

export type ExplainOptions = Given<typeof EXPLAIN.options>;
