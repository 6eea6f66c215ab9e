import { Command } from 'commander';
import { didYouMean } from '../base/did-you-mean.ts';
import { UsageError } from '../base/errors.ts';
import type { ExitCode } from './exit-code.ts';
import type { RawBenchOptions } from '../options/bench-options.ts';
import type { RawOptions } from '../options/replay-options.ts';
import {
  addBenchOptions,
  addKernelOptions,
  addModelOptions,
  addOutputOptions,
  addReadingOptions,
  addReplayOptions,
  addTableOptions,
  addTopOption,
  collect,
  STACK_FORMATS,
} from './options.ts';
import { DEFAULT_CPU } from '../mte/cpu.ts';
import type { RawCalibrateOptions } from './run-calibrate.ts';
import type { RawAdviseOptions } from './run-advise.ts';
import type { RawAuditOptions } from './run-audit.ts';
import { METRICS } from '../decide/budget.ts';
import type { RawCheckOptions } from './run-check.ts';
import type { RawCompareOptions } from './run-compare.ts';
import type { RawDiffOptions } from './run-diff.ts';
import type { RawConformOptions } from './run-conform.ts';
import type { RawFactsOptions } from './run-facts.ts';
import type { RawReviewOptions } from './run-review.ts';
import type { RawExplainOptions } from './run-explain.ts';
import type { Surroundings } from './surroundings.ts';

const EXAMPLES = `Examples:
  tagscope report trace.txt                     who pays for memory tagging, and how much
  tagscope report trace.txt --policy series     the same with Linux 7.3's series applied
  tagscope diff trace.txt                       what the series saves on this workload
  tagscope compare trace.txt                    all policies: what they save, and what they leave undetected
  tagscope explain console.log                  KASAN reports: what HW_TAGS catches, and what policies would miss
  tagscope report trace.dat --by comm           a recording of trace-cmd
  tagscope report trace.dat -o report.html      a page; also .md .svg .csv .json .folded .pb.gz and more

To record a trace:
  trace-cmd record -e kmem -e vmalloc -e task:task_newtask -e sched:sched_process_exit -T COMMAND
  perf record -a -g -m 16M -e 'kmem:*' -e 'vmalloc:*' -e task:task_newtask -e sched:sched_process_exit COMMAND
`;

const REPORT_EXAMPLES = `Examples:
  tagscope report trace.txt                     tag work by class and by call site
  tagscope report trace.txt.zst --policy mine.json --top 20
  tagscope report trace.txt --cpu neoverse-n2 --cmdline "kasan.page_alloc.sample=10"
  tagscope report trace.txt --json | jq '.byClass[] | {class, granules}'
  tagscope report trace.dat --symbols System.map --kernel 6.12
  tagscope report perf.data --symbols kallsyms  after sudo cat /proc/kallsyms > kallsyms
  perf script --show-lost-events | tagscope report -
  tagscope report --merge cpu-buffer.dat other-buffer.dat
  tagscope report trace.dat -o report.html      bars, flame graph, tables to sort
  tagscope report trace.dat -o report.pb.gz     then: go tool pprof -http=: report.pb.gz
  tagscope report trace.dat --format collapsed --weight granules | inferno-flamegraph > flame.svg
`;

const DIFF_EXAMPLES = `Examples:
  tagscope diff trace.txt                       what Linux 7.3's series saves, and what remains
  tagscope diff trace.txt --from series --to mine.json
  tagscope diff before.txt after.txt --policy series
  tagscope diff old-*.dat --with new-*.dat --per second      repeated runs, with their spread
  tagscope diff trace.txt -o cover.md           tables for a cover letter
  tagscope diff trace.txt -o diff.svg           flame graphs of both sides on one scale
`;

const COMPARE_EXAMPLES = `Examples:
  tagscope compare trace.txt                    what every policy saves, and what it leaves undetected
  tagscope compare trace.txt --from series --policies tag-on-free,skip-new-slab,mine.json
  tagscope compare trace.txt --policies series,sample=10,order=3,sample=50,order=2 --trials 1000
  tagscope compare trace.txt -o trade-off.svg   the trade-off as a picture; .md for a mail
`;

const INFO_EXAMPLES = `Examples:
  tagscope info trace.dat                       format, kernel, clock, events, losses, what is missing
  tagscope info *.pftrace --json | jq '.infos[].events.byType'
`;

const CONVERT_EXAMPLES = `Examples:
  tagscope convert trace.dat trace.arrow        then: tagscope report trace.arrow
  tagscope convert trace.txt.zst trace.arrow --force
  python -c 'import pyarrow.feather as f; print(f.read_table("trace.arrow"))'
`;

const ACCURACY_EXAMPLES = `Examples:
  tagscope accuracy cases/oracle                exits 1 if a prediction is not as good as it must be
`;

const BENCH_EXAMPLES = `Examples:
  tagscope bench pgtable                        what the series saves where page tables come and go
  tagscope bench thread --threads 100 --iterations 50
  tagscope bench pgtable --mem 2048 --iterations 2000     as in the series' cover letter
  tagscope bench thread --from all --to mine.json --cmdline init_on_alloc=1
  tagscope bench shell --policy series --json

Workloads, as the series describes them:
  thread    the program forks; its child creates threads, which end; then it ends itself
  pgtable   the program maps memory and writes to all of it; then it forks, and each child ends at once
  shell     a program is run, a small file and a pipe are written, memory is mapped: other classes beside
`;

const CONFORM_EXAMPLES = `Examples:
  tagscope conform                              the kernel's own KASAN tests on the model, as KTAP
  tagscope conform --mode async --reports       with the texts of all KASAN reports
  tagscope conform --cmdline kasan.vmalloc=off --json
  tagscope conform --seeds 2000                 what chance decides: predicted and observed
  tagscope conform --policy tag-only-on-alloc   which cases go otherwise under a policy, and why
  tagscope conform --against console.log        a log of a real kernel beside the model
  tagscope conform --kernel 6.12 --page-size 16k
`;

const AUDIT_EXAMPLES = `Examples:
  tagscope audit                                what the series changes in what KASAN detects
  tagscope audit --from before-series --to mine.json
  tagscope audit --policy series --class page-table
  tagscope audit --policy series --mode asymm --write-only --trials 5000 --json
`;

const EXPLAIN_EXAMPLES = `Examples:
  tagscope explain console.log                  each KASAN report: which memory, what HW_TAGS catches, what policies miss
  dmesg | tagscope explain -
  tagscope explain logs/ --summary              all reports of a directory together: what each policy keeps and misses
  tagscope explain logs/ --summary --policy mine.json      exits 1 if mine.json misses a bug that the kernel catches
  tagscope explain logs/ --summary -o cover.md  for a cover letter; also .html .csv .json
  tagscope explain console.log --json | jq '.reports[] | {title, class, bug, caught: .caught.value}'
`;

const PROFILES_EXAMPLES = `Examples:
  tagscope profiles                             what can turn tag work into time
  tagscope profiles series-2026                 its numbers, where each is from, what its readings assume
  tagscope profiles machine.json --json         a calibration, as data
`;

const CALIBRATE_EXAMPLES = `Examples:
  tagscope calibrate -o machine.json            on an arm64 machine with MTE: measure it
  tagscope calibrate --core 7 -o big.json       another kind of core of the same machine
  tagscope calibrate --write-program mte-calibrate.c      the C program, for a machine without tagscope
`;

const ADVISE_EXAMPLES = `Examples:
  tagscope advise trace.dat                     beyond Linux 7.3's series: what could be left untagged, and what that loses
  tagscope advise trace.dat --policy before-series      what a kernel without the series should skip
  tagscope advise trace.dat --write-policy next.json && tagscope diff trace.dat --from series --to next.json
`;

const CHECK_EXAMPLES = `Examples:
  tagscope check trace.dat --budget "granules<1.5M,class.page-table.share<5%"      exits 1 if it is over
  tagscope check trace.dat --policy series --budget "class.kernel-stack.instructions<=0"
  tagscope check trace.dat --budget 'site.anon_pipe_*.granules<100k,time.high<2ms,losses<=0' --format github
  tagscope check trace.dat --budget-file budget.txt --json

A budget is limits, separated by commas or each on a line: METRIC, class.CLASS.METRIC or site.NAME.METRIC, then < <= > or >=, and a value.
In names of call sites * stands for any characters; a name with a comma or a comparison in it stands in double quotes.
Values: counts with k, M, G (10^3, 10^6, 10^9); shares with %; bytes with KiB, MiB, GiB, TiB; times with ns, us, ms, s.

Metrics:
${METRICS.map(({ name, about }) => `  ${name.padEnd(16)}${about}`).join('\n')}
`;

const REVIEW_EXAMPLES = `Examples:
  tagscope review series.mbox                   what a series does to tags, whether its claims hold, what to ask
  b4 am -o - MESSAGE-ID | tagscope review -     a thread from lore
  tagscope review outgoing/ --tree ~/linux      a folder of git format-patch, with the tree that it applies to
  tagscope review series.mbox --trace trace.dat --policy-out mine.json
  tagscope review series.mbox --explained explained.json    real reports too, by tagscope explain LOG… --json
  tagscope review - --format b4                 as b4.review-series-check-cmd
`;

const FACTS_EXAMPLES = `Examples:
  tagscope facts --guide --kernel 7.3           Markdown, for a folder of prompts or a colleague
  tagscope review series.mbox --format facts    the facts of one series
`;

const MCP_EXAMPLES = `Examples:
  claude mcp add tagscope -- tagscope mcp          offer the tools to an agent
  echo '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' | tagscope mcp
`;

const POLICIES_EXAMPLES = `Examples:
  tagscope policies                             all of them, with a sentence each
  tagscope policies default-untagged            one in full: meaning, source, rules, who passes which flag
  tagscope policies --json                      the same as data, to begin a policy file from
`;

/** The command line of tagscope. `end` is told how the chosen command ended. */
export function createProgram(surroundings: Surroundings, version: string, end: (code: ExitCode) => void): Command {
  // What is printed for an error is up to the caller of the program.
  const output = {
    writeOut: (text: string): void => void surroundings.stdout.write(text),
    writeErr: (text: string): void => void surroundings.stderr.write(text),
    outputError: (): void => {},
  };
  const program = new Command('tagscope')
    .description('What arm64 memory tagging (KASAN HW_TAGS) costs a kernel workload, from its kmem trace.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .addHelpText('before', EXAMPLES)
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 a check failed, 2 usage or nothing could be written, 3 bad input, 4 internal error.',
    )
    .configureOutput(output)
    .exitOverride();

  addOutputOptions(
    addTableOptions(
      addReplayOptions(
        program
          .command('report')
          .description('tag work by allocation class and by call site, under one policy')
          .argument(
            '<trace...>',
            'traces of any format that is read (see README.md), plain or in gzip, zstd or zip; "-" is the standard input',
          )
          .addHelpText('before', REPORT_EXAMPLES)
          .option('--policy <name|file>', 'what is tagged; see `tagscope policies` (default: as-recorded)')
          .option('--merge', 'take several traces for parts of one: same kernel, same clock, one report'),
      ),
    ),
    STACK_FORMATS,
  ).action(async (files: string[], raw: RawOptions) => {
    const { runReport } = await import('./run-report.ts');
    end(await runReport(files, raw, surroundings));
  });

  addOutputOptions(
    addTableOptions(
      addReplayOptions(
        program
          .command('diff')
          .description('what one policy saves over another, or one trace over another')
          .argument('<trace...>', 'one trace, or two of them to compare under one policy; "-" is the standard input')
          .addHelpText('before', DIFF_EXAMPLES)
          .option('--from <name|file>', 'policy to compare with (default: before-series)')
          .option('--to <name|file>', 'policy to compare (default: series)')
          .option('--policy <name|file>', 'policy for two traces (default: as-recorded)')
          .option('--with <trace...>', 'runs of the second side; those before it are runs of the first')
          .option('--per <second|n>', 'figures of two traces per second, or per iteration of n'),
      ),
    ),
    STACK_FORMATS,
  ).action(async (files: [string, ...string[]], raw: RawDiffOptions) => {
    const { runDiff } = await import('./run-diff.ts');
    end(await runDiff(files, raw, surroundings));
  });

  addOutputOptions(
    addReplayOptions(
      program
        .command('compare')
        .description('policies ranked: the tag work that each saves on a trace, beside the detection that it loses')
        .argument('<trace>', 'a trace; "-" is the standard input')
        .addHelpText('before', COMPARE_EXAMPLES)
        .option(
          '--policies <a,b,c>',
          'names or files of the policies, separated by commas (default: all built-in ones)',
        )
        .option('--from <name|file>', 'policy to compare with (default: before-series)')
        .option('--trials <n>', 'trials of each kind of bug in the audit of each policy (default: 50)')
        .option(
          '--weights <explain.json>',
          'weigh detection by real bugs: what explain --json wrote (default: each kind once)',
        )
        .addHelpText(
          'after',
          '\nExits 1 if something is not detected as often as the rules say. `tagscope policies` lists what can be named.',
        ),
    ),
    ['text', 'markdown', 'html', 'svg', 'json'],
  ).action(async (file: string, raw: RawCompareOptions) => {
    const { runCompare } = await import('./run-compare.ts');
    end(await runCompare(file, raw, surroundings));
  });

  addOutputOptions(
    addTopOption(
      addReplayOptions(
        program
          .command('advise')
          .description('call sites that could be left untagged: what each saves, by which rule, and what it would lose')
          .argument('<trace>', 'a trace; "-" is the standard input')
          .addHelpText('before', ADVISE_EXAMPLES)
          .option('--policy <name|file>', 'the policy in force, which advice comes on top of (default: series)')
          .option('--trials <n>', 'trials of each kind of bug in the audits (default: 50)')
          .option('--write-policy <file>', 'write a policy with all advice that loses nothing'),
      ),
      'call sites shown of each piece of advice',
    ),
    ['text', 'json'],
  ).action(async (file: string, raw: RawAdviseOptions) => {
    const { runAdvise } = await import('./run-advise.ts');
    end(await runAdvise(file, raw, surroundings));
  });

  addOutputOptions(
    addReplayOptions(
      program
        .command('check')
        .description('whether the tag work of a trace is within a budget, for continuous integration')
        .argument('<trace>', 'a trace; "-" is the standard input')
        .addHelpText('before', CHECK_EXAMPLES)
        .option('--budget <limits>', 'limits, separated by commas; may be given several times', collect)
        .option('--budget-file <file>', 'a file with a limit on each line; what follows a # is a remark')
        .option('--policy <name|file>', 'what is tagged; see `tagscope policies` (default: as-recorded)')
        .addHelpText('after', '\nExits 1 if a limit does not hold, by the best estimate.'),
    ),
    ['text', 'json', 'github'],
  ).action(async (file: string, raw: RawCheckOptions) => {
    const { runCheck } = await import('./run-check.ts');
    end(await runCheck(file, raw, surroundings));
  });

  addBenchOptions(
    program
      .command('bench')
      .description("the series' benchmark on the executable model, before and after")
      .argument('<workload>', 'thread, pgtable or shell')
      .addHelpText('before', BENCH_EXAMPLES),
  ).action(async (name: string, raw: RawBenchOptions) => {
    const { runBench } = await import('./run-bench.ts');
    end(await runBench(name, raw, surroundings));
  });

  addOutputOptions(
    addReadingOptions(
      program
        .command('info')
        .description('what is in a trace, and what it lacks for a good report')
        .argument('<trace...>', 'traces; "-" is the standard input')
        .addHelpText('before', INFO_EXAMPLES),
    ),
  ).action(async (files: string[], raw: RawOptions) => {
    const { runInfo } = await import('./run-info.ts');
    end(await runInfo(files, raw, surroundings));
  });

  addReadingOptions(
    program
      .command('convert')
      .description('write the events of a trace to a file that is read at once, here and by other programs')
      .argument('<trace>', 'a trace; "-" is the standard input')
      .argument('<file>', 'the file to write, an Arrow file')
      .addHelpText('before', CONVERT_EXAMPLES),
  )
    .option('--force', 'overwrite the file')
    .option('--no-color', 'print without colour')
    .option('-q, --quiet', 'show no progress, and not what was written')
    .action(async (trace: string, file: string, raw: RawOptions) => {
      const { runConvert } = await import('./run-convert.ts');
      end(await runConvert(trace, file, raw, surroundings));
    });

  addOutputOptions(
    addReadingOptions(
      program
        .command('accuracy')
        .description('predictions beside what a real kernel executed in the same runs')
        .argument('<dir>', 'a directory of traces and counts, such as cases/oracle')
        .addHelpText('before', ACCURACY_EXAMPLES),
    ),
  ).action(async (dir: string, raw: RawOptions) => {
    const { runAccuracy } = await import('./run-accuracy.ts');
    end(await runAccuracy(dir, raw, surroundings));
  });

  addModelOptions(
    addKernelOptions(program.command('conform'))
      .description('the KASAN tests of the kernel (KUnit; 76 in 7.3), run on the model')
      .addHelpText('before', CONFORM_EXAMPLES)
      .option('--reports', 'print the KASAN reports too')
      .option('--seeds <n>', 'run it with n seeds and print what depends on chance')
      .option('--policy <name|file>', 'which cases change under a policy, over --seeds (default: 50)')
      .option('--against <log>', 'compare with the console log, dmesg or KTAP output of a kernel')
      .addHelpText(
        'after',
        '\nExits 1 if a case fails, as a real kernel would; with --seeds and --against, if something is not as the rules say; with --policy, if a case fails that did not, or fails more often.',
      ),
  ).action(async (raw: RawConformOptions) => {
    const { runConform } = await import('./run-conform.ts');
    end(await runConform(raw, surroundings));
  });

  addModelOptions(
    program
      .command('audit')
      .description('injects bugs into all kinds of memory on the model: what is detected, and what a policy changes')
      .addHelpText('before', AUDIT_EXAMPLES)
      .option('--policy <name|file>', 'one policy: what it detects')
      .option('--from <name|file>', 'policy to compare with (default: before-series)')
      .option('--to <name|file>', 'policy to compare (default: series)')
      .option('--trials <n>', 'trials of each kind of bug (default: 1000)')
      .option('--class <name>', 'memory of one class alone, such as page-table')
      .option('--all', 'show what stays as it is too')
      .addHelpText(
        'after',
        '\nExits 1 if the second policy loses detection where the kernel itself goes, or if something is not detected as often as the rules say.',
      ),
    ['text', 'html', 'csv', 'json'],
  ).action(async (raw: RawAuditOptions) => {
    const { runAudit } = await import('./run-audit.ts');
    end(await runAudit(raw, surroundings));
  });

  addOutputOptions(
    program
      .command('explain')
      .description('KASAN reports of any kernel: which memory, what hardware tags catch, what each policy would miss')
      .argument('<log...>', 'logs, plain or in gzip or zstd; with --summary directories too; "-" is the standard input')
      .addHelpText('before', EXPLAIN_EXAMPLES)
      .option('--summary', 'all reports together: kinds and classes, and what each policy keeps and misses')
      .option(
        '--policy <name|file>',
        'judge this policy; may be given several times (default: all built-in ones)',
        collect,
      )
      .option('--from <name|file>', "policy to compare with (default: what the report's kernel has itself)")
      .option(
        '--trials <n>',
        'trials of each bug on the model, which must agree with the rules; 0 for none (default: 50)',
      )
      .addHelpText(
        'after',
        "\nExits 1 if a policy given by --policy misses a bug that the kernel's own policy catches, or if the model does not agree with the rules.",
      ),
    ['text', 'markdown', 'html', 'csv', 'json'],
  ).action(async (files: string[], raw: RawExplainOptions) => {
    const { runExplain } = await import('./run-explain.ts');
    end(await runExplain(files, raw, surroundings));
  });

  addOutputOptions(
    program
      .command('profiles')
      .description('the cost profiles, which turn tag work into time, with the provenance of each number')
      .argument('[profile]', 'one profile by name, or a calibration file')
      .addHelpText('before', PROFILES_EXAMPLES)
      .option('--cpu <name>', `CPU to compute for (default: ${DEFAULT_CPU})`),
  ).action(async (name: string | undefined, raw: RawOptions) => {
    const { runProfiles } = await import('./run-profiles.ts');
    end(await runProfiles(name, raw, surroundings));
  });

  program
    .command('calibrate')
    .description('measure what tag instructions cost on this arm64 machine, or say how on another')
    .addHelpText('before', CALIBRATE_EXAMPLES)
    .option('--core <n>', 'measure on this core (default: the one that the scheduler chooses)')
    .option('--memory <MiB>', 'memory that no cache holds (default: 256)')
    .option('--cc <compiler>', 'the C compiler (default: $CC, or cc)')
    .option('--write-program <file>', 'write the C program and do nothing else')
    .option('-o, --output <file>', 'write to a file instead of the standard output')
    .option('--force', 'let -o and --write-program overwrite a file')
    .option('--no-color', 'print without colour')
    .option('-q, --quiet', 'show no progress')
    .addHelpText('after', '\nExits 1 where this machine cannot be measured.')
    .action(async (raw: RawCalibrateOptions) => {
      const { runCalibrate } = await import('./run-calibrate.ts');
      end(await runCalibrate(raw, surroundings));
    });

  addOutputOptions(
    addReplayOptions(
      program
        .command('review')
        .description("a patch series: the policy that it amounts to, its effect, its claims, a reviewer's questions")
        .argument('<series...>', 'a mailbox, mails, patches or a folder of patches; "-" is the standard input')
        .addHelpText('before', REVIEW_EXAMPLES)
        .option('--tree <dir>', 'a kernel tree, or a part of one, that the series applies to')
        .option('--trace <file>', 'predict the effect on this trace; may be given several times', collect)
        .option('--explained <json>', 'what `explain LOG… --json` wrote: judge the policy by these real reports too')
        .option('--claim <text>', "check these sentences by the facts of the series, in place of the author's own")
        .option(
          '--base <kernel>',
          'the kernel that the series is for, where it does not show: before-series, with-series',
        )
        .option('--trials <n>', 'trials of each kind of bug in the audits (default: 20)')
        .option('--policy-out <file>', 'write the policy that the series amounts to')
        .option('--exit-code', 'exit 1 if there are questions'),
    ),
    ['text', 'markdown', 'html', 'json', 'mail', 'facts', 'b4'],
  ).action(async (paths: string[], raw: RawReviewOptions) => {
    const { runReview } = await import('./run-review.ts');
    end(await runReview(paths, raw, surroundings));
  });

  addOutputOptions(
    program
      .command('policies')
      .description('list the policies that can be named without a file, or show some in full')
      .argument('[name|file...]', 'policies to show in full')
      .addHelpText('before', POLICIES_EXAMPLES),
  ).action(async (names: string[], raw: RawOptions) => {
    const { runPolicies } = await import('./run-policies.ts');
    end(await runPolicies(names, raw, surroundings));
  });

  program
    .command('facts')
    .description('a static guide for reviewers, human or machine: what the kernel does with tags, what to look at')
    .addHelpText('before', FACTS_EXAMPLES)
    .option('--guide', 'print the guide')
    .option('--kernel <version>', 'the kernel that it is of (default: 7.3)')
    .action(async (raw: RawFactsOptions) => {
      const { runFacts } = await import('./run-facts.ts');
      end(await runFacts(raw, surroundings));
    });

  program
    .command('mcp')
    .description(
      'serve facts to agents over the standard input and output (Model Context Protocol); reads local files only',
    )
    .addHelpText('before', MCP_EXAMPLES)
    .action(async () => {
      const { runMcp } = await import('./run-mcp.ts');
      end(await runMcp(surroundings));
    });

  program
    .command('help')
    .description('show the help of a command')
    .argument('[command]')
    .helpOption(false)
    .action((name: string | undefined) => {
      const command = program.commands.find((known) => known.name() === name);
      if (name === undefined) program.outputHelp();
      else if (command !== undefined) command.outputHelp();
      else throw unknownCommand(name, program);
    });

  return program;
}

function unknownCommand(name: string, { commands }: Command): UsageError {
  const names = commands.map((command) => command.name());
  return new UsageError(`unknown command '${name}'`, `${didYouMean(name, names)}The commands are ${names.join(', ')}.`);
}
