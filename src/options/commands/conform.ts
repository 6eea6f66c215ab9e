import type { Command } from '../command.ts';
import { TEXT_FORMATS } from '../groups/formats.ts';
import { KERNEL_OPTIONS } from '../groups/kernel.ts';
import { MODEL_OPTIONS } from '../groups/model.ts';
import { outputOptions } from '../groups/output.ts';
import { policyOption } from '../groups/shared.ts';
import type { Given, Option } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope conform                              the kernel's own KASAN tests on the model, as KTAP
  tagscope conform --mode async --reports       with the texts of all KASAN reports
  tagscope conform --cmdline kasan.vmalloc=off --json
  tagscope conform --seeds 2000                 what chance decides: predicted and observed
  tagscope conform --policy tag-only-on-alloc   which cases go otherwise under a policy, and why
  tagscope conform --against console.log        a log of a real kernel beside the model
  tagscope conform --kernel 6.12 --page-size 16k
`;

/** Seeds with --policy: enough for what fails once in 14 to be seen nearly always. */
export const POLICY_SEEDS = 50;

export const SEEDS = {
  name: 'seeds',
  value: 'n',
  whole: [1, 100_000],
  help: 'run it with n seeds and print what depends on chance',
  reproduces: true,
} as const satisfies Option;

/** `tagscope conform`. */
export const CONFORM = {
  name: 'conform',
  about: 'the KASAN tests of the kernel (KUnit; 76 in 7.3), run on the model',
  arguments: [],
  options: [
    ...KERNEL_OPTIONS,
    { name: 'reports', help: 'print the KASAN reports too', onlyIn: ['text'] },
    SEEDS,
    policyOption({ otherwise: `${POLICY_SEEDS}`, help: 'which cases change under a policy, over --seeds' }),
    {
      name: 'against',
      value: 'log',
      help: 'compare with the console log, dmesg or KTAP output of a kernel',
      reproduces: true,
      reads: 'file',
    },
    ...MODEL_OPTIONS,
    ...outputOptions(TEXT_FORMATS),
  ],
  formats: TEXT_FORMATS,
  examples: EXAMPLES,
  ending:
    'Exits 1 if a case fails, as a real kernel would; with --seeds and --against, if something is not as the rules say; with --policy, if a case fails that did not, or fails more often.',
} as const satisfies Command;

export type ConformOptions = Given<typeof CONFORM.options>;
