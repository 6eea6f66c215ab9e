import { UsageError } from '../base/errors.ts';
import { parseBudget, parseBudgetFile } from '../decide/budget.ts';
import type { CheckResult } from '../decide/check.ts';
import { checkTrace } from '../jobs/check.ts';
import { CHECK, type CheckOptions } from '../options/commands/check.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { DEFAULT_POLICY } from '../policy/built-in.ts';
import type { Preparation, Running } from './context.ts';
import { replaySetup } from './replaying.ts';

/** `check`, as its words ask for it. @throws UsageError, InputError for words that make no sense */
export async function prepareCheck(
  path: string,
  raw: CheckOptions,
  prepared: Preparation,
): Promise<(running: Running) => Promise<CheckResult>> {
  const { budget: budgets = [], budgetFile } = raw;
  if (budgets.length === 0 && budgetFile === undefined)
    throw new UsageError(
      'check without --budget or --budget-file',
      'Give limits, such as --budget "granules<1.5M,class.page-table.share<5%"; `tagscope check --help` has all of it.',
    );
  const ofFile = budgetFile === undefined ? [] : parseBudgetFile(await prepared.text(budgetFile, 'budget'), budgetFile);
  const limits = [...ofFile, ...budgets.flatMap(parseBudget)];
  const settings = await replaySetup(raw, prepared);
  const policy = await prepared.policy(raw.policy ?? DEFAULT_POLICY);
  return async (running) =>
    checkTrace(
      await running.trace(path, settings),
      policy,
      limits,
      { ...settings, command: reproducingCommand(CHECK, [path], raw) },
      running.monitor,
    );
}
