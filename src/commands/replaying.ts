import type { AuditHost } from '../jobs/audit-tasks.ts';
import type { OpenedTrace } from '../open/opened-trace.ts';
import type { Paths } from '../options/command.ts';
import type { REPLAY_OPTIONS } from '../options/groups/replay.ts';
import type { Given } from '../options/option.ts';
import { parseReplayOptions, type TraceSettings } from '../options/replay-options.ts';
import type { CostProfile } from '../cost/profile.ts';
import type { Auditing, Preparation, Running } from './context.ts';

/** What commands on a trace are told by their options. */
export interface ReplaySetup extends TraceSettings {
  readonly profile: CostProfile;
  /** Version of tagscope. */
  readonly version: string;
}

/** Reads the options of a command on a trace. @throws UsageError, InputError */
export async function replaySetup(
  raw: Given<typeof REPLAY_OPTIONS>,
  { profile, version }: Preparation,
): Promise<ReplaySetup> {
  const settings = parseReplayOptions(raw);
  return { ...settings, profile: await profile(raw.profile, settings.cpu), version };
}

/** Opens traces one after another. */
export async function openAll(
  [first, ...others]: Paths,
  settings: TraceSettings,
  { trace }: Running,
): Promise<[OpenedTrace, ...OpenedTrace[]]> {
  const traces: [OpenedTrace, ...OpenedTrace[]] = [await trace(first, settings)];
  for (const path of others) traces.push(await trace(path, settings));
  return traces;
}

/** What a job runs under that audits policies, in as many threads as its options allow. */
export const auditHost = (
  { monitor, auditTasks }: Auditing,
  { jobs }: { readonly jobs: number | undefined },
): AuditHost => ({ monitor, runAuditTasks: auditTasks(jobs) });
