import { benchPolicies, type BenchThread } from '../jobs/bench.ts';
import { parseBenchOptions, type BenchSettings } from '../options/bench-options.ts';
import { BENCH, type BenchOptions } from '../options/commands/bench.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { withoutTrace } from './named.ts';
import type { Policy } from '../policy/policy.ts';
import type { BenchResult } from '../result/bench.ts';
import type { Monitor } from '../jobs/monitor.ts';
import type { Preparation } from './context.ts';

/** `bench`, as its words ask for it. */
export interface PreparedBench {
  readonly settings: BenchSettings;
  /** @param thread does the runs */
  run(thread: BenchThread, monitor: Monitor): Promise<BenchResult>;
}

/** @throws UsageError, InputError for words that make no sense */
export async function prepareBench(
  name: string,
  raw: BenchOptions,
  { policy: named, profile, version }: Preparation,
): Promise<PreparedBench> {
  const settings = parseBenchOptions(name, raw);
  const policies: Policy[] = [];
  for (const nameOrFile of settings.policies) policies.push(withoutTrace(await named(nameOrFile)));
  const told = {
    ...settings,
    profile: await profile(raw.profile, settings.cpu),
    command: reproducingCommand(BENCH, [name], raw),
    version,
  };
  return { settings, run: (thread, monitor) => benchPolicies(policies, told, thread, monitor) };
}
