import { UsageError } from '../base/errors.ts';
import { parseBudget, parseBudgetFile, type Limit } from '../decide/budget.ts';
import { DEFAULT_POLICY } from '../policy/built-in.ts';
import { CHECK_WRITERS } from '../report/check-writers.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { CHECK, type CheckOptions } from '../options/commands/check.ts';
import { parseReplayOptions } from '../options/replay-options.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { policyOption } from './policy-option.ts';
import { profileOption } from './profile-option.ts';
import { readSmallFile } from './read-small-file.ts';
import { checkTrace } from '../jobs/check.ts';
import { monitored } from './monitor.ts';
import { readTrace } from './read-trace.ts';
import { openOutput, resultSink } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { outputOptions } from './text-options.ts';
import { version } from './version.ts';

/** `tagscope check TRACE --budget LIMITS`: whether the tag work of a trace is within limits. */
export async function runCheck(file: string, raw: CheckOptions, surroundings: Surroundings): Promise<ExitCode> {
  const budgets = raw.budget ?? [];
  if (budgets.length === 0 && raw.budgetFile === undefined)
    throw new UsageError(
      'check without --budget or --budget-file',
      'Give limits, such as --budget "granules<1.5M,class.page-table.share<5%"; `tagscope check --help` has all of it.',
    );
  const limits = [...(await fileLimits(raw.budgetFile)), ...budgets.flatMap(parseBudget)];
  const settings = parseReplayOptions(raw);
  const policy = await policyOption(raw.policy ?? DEFAULT_POLICY);
  const profile = await profileOption(raw.profile, settings.cpu);
  const output = await openOutput(CHECK, raw, surroundings, [file]);
  const sink = resultSink(output, CHECK_WRITERS, outputOptions(output, { top: 0, by: 'class' }, raw, surroundings));
  const result = await monitored(raw, surroundings, async (monitor, progress) => {
    const trace = await readTrace(file, settings, surroundings, progress);
    const told = { ...settings, profile, command: reproducingCommand(CHECK, [file], raw), version: version() };
    return checkTrace(trace, policy, limits, told, monitor);
  });
  await sink.add(result);
  await sink.end();
  return result.exceeded === 0 ? EXIT.ok : EXIT.failed;
}

async function fileLimits(path: string | undefined): Promise<readonly Limit[]> {
  if (path === undefined) return [];
  const advice = 'A budget file has a limit on each line; `tagscope check --help` says how they are written.';
  return parseBudgetFile(await readSmallFile(path, 'budget', advice), path);
}
