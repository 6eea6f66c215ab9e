import { UsageError } from '../base/errors.ts';
import { kernelVersion, type KernelVersion } from '../base/kernel-version.ts';
import { DEFAULT_PROFILE } from '../cost/profiles.ts';
import { PAGE_SIZES, type ReplaySettings } from '../jobs/replay-settings.ts';
import { parseBootParameters } from '../kasan/boot-parameters.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { cpuProfile, DEFAULT_CPU, withDcBlock } from '../mte/cpu.ts';
import type { Selection } from '../replay/selection.ts';
import type { MeasureId } from '../report/stacks/measures.ts';
import type { ReportBy } from '../report/text-options.ts';
import { MAX_CPU } from '../trace/event-table.ts';
import { wholeNumber as countOf } from './whole-number.ts';

/** The options of commands that replay a trace, as the command line has them; absent ones were not given. */
export interface RawOptions {
  readonly merge?: boolean;
  readonly policy?: string;
  readonly from?: string;
  readonly to?: string;
  readonly kernel?: string;
  readonly pageSize?: string;
  readonly cpu?: string;
  readonly profile?: string;
  readonly dcBlock?: string;
  readonly cmdline?: string;
  readonly comm?: readonly string[];
  readonly pid?: readonly string[];
  readonly cpuId?: readonly string[];
  readonly excludeRecorder?: boolean;
  readonly by?: ReportBy;
  readonly top?: string;
  readonly since?: string;
  readonly until?: string;
  readonly strict?: boolean;
  readonly jobs?: string;
  readonly symbols?: string;
  readonly symbolsOffset?: string;
  readonly json?: boolean;
  readonly format?: string;
  readonly weight?: MeasureId;
  readonly output?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** False for --no-color. */
  readonly color: boolean;
}

/** The same, read and checked. */
export interface TraceSettings extends ReplaySettings {
  readonly by: ReportBy;
  readonly top: number;
  readonly strict: boolean;
  /** How many threads read a trace; undefined: as many as suit the machine. */
  readonly jobs: number | undefined;
  /** Path of the symbols for addresses that have no name. */
  readonly symbols: string | undefined;
  /** By how much the kernel was moved from where the symbols say, if that is known. */
  readonly symbolsOffset: bigint | undefined;
}

export const DEFAULT_KERNEL = '7.3';
export const DEFAULT_TOP = '10';
/** More is a typing error. */
const MAX_JOBS = 64;

/** How many threads read a trace, if that is said. @throws UsageError */
export const parseJobs = ({ jobs }: Pick<RawOptions, 'jobs'>): number | undefined =>
  jobs === undefined ? undefined : countOf('--jobs', jobs, 1, MAX_JOBS);

/** How far from its symbols the kernel was loaded, if that is said. @throws UsageError */
export function parseSymbolsOffset({
  symbols,
  symbolsOffset,
}: Pick<RawOptions, 'symbols' | 'symbolsOffset'>): bigint | undefined {
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

const MAX_PID = 2 ** 22;

/** Whose allocations are counted; undefined where no option says so. @throws UsageError for numbers that are none */
function selectionOf({ comm = [], pid = [], cpuId = [], excludeRecorder }: RawOptions): Selection | undefined {
  if (comm.length + pid.length + cpuId.length === 0 && excludeRecorder !== true) return undefined;
  if (comm.includes('')) throw new UsageError('--comm: an empty name', 'Give the name of a task, such as "gcc*".');
  return {
    comms: comm,
    pids: pid.map((text) => countOf('--pid', text, 0, MAX_PID)),
    cpus: cpuId.map((text) => countOf('--cpu-id', text, 0, MAX_CPU - 1)),
    excludeRecorder: excludeRecorder === true,
  };
}

/** Reads and checks the options. @throws UsageError for one that makes no sense */
export function parseReplayOptions(raw: RawOptions): TraceSettings {
  const cmdline = raw.cmdline ?? '';
  const { config, warnings } = kernelConfig(cmdline, PAGE_SIZES.get(raw.pageSize ?? '4k'));
  const profile = cpuProfile(raw.cpu ?? DEFAULT_CPU);
  const since = seconds('--since', raw.since);
  const until = seconds('--until', raw.until);
  if (since !== undefined && until !== undefined && since >= until) {
    throw new UsageError(
      `--since ${raw.since} is not before --until ${raw.until}`,
      'Both are seconds on the clock of the trace, as its time stamps show them.',
    );
  }
  return {
    config,
    cpu: raw.dcBlock === undefined ? profile : withDcBlock(profile, raw.dcBlock),
    recordedBy: kernelOption(raw.kernel ?? DEFAULT_KERNEL),
    versionFrom: raw.kernel === undefined ? 'assumed' : 'given',
    pageSizeFrom: raw.pageSize === undefined ? 'assumed' : 'given',
    cmdline,
    selection: selectionOf(raw),
    by: raw.by ?? 'site',
    top: wholeNumber('--top', raw.top ?? DEFAULT_TOP),
    since,
    until,
    strict: raw.strict === true,
    jobs: parseJobs(raw),
    symbols: raw.symbols,
    symbolsOffset: parseSymbolsOffset(raw),
    warnings,
  };
}

/** Reads `--kernel`. @throws UsageError for what is no version */
export function kernelOption(text: string): KernelVersion {
  const version = kernelVersion(text);
  if (version === undefined) {
    throw new UsageError(
      `--kernel ${text}: not a kernel version`,
      'Give the first two numbers of `uname -r`, such as 6.12.',
    );
  }
  return version;
}

/** What is computed for, and what the kernel would say of the parameters. */
const kernelConfig = (cmdline: string, pageSize: number | undefined): ReturnType<typeof parseBootParameters> =>
  parseBootParameters(cmdline, defaultKernelConfig(pageSize));

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`${option} ${text}: not a number of rows`, 'Give a whole number, or 0 for all rows.');
}

function seconds(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}(?:\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(
    `${option} ${text}: not a time`,
    'Give seconds as the time stamps of the trace show them, such as 3713.5.',
  );
}

/** An option, its value as it was given, and the value that need not be given. */
type GivenOption = readonly [option: string, value: string | undefined, usual: string | undefined];

/** The words of options that were given and are not the default. */
const wordsOf = (options: readonly GivenOption[]): string[] =>
  options.flatMap(([option, value, usual]) => (value === undefined || value === usual ? [] : [option, value]));

/**
 * The words of a command line that has the options of `addReplayOptions`: those that change the figures, in the order of
 * the help.
 */
export function replayWords(raw: RawOptions): string[] {
  const words = wordsOf([
    ['--kernel', raw.kernel, undefined],
    ['--page-size', raw.pageSize, undefined],
    ['--cpu', raw.cpu, DEFAULT_CPU],
    ['--dc-block', raw.dcBlock, undefined],
    ['--profile', raw.profile, DEFAULT_PROFILE],
    ['--cmdline', raw.cmdline, ''],
    ['--since', raw.since, undefined],
    ['--until', raw.until, undefined],
    ['--symbols', raw.symbols, undefined],
    ['--symbols-offset', raw.symbolsOffset, undefined],
  ]);
  const again = (option: string, values: readonly string[] = []): string[] =>
    values.flatMap((value) => [option, value]);
  return [
    ...words,
    ...again('--comm', raw.comm),
    ...again('--pid', raw.pid),
    ...again('--cpu-id', raw.cpuId),
    ...(raw.excludeRecorder === true ? ['--exclude-recorder'] : []),
    ...(raw.strict === true ? ['--strict'] : []),
  ];
}

/** The same for the options of `addTableOptions`: those that change the rows. */
export const tableWords = (raw: RawOptions): string[] =>
  wordsOf([
    ['--by', raw.by, 'site'],
    ['--top', raw.top, DEFAULT_TOP],
  ]);
