import type { FormatName } from '../../report/formats.ts';
import type { Command } from '../command.ts';
import { MODEL_OPTIONS } from '../groups/model.ts';
import { outputOptions } from '../groups/output.ts';
import { FROM, JOBS, policyOption, TO, trialsOption } from '../groups/shared.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope audit                                what the series changes in what KASAN detects
  tagscope audit --from before-series --to mine.json
  tagscope audit --policy series --class page-table
  tagscope audit --policy series --mode asymm --write-only --trials 5000 --json
`;

const FORMATS = ['text', 'html', 'csv', 'json'] as const satisfies readonly FormatName[];

export const AUDIT_TRIALS = trialsOption('1000', 'trials of each kind of bug');

/** `tagscope audit`. */
export const AUDIT = {
  name: 'audit',
  about: 'injects bugs into all kinds of memory on the model: what is detected, and what a policy changes',
  arguments: [],
  options: [
    policyOption({ help: 'one policy: what it detects' }),
    FROM,
    TO,
    AUDIT_TRIALS,
    { name: 'class', value: 'name', help: 'memory of one class alone, such as page-table', reproduces: true },
    { name: 'all', help: 'show what stays as it is too', onlyIn: ['text'] },
    ...MODEL_OPTIONS,
    JOBS,
    ...outputOptions(FORMATS),
  ],
  formats: FORMATS,
  examples: EXAMPLES,
  ending:
    'Exits 1 if the second policy loses detection where the kernel itself goes, or if something is not detected as often as the rules say.',
} as const satisfies Command;

export type AuditOptions = Given<typeof AUDIT.options>;
