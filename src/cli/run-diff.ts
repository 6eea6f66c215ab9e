import { UsageError } from '../base/errors.ts';
import { diffPolicies, diffTraces, type DiffSide, type OpenTrace } from '../jobs/diff.ts';
import { DEFAULT_FROM, DEFAULT_POLICY, DEFAULT_TO } from '../policy/built-in.ts';
import type { Policy } from '../policy/policy.ts';
import { DIFF_WRITERS, lostOfDiff } from '../report/diff-writers.ts';
import { formatOf } from '../report/formats.ts';
import type { Per } from '../result/diff-runs.ts';
import { wholeNumber } from '../options/whole-number.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { monitored } from './monitor.ts';
import { DIFF, type DiffOptions } from '../options/commands/diff.ts';
import { parseReplayOptions } from '../options/replay-options.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { parseTableOptions } from '../options/table-options.ts';
import { policyOption } from './policy-option.ts';
import { profileOption } from './profile-option.ts';
import { readTrace } from './read-trace.ts';
import { openOutput, writeResult } from './result-output.ts';
import { sayLosses } from './say-losses.ts';
import type { Surroundings } from './surroundings.ts';
import { groupingFor, outputOptions } from './text-options.ts';
import { version } from './version.ts';

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
export async function runDiff(files: Files, raw: DiffOptions, surroundings: Surroundings): Promise<ExitCode> {
  const against = raw.with ?? [];
  const per = perOption(raw.per);
  const sides = chooseSides(files, against, raw);
  if (per !== undefined && sides.from.files === sides.to.files) {
    throw new UsageError(
      '--per: one trace is as long under both policies',
      'It is for two traces, or for runs with --with.',
    );
  }
  const given = { ...parseReplayOptions(raw), ...parseTableOptions(raw) };
  const fromPolicy = await policyOption(sides.from.policy);
  const toPolicy = await policyOption(sides.to.policy);
  const profile = await profileOption(raw.profile, given.cpu);
  const output = await openOutput(DIFF, raw, surroundings, files);
  const settings = { ...given, by: groupingFor(raw, output) };
  const isPlain = raw.by === undefined || raw.by === 'class' || raw.by === 'site';
  if (!isPlain && !(raw.by === 'stack' && formatOf(output.format).stacks === true)) {
    throw new UsageError(
      `--by ${raw.by}: differences are by class or by site`,
      'A report can be by command, task, cache, order or stack; a flame graph of a difference is by stack.',
    );
  }
  const options = outputOptions(output, settings, raw, surroundings);
  const told = {
    ...settings,
    profile,
    groupBy: settings.by === 'stack' ? ('stack' as const) : undefined,
    command: reproducingCommand(DIFF, files, raw),
    version: version(),
  };
  const result = await monitored(raw, surroundings, (monitor, progress) => {
    const opener =
      (file: string): OpenTrace =>
      () =>
        readTrace(file, settings, surroundings, progress);
    const { from, to } = sides;
    if (from.files === to.files) return diffPolicies(opener(from.files[0]), [fromPolicy, toPolicy], told, monitor);
    const side = ([first, ...others]: Files, policy: Policy): DiffSide => ({
      traces: [opener(first), ...others.map(opener)],
      policy,
    });
    const divisor = per ?? (against.length > 0 ? { unit: 'run' as const } : undefined);
    return diffTraces([side(from.files, fromPolicy), side(to.files, toPolicy)], divisor, told, monitor);
  });
  sayLosses(output.format, lostOfDiff(result), surroundings);
  await writeResult(result, output, DIFF_WRITERS, options);
  return EXIT.ok;
}

type Files = readonly [string, ...string[]];

interface Side {
  /** Its runs; both sides of one trace have the very same list. */
  readonly files: Files;
  readonly policy: string;
}

/** Which trace is replayed under which policy. */
function chooseSides(
  files: Files,
  against: readonly string[],
  raw: DiffOptions,
): { readonly from: Side; readonly to: Side } {
  const [first, ...others] = files;
  const [second, ...more] = against.length > 0 ? against : others;
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
    return { from: { files, policy: raw.from ?? DEFAULT_FROM }, to: { files, policy: raw.to ?? DEFAULT_TO } };
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
    from: { files: against.length > 0 ? files : [first], policy },
    to: { files: [second, ...more], policy },
  };
}
