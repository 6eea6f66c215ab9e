import type { Command } from '../command.ts';
import { TEXT_FORMATS } from '../groups/formats.ts';
import { FORCE, NO_COLOR, QUIET } from '../groups/output.ts';
import type { Given, Option } from '../option.ts';

const EXAMPLES = `Examples:
  tagscope calibrate -o machine.json            on an arm64 machine with MTE: measure it
  tagscope calibrate --core 7 -o big.json       another kind of core of the same machine
  tagscope calibrate --write-program mte-calibrate.c      the C program, for a machine without tagscope
`;

export const CORE = {
  name: 'core',
  value: 'n',
  whole: [0, 1023],
  otherwise: 'the one that the scheduler chooses',
  help: 'measure on this core',
} as const satisfies Option;
export const MEMORY = {
  name: 'memory',
  value: 'MiB',
  whole: [8, 65_536],
  otherwise: '256',
  help: 'memory that no cache holds',
} as const satisfies Option;

/** `tagscope calibrate`. */
export const CALIBRATE = {
  name: 'calibrate',
  about: 'measure what tag instructions cost on this arm64 machine, or say how on another',
  arguments: [],
  options: [
    CORE,
    MEMORY,
    { name: 'cc', value: 'compiler', otherwise: '$CC, or cc', help: 'the C compiler' },
    { name: 'writeProgram', value: 'file', help: 'write the C program and do nothing else' },
    { name: 'output', short: 'o', value: 'file', help: 'write to a file instead of the standard output' },
    { ...FORCE, help: 'let -o and --write-program overwrite a file' },
    NO_COLOR,
    QUIET,
  ],
  formats: TEXT_FORMATS,
  examples: EXAMPLES,
  ending: 'Exits 1 where this machine cannot be measured.',
} as const satisfies Command;

export type CalibrateOptions = Given<typeof CALIBRATE.options>;
