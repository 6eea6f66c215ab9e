import { InvalidArgumentError, Option, type Command } from 'commander';
import { DEFAULT_PROFILE } from '../cost/profiles.ts';
import { PAGE_SIZES } from '../jobs/replay-settings.ts';
import { KASAN_BUILDS } from '../kasan/kernel-config.ts';
import { NEWEST_RELEASE, OLDEST_RELEASE } from '../mm/release.ts';
import { DEFAULT_CPU } from '../mte/cpu.ts';
import { BASE_RAM_MIB, DEFAULT_MIB, DEFAULT_THREADS } from '../options/bench-options.ts';
import { versionText } from '../base/kernel-version.ts';
import { MODES } from '../options/model-options.ts';
import { DEFAULT_KERNEL, DEFAULT_TOP } from '../options/replay-options.ts';
import { DEFAULT_FROM, DEFAULT_TO } from '../policy/built-in.ts';
import { FORMATS, type FormatName } from '../report/formats.ts';
import { DEFAULT_MEASURE, MEASURES } from '../report/stacks/measures.ts';
import type { ReportBy } from '../report/text-options.ts';

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

const KERNEL_OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  ['--page-size <size>', 'page size of the kernel: 4k, 16k, 64k (default: 4k)'],
  [
    '--kernel <x.y>',
    `release of the kernel: ${versionText(OLDEST_RELEASE)} to ${versionText(NEWEST_RELEASE)} (default: 7.3)`,
  ],
  ['--config <options>', 'options of its build, such as "SHADOW_CALL_STACK=y ARM64_VA_BITS=52"'],
];

/** Adds the options that say which kernel the model is. */
export function addKernelOptions(command: Command): Command {
  for (const [flags, description] of KERNEL_OPTIONS) command.option(flags, description);
  return command;
}

/** Adds the options that say which kernel is modelled, and how results are written: in one of `formats`. */
export function addModelOptions(command: Command, formats?: readonly FormatName[]): Command {
  command
    .addOption(new Option('--kasan <build>', `which KASAN: ${KASAN_BUILDS.join(', ')} (default: hw-tags)`))
    .addOption(new Option('--mode <mode>', `kasan.mode= of hw-tags: ${MODES.join(', ')} (default: sync)`))
    .option('--write-only', 'kasan.write_only=on of hw-tags: reads are not checked')
    .option('--cmdline <params>', 'boot parameters, such as "kasan.vmalloc=off kasan.stacktrace=off"')
    .option('--cpu <name>', `CPU to model (default: ${DEFAULT_CPU})`)
    .option('--seed <n>', 'what chance decides follows from it (default: 1)');
  return addOutputOptions(command, formats);
}

/** Adds the options of `bench`. */
export function addBenchOptions(command: Command): Command {
  command
    .option('--threads <n>', `threads of each iteration of thread (default: ${DEFAULT_THREADS})`)
    .option('--mem <MiB>', `memory that pgtable maps and faults (default: ${DEFAULT_MIB})`)
    .option('--iterations <n>', 'iterations (default: 50)')
    .option('--thp', 'fault by huge pages')
    .option('--policy <name|file>', 'run under one policy only')
    .option('--from <name|file>', `policy to compare with (default: ${DEFAULT_FROM})`)
    .option('--to <name|file>', `policy to compare (default: ${DEFAULT_TO})`)
    .addOption(new Option('--kasan <build>', `${KASAN_BUILDS.join(', ')} or off (default: hw-tags)`))
    .option('--cpu <name>', `CPU to model (default: ${DEFAULT_CPU})`)
    .option('--dc-block <n>', 'bytes that one DC GVA covers, or "dzp" if it is prohibited')
    .option('--profile <name|file>', PROFILE_HELP)
    .option('--cmdline <params>', 'boot parameters, such as "init_on_alloc=1 kasan.vmalloc=off"')
    .option('--no-vmap-stack', 'kernel stacks of pages: CONFIG_VMAP_STACK=n')
    .option('--cpus <n>', 'CPUs of the machine (default: 1)')
    .option('--ram <MiB>', `memory of the machine (default: ${BASE_RAM_MIB}, and as much as the workload maps)`)
    .option('--seed <n>', 'what chance decides follows from it (default: 1)');
  addKernelOptions(command);
  return addOutputOptions(addWeightOption(addTopOption(command, 'rows of the table by call site')), STACK_FORMATS);
}
