import { FORMATS, type FormatName } from '../../report/formats.ts';

/** The forms that most results have. */
export const TEXT_FORMATS = ['text', 'json'] as const satisfies readonly FormatName[];

/** The forms of results that have stacks: all but those of one command. */
export const STACK_FORMATS: readonly FormatName[] = FORMATS.filter((format) => !('only' in format)).map(
  ({ name }) => name,
);
