import type { FormatName } from '../../report/formats.ts';
import type { Option } from '../option.ts';

export const FORCE = { name: 'force', help: 'let -o overwrite a file' } as const satisfies Option;
export const NO_COLOR = { name: 'color', negated: true, help: 'print without colour' } as const satisfies Option;
export const QUIET = { name: 'quiet', short: 'q', help: 'show no progress' } as const satisfies Option;

/** How results are written. */
const OUTPUT_OPTIONS = [
  {
    name: 'output',
    short: 'o',
    value: 'file',
    help: 'write to a file instead of the standard output; its ending says how',
  },
  FORCE,
  NO_COLOR,
  {
    name: 'verbose',
    short: 'v',
    help: 'in a terminal, all of the text and not what the screen has room for',
    onlyIn: ['text'],
  },
  QUIET,
] as const satisfies readonly Option[];

const JSON_OPTION = {
  name: 'json',
  help: 'print the result as JSON; short for --format json',
} as const satisfies Option;

const formatOption = (formats: readonly FormatName[]) =>
  ({
    name: 'format',
    value: 'name',
    help: formats.join(', '),
    otherwise: 'as the ending of -o says, or text',
  }) as const satisfies Option;

/** How results are written: in one of `formats`. */
export const outputOptions = (formats: readonly FormatName[]) =>
  [JSON_OPTION, formatOption(formats), ...OUTPUT_OPTIONS] as const;

export type OutputOptions = ReturnType<typeof outputOptions>;
