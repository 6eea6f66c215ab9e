import type { Command } from '../command.ts';
import { TEXT_FORMATS } from '../groups/formats.ts';
import { outputOptions } from '../groups/output.ts';
import { cpuOption } from '../groups/shared.ts';
import type { Given } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope profiles                             what can turn tag work into time
  tagscope profiles series-2026                 its numbers, where each is from, what its readings assume
  tagscope profiles machine.json --json         a calibration, as data
`;

/** `tagscope profiles`. */
export const PROFILES = {
  name: 'profiles',
  about: 'the cost profiles, which turn tag work into time, with the provenance of each number',
  arguments: [{ form: '[profile]', help: 'one profile by name, or a calibration file' }],
  options: [cpuOption('CPU to compute for'), ...outputOptions(TEXT_FORMATS)],
  formats: TEXT_FORMATS,
  examples: EXAMPLES,
} as const satisfies Command;

export type ProfilesOptions = Given<typeof PROFILES.options>;
