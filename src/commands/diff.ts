import { diffPolicies, diffTraces, type DiffSide, type OpenTrace } from '../jobs/diff.ts';
import { DIFF, type DiffOptions } from '../options/commands/diff.ts';
import { parseDiffOptions } from '../options/diff-options.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { parseTop } from '../options/table-options.ts';
import type { Policy } from '../policy/policy.ts';
import type { GroupBy } from '../replay/options.ts';
import type { DiffResult } from '../result/result.ts';
import type { Preparation, Running } from './context.ts';
import type { Paths } from '../options/command.ts';
import { replaySetup } from './replaying.ts';

/** `diff`, as its words ask for it. */
export interface PreparedDiff {
  /** Rows of the second table. */
  readonly top: number;
  /** @param groupBy what figures are split by, besides class and call site */
  run(groupBy: GroupBy | undefined, running: Running): Promise<DiffResult>;
}

/** @throws UsageError, InputError for words that make no sense */
export async function prepareDiff(paths: Paths, raw: DiffOptions, prepared: Preparation): Promise<PreparedDiff> {
  const { from, to, per } = parseDiffOptions(paths, raw);
  const settings = await replaySetup(raw, prepared);
  const policies = { from: await prepared.policy(from.policy), to: await prepared.policy(to.policy) };
  const command = reproducingCommand(DIFF, paths, raw);
  return {
    top: parseTop(raw),
    run: (groupBy, running) => {
      const told = { ...settings, groupBy, command };
      const opener =
        (path: string): OpenTrace =>
        () =>
          running.trace(path, settings);
      const { monitor } = running;
      if (from.files === to.files)
        return diffPolicies(opener(from.files[0]), [policies.from, policies.to], told, monitor);
      const side = ([first, ...others]: Paths, policy: Policy): DiffSide => ({
        traces: [opener(first), ...others.map(opener)],
        policy,
      });
      return diffTraces([side(from.files, policies.from), side(to.files, policies.to)], per, told, monitor);
    },
  };
}
