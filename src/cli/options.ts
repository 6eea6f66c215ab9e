import { InvalidArgumentError, Option, type Command } from 'commander';
import { UsageError } from '../base/errors.ts';
import { kernelVersion, type KernelVersion } from '../base/kernel-version.ts';
import { PAGE_SIZES, type ReplaySettings } from '../jobs/replay-settings.ts';
import { parseBootParameters } from '../kasan/boot-parameters.ts';
import { defaultKernelConfig } from '../kasan/kernel-config.ts';
import { DEFAULT_PROFILE } from '../cost/profiles.ts';
import { cpuProfile, DEFAULT_CPU, withDcBlock } from '../mte/cpu.ts';
import { wholeNumber as countOf } from './whole-number.ts';
import type { Selection } from '../replay/selection.ts';
import { MAX_CPU } from '../trace/event-table.ts';
import { defaultJobs, MAX_JOBS } from './jobs.ts';
import { FORMATS, type FormatName } from '../report/formats.ts';
import { DEFAULT_MEASURE, MEASURES, type MeasureId } from '../report/stacks/measures.ts';
import type { ReportBy } from '../report/text-options.ts';

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
  /** How many threads read a trace. */
  readonly jobs: number;
  /** Path of the symbols for addresses that have no name. */
  readonly symbols: string | undefined;
  /** By how much the kernel was moved from where the symbols say, if that is known. */
  readonly symbolsOffset: bigint | undefined;
}

const DEFAULT_KERNEL = '7.3';
const DEFAULT_TOP = '10';
const BY_CHOICES = ['class', 'site', 'comm', 'pid', 'cache', 'order', 'stack'] as const satisfies readonly ReportBy[];

export const PROFILE_HELP = `what the work costs, as time; see \`tagscope profiles\` (default: ${DEFAULT_PROFILE})`;

/** The forms of results that have stacks, for the help: all but those of one command. */
export const STACK_FORMATS: readonly FormatName[] = FORMATS.filter((format) => !('only' in format)).map(
  ({ name }) => name,
);

/** An option that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds the options that say how a trace is read and replayed. */
export function addReplayOptions(command: Command): Command {
  command
    .option(
      '--kernel <x.y>',
      `version of the kernel that recorded the trace (default: as the trace says, or ${DEFAULT_KERNEL})`,
    )
    .addOption(
      new Option(
        '--page-size <size>',
        'page size of the kernel that recorded the trace: 4k, 16k, 64k (default: as the trace says, or 4k)',
      ).argParser(oneOf([...PAGE_SIZES.keys()])),
    )
    .option('--cpu <name>', `CPU to compute for (default: ${DEFAULT_CPU})`)
    .option('--dc-block <n>', 'bytes that one DC GVA covers, or "dzp" if it is prohibited')
    .option('--profile <name|file>', PROFILE_HELP)
    .option('--cmdline <params>', 'boot parameters, such as "kasan.page_alloc.sample=10 init_on_alloc=1"')
    .option('--since <s>', "count from this time on: seconds on the trace's clock")
    .option('--until <s>', 'count up to this time')
    .option('--comm <glob>', 'count what tasks of this name allocated, such as "gcc*"; may be given again', collect)
    .option('--pid <n>', 'count what this task allocated; may be given again', collect)
    .option('--cpu-id <n>', 'count what was allocated on this CPU; may be given again', collect)
    .option('--exclude-recorder', 'leave out what was allocated for the recording itself');
  return addReadingOptions(command);
}

/** Adds the options that say how results with a table by site and with stacks are laid out. */
export function addTableOptions(command: Command): Command {
  command.addOption(
    new Option(
      '--by <what>',
      'what the second table is by: class (none), site, comm, pid, cache, order, stack (default: site; stack for profiles and graphs)',
    ).argParser(oneOf(BY_CHOICES)),
  );
  return addWeightOption(addTopOption(command, 'rows of the second table'));
}

/** Adds the option of commands whose results have a list that may be long. */
export const addTopOption = (command: Command, what: string): Command =>
  command.option('--top <n>', `${what}; 0 for all (default: ${DEFAULT_TOP})`);

/** Adds the option of commands whose results have stacks. */
export const addWeightOption = (command: Command): Command =>
  command.addOption(
    new Option(
      '--weight <figure>',
      `how wide stacks are, in collapsed stacks and flame graphs: ${MEASURES.map(({ id }) => id).join(', ')} (default: ${DEFAULT_MEASURE})`,
    ).argParser(oneOf(MEASURES.map(({ id }) => id))),
  );

/** Adds the options that say how a trace is read. */
export const addReadingOptions = (command: Command): Command =>
  command
    .option('--strict', 'stop at the first record that cannot be read')
    .option('--symbols <file>', 'names for addresses: System.map or kallsyms of the kernel that recorded the trace')
    .option(
      '--symbols-offset <n>',
      'how far from its symbols the kernel was loaded, 0 for not at all (default: found out)',
    )
    .option('--jobs <n>', 'threads that read a large text file; 1 for one (default: one for each core, at most 4)');

/** How many threads read a trace. @throws UsageError */
export const parseJobs = ({ jobs }: Pick<RawOptions, 'jobs'>): number =>
  jobs === undefined ? defaultJobs() : countOf('--jobs', jobs, 1, MAX_JOBS);

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

/**
 * Adds the options that say how results are written.
 *
 * @param formats the forms that the command has
 */
export function addOutputOptions(command: Command, formats: readonly FormatName[] = ['text', 'json']): Command {
  return command
    .option('--json', 'print the result as JSON; short for --format json')
    .option('--format <name>', `${formats.join(', ')} (default: as the ending of -o says, or text)`)
    .option('-o, --output <file>', 'write to a file instead of the standard output; its ending says how')
    .option('--force', 'let -o overwrite a file')
    .option('--no-color', 'print without colour')
    .option('-v, --verbose', 'in a terminal, all of the text and not what the screen has room for')
    .option('-q, --quiet', 'show no progress');
}

const oneOf =
  <Choice extends string>(choices: readonly Choice[]) =>
  (value: string): Choice => {
    const found = choices.find((choice) => choice === value.toLowerCase());
    if (found === undefined) throw new InvalidArgumentError(`It is one of ${choices.join(', ')}.`);
    return found;
  };

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
