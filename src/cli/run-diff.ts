import { UsageError } from '../base/errors.ts';
import { DEFAULT_FROM, DEFAULT_POLICY, DEFAULT_TO } from '../policy/built-in.ts';
import { DIFF_WRITERS, lostOfDiff } from '../report/diff-writers.ts';
import { formatOf } from '../report/formats.ts';
import { formatsOf } from '../report/writers.ts';
import { analyze } from '../result/analyze.ts';
import { diff } from '../result/diff.ts';
import { diffOfRuns, type Per, type Runs } from '../result/diff-runs.ts';
import { wholeNumber } from './whole-number.ts';
import type { DiffResult, ReportResult } from '../result/result.ts';
import { diffCommand, unlessDefault } from './command-line.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { settingsFor } from '../jobs/replay-settings.ts';
import { parseReplayOptions, type RawOptions } from './options.ts';
import { policyOption } from './policy-option.ts';
import { profileOption } from './profile-option.ts';
import { createProgress } from './progress.ts';
import type { OpenedTrace } from '../open/opened-trace.ts';
import { readTrace } from './read-trace.ts';
import { openOutput, writeResult } from './result-output.ts';
import { sayLosses } from './say-losses.ts';
import type { Surroundings } from './surroundings.ts';
import { groupingFor, outputOptions } from './text-options.ts';
import { version } from './version.ts';

/** The options of `diff`, as the command line has them. */
export interface RawDiffOptions extends RawOptions {
  readonly with?: readonly string[];
  readonly per?: string;
}

const MAX_ITERATIONS = 1e9;

/** What figures are divided by. @throws UsageError for a word that is none of those */
function perOption(text: string | undefined): Per | undefined {
  if (text === undefined) return undefined;
  if (text === 'second') return { unit: 'second' };
  if (!/^\d+$/.test(text))
    throw new UsageError(
      `--per ${text}: neither "second" nor a number`,
      'Give second, or how many iterations each run has.',
    );
  return { unit: 'iteration', iterations: wholeNumber('--per', text, 1, MAX_ITERATIONS) };
}

/** `tagscope diff TRACE --from P --to Q`, or two traces under one policy: what the second does less. */
export async function runDiff(
  files: readonly string[],
  raw: RawDiffOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const against = raw.with ?? [];
  const per = perOption(raw.per);
  const sides = chooseSides(files, against, raw);
  if (per !== undefined && sides.from.file === sides.to.file) {
    throw new UsageError(
      '--per: one trace is as long under both policies',
      'It is for two traces, or for runs with --with.',
    );
  }
  const given = parseReplayOptions(raw);
  const fromPolicy = await policyOption(sides.from.policy);
  const toPolicy = await policyOption(sides.to.policy);
  const profile = await profileOption(raw.profile, given.cpu);
  const output = await openOutput(raw, surroundings, formatsOf(DIFF_WRITERS), [...files, ...against]);
  const settings = { ...given, by: groupingFor(raw, output) };
  const isPlain = raw.by === undefined || raw.by === 'class' || raw.by === 'site';
  if (!isPlain && !(raw.by === 'stack' && formatOf(output.format).stacks === true)) {
    throw new UsageError(
      `--by ${raw.by}: differences are by class or by site`,
      'A report can be by command, task, cache, order or stack; a flame graph of a difference is by stack.',
    );
  }
  const options = outputOptions(output, settings, raw, surroundings);
  const progress = createProgress(surroundings, raw.quiet === true);
  const command = diffCommand(files, sides.words, raw);
  const run = (trace: OpenedTrace, policy: typeof fromPolicy): ReportResult =>
    analyze(trace.table, trace.source, {
      ...settingsFor(settings, trace.table),
      policy,
      profile,
      groupBy: settings.by === 'stack' ? 'stack' : undefined,
      command,
      version: version(),
    });
  const read = (file: string): Promise<OpenedTrace> => readTrace(file, settings, surroundings, progress);
  let result: DiffResult;
  try {
    if (per !== undefined || against.length > 0) {
      const runsOf = async (paths: readonly string[], policy: typeof fromPolicy): Promise<Runs> => {
        const reports: ReportResult[] = [];
        for (const path of paths) reports.push(run(await read(path), policy));
        const [first, ...others] = reports;
        return [first, ...others];
      };
      const [fromFiles, toFiles] = against.length > 0 ? [files, against] : [[sides.from.file], [sides.to.file]];
      const before = await runsOf(fromFiles, fromPolicy);
      result = diffOfRuns(before, await runsOf(toFiles, toPolicy), per ?? { unit: 'run' });
    } else {
      const trace = await read(sides.from.file);
      progress.say(`${sides.from.file}: replaying`);
      const from = run(trace, fromPolicy);
      // A second trace is read only after the first one is done with: two tables would take twice the memory.
      const to = run(sides.to.file === sides.from.file ? trace : await read(sides.to.file), toPolicy);
      result = diff(from, to);
    }
  } finally {
    progress.end();
  }
  sayLosses(output.format, lostOfDiff(result), surroundings);
  await writeResult(result, output, DIFF_WRITERS, options);
  return EXIT.ok;
}

interface Side {
  readonly file: string;
  readonly policy: string;
}

/** Which trace is replayed under which policy, and how a command line says so. */
function chooseSides(
  files: readonly string[],
  against: readonly string[],
  raw: RawDiffOptions,
): { readonly from: Side; readonly to: Side; readonly words: readonly string[] } {
  const [first, second] = against.length > 0 ? [files[0], against[0]] : files;
  if (against.length === 0 && files.length > 2) {
    throw new UsageError(
      `diff takes one trace or two, and ${files.length} are given`,
      'Runs of one side stand before --with, those of the other behind it.',
    );
  }
  if (second === undefined) {
    if (raw.policy !== undefined) {
      throw new UsageError(
        'diff of one trace compares two policies, and --policy is one',
        'Name them with --from and --to; --policy is for two traces.',
      );
    }
    const from = raw.from ?? DEFAULT_FROM;
    const to = raw.to ?? DEFAULT_TO;
    return {
      from: { file: first, policy: from },
      to: { file: first, policy: to },
      words: [...unlessDefault('--from', from, DEFAULT_FROM), ...unlessDefault('--to', to, DEFAULT_TO)],
    };
  }
  if (raw.from !== undefined || raw.to !== undefined) {
    throw new UsageError(
      'two traces are compared under one policy, and --from or --to is given',
      'Name the policy with --policy, or give one trace only.',
    );
  }
  if ([...files, ...against].filter((file) => file === '-').length > 1) {
    throw new UsageError('"-" is given twice', 'The standard input can be read only once.');
  }
  const policy = raw.policy ?? DEFAULT_POLICY;
  return {
    from: { file: first, policy },
    to: { file: second, policy },
    words: [
      ...(against.length === 0 ? [] : ['--with', ...against]),
      ...unlessDefault('--per', raw.per, ''),
      ...unlessDefault('--policy', policy, DEFAULT_POLICY),
    ],
  };
}
