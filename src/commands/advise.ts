import { adviseOn, type Advised } from '../jobs/advise.ts';
import { auditedModel } from '../options/audited-model.ts';
import { numberOf } from '../options/read-option.ts';
import { ADVISE, ADVISE_POLICY, ADVISE_TRIALS, type AdviseOptions } from '../options/commands/advise.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import type { Preparation, Running } from './context.ts';
import { auditHost, replaySetup } from './replaying.ts';

/** `advise`, as its words ask for it. */
export interface PreparedAdvise {
  /** What the audited kernel would say of its boot parameters. */
  readonly warnings: readonly string[];
  run(running: Running): Promise<Advised>;
}

/** @throws UsageError, InputError for words that make no sense */
export async function prepareAdvise(path: string, raw: AdviseOptions, prepared: Preparation): Promise<PreparedAdvise> {
  const settings = await replaySetup(raw, prepared);
  const { audited, warnings } = auditedModel(raw, numberOf(ADVISE_TRIALS, raw));
  const policy = await prepared.policy(raw.policy ?? ADVISE_POLICY.default);
  const told = { ...settings, audited, command: reproducingCommand(ADVISE, [path], raw) };
  return {
    warnings,
    run: async (running) => adviseOn(await running.trace(path, settings), policy, told, auditHost(running, settings)),
  };
}
