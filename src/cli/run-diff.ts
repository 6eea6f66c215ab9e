import { UsageError } from '../base/errors.ts';
import { diffPolicies, diffTraces, type DiffSide, type OpenTrace } from '../jobs/diff.ts';
import type { Policy } from '../policy/policy.ts';
import { DIFF_WRITERS, lostOfDiff } from '../report/diff-writers.ts';
import { formatOf } from '../report/formats.ts';
import { parseDiffOptions, type Files } from '../options/diff-options.ts';
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

/** `tagscope diff TRACE --from P --to Q`, or two traces under one policy: what the second does less. */
export async function runDiff(files: Files, raw: DiffOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { from, to, per } = parseDiffOptions(files, raw);
  const given = { ...parseReplayOptions(raw), ...parseTableOptions(raw) };
  const fromPolicy = await policyOption(from.policy);
  const toPolicy = await policyOption(to.policy);
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
    if (from.files === to.files) return diffPolicies(opener(from.files[0]), [fromPolicy, toPolicy], told, monitor);
    const side = ([first, ...others]: Files, policy: Policy): DiffSide => ({
      traces: [opener(first), ...others.map(opener)],
      policy,
    });
    return diffTraces([side(from.files, fromPolicy), side(to.files, toPolicy)], per, told, monitor);
  });
  sayLosses(output.format, lostOfDiff(result), surroundings);
  await writeResult(result, output, DIFF_WRITERS, options);
  return EXIT.ok;
}
