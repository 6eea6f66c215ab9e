import { UsageError } from '../base/errors.ts';
import type { READING_OPTIONS } from './groups/reading.ts';
import { JOBS } from './groups/shared.ts';
import type { Given } from './option.ts';
import { numberOf } from './read-option.ts';

type GivenReading = Given<typeof READING_OPTIONS>;

/** How a trace is read. */
export interface ReadingSettings {
  readonly strict: boolean;
  /** How many threads read a trace; undefined: as many as suit the machine. */
  readonly jobs: number | undefined;
  /** Path of the symbols for addresses that have no name. */
  readonly symbols: string | undefined;
  /** By how much the kernel was moved from where the symbols say, if that is known. */
  readonly symbolsOffset: bigint | undefined;
}

/** Reads and checks the options. @throws UsageError for one that makes no sense */
export const parseReadingOptions = (given: GivenReading): ReadingSettings => ({
  strict: given.strict === true,
  jobs: numberOf(JOBS, given),
  symbols: given.symbols,
  symbolsOffset: parseSymbolsOffset(given),
});

/** How far from its symbols the kernel was loaded, if that is said. @throws UsageError */
function parseSymbolsOffset({ symbols, symbolsOffset }: GivenReading): bigint | undefined {
  if (symbolsOffset === undefined) return undefined;
  if (symbols === undefined) {
    throw new UsageError('--symbols-offset without --symbols', 'Give the file with the symbols that are moved.');
  }
  const match = /^(-?)(0x[0-9a-f]{1,16}|\d{1,20})$/i.exec(symbolsOffset);
  if (match === null) {
    throw new UsageError(
      `--symbols-offset ${symbolsOffset}: not a number of bytes`,
      'Give the address of _text when the trace was recorded minus that in the symbols, such as 0x1a000000, or 0.',
    );
  }
  const distance = BigInt(match[2]);
  return match[1] === '' ? distance : -distance;
}
