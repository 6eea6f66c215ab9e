import type { FormatName } from '../../report/formats.ts';
import type { Command } from '../command.ts';
import { outputOptions } from '../groups/output.ts';
import { REPLAY_OPTIONS } from '../groups/replay.ts';
import { trialsOption } from '../groups/shared.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope review series.mbox                   what a series does to tags, whether its claims hold, what to ask
  b4 am -o - MESSAGE-ID | tagscope review -     a thread from lore
  tagscope review outgoing/ --tree ~/linux      a folder of git format-patch, with the tree that it applies to
  tagscope review series.mbox --trace trace.dat --policy-out mine.json
  tagscope review series.mbox --explained explained.json    real reports too, by tagscope explain LOG… --json
  tagscope review - --format b4                 as b4.review-series-check-cmd
`;

const FORMATS = ['text', 'markdown', 'html', 'json', 'mail', 'facts', 'b4'] as const satisfies readonly FormatName[];
const BASES = ['before-series', 'with-series'] as const;

export const REVIEW_TRIALS = trialsOption('20', 'trials of each kind of bug in the audits', [1, 100_000]);

/** `tagscope review`. */
export const REVIEW = {
  name: 'review',
  about: "a patch series: the policy that it amounts to, its effect, its claims, a reviewer's questions",
  arguments: [
    { form: '<series...>', help: 'a mailbox, mails, patches or a folder of patches; "-" is the standard input' },
  ],
  options: [
    {
      name: 'tree',
      value: 'dir',
      help: 'a kernel tree, or a part of one, that the series applies to',
      reproduces: true,
    },
    {
      name: 'trace',
      value: 'file',
      several: 'times',
      help: 'predict the effect on this trace; may be given several times',
      reproduces: true,
      reads: 'file',
    },
    {
      name: 'explained',
      value: 'json',
      help: 'what `explain LOG… --json` wrote: judge the policy by these real reports too',
      reproduces: true,
      reads: 'file',
    },
    {
      name: 'claim',
      value: 'text',
      help: "check these sentences by the facts of the series, in place of the author's own",
      reproduces: true,
    },
    {
      name: 'base',
      value: 'kernel',
      choices: BASES,
      help: `the kernel that the series is for, where it does not show: ${BASES.join(', ')}`,
      reproduces: true,
    },
    REVIEW_TRIALS,
    { name: 'policyOut', value: 'file', help: 'write the policy that the series amounts to' },
    { name: 'exitCode', help: 'exit 1 if there are questions' },
    ...REPLAY_OPTIONS,
    ...outputOptions(FORMATS),
  ],
  formats: FORMATS,
  examples: EXAMPLES,
} as const satisfies Command;

export type ReviewOptions = Given<typeof REVIEW.options>;
