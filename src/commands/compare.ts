import { UsageError } from '../base/errors.ts';
import type { CompareResult } from '../decide/compare.ts';
import { parseWeights } from '../decide/weights.ts';
import { comparePolicies } from '../jobs/compare.ts';
import { auditedModel } from '../options/audited-model.ts';
import { numberOf } from '../options/read-option.ts';
import { COMPARE, COMPARE_TRIALS, type CompareOptions } from '../options/commands/compare.ts';
import { reproducingCommand } from '../options/reproducing-command.ts';
import { policyNames } from '../options/policy-names.ts';
import { BUILT_IN_POLICIES, DEFAULT_FROM } from '../policy/built-in.ts';
import type { Policy } from '../policy/policy.ts';
import { MAX_COMPARED } from '../report/trade-off.ts';
import type { Preparation, Running } from './context.ts';
import { auditHost, replaySetup } from './replaying.ts';

/** `compare`, as its words ask for it. */
export interface PreparedCompare {
  /** What the audited kernel would say of its boot parameters. */
  readonly warnings: readonly string[];
  run(running: Running): Promise<CompareResult>;
}

/** @throws UsageError, InputError for words that make no sense */
export async function prepareCompare(
  path: string,
  raw: CompareOptions,
  prepared: Preparation,
): Promise<PreparedCompare> {
  const settings = await replaySetup(raw, prepared);
  const { audited, warnings } = auditedModel(raw, numberOf(COMPARE_TRIALS, raw));
  const baseline = await prepared.policy(raw.from ?? DEFAULT_FROM);
  const others = (await policiesOption(raw.policies, prepared)).filter(({ name }) => name !== baseline.name);
  if (others.length === 0) {
    throw new UsageError(
      `${baseline.name} alone: there is nothing to compare it with`,
      'Name other policies with --policies, or another baseline with --from.',
    );
  }
  const weights =
    raw.weights === undefined ? undefined : parseWeights(await prepared.text(raw.weights, 'weights'), raw.weights);
  const told = { ...settings, audited, command: reproducingCommand(COMPARE, [path], raw) };
  return {
    warnings,
    run: async (running) => {
      const trace = await running.trace(path, settings);
      return comparePolicies({ trace, baseline, others, weights }, told, auditHost(running, settings));
    },
  };
}

/** The policies of a list separated by commas; all built-in ones if none is given. @throws UsageError */
async function policiesOption(
  list: string | undefined,
  { policy: named }: Pick<Preparation, 'policy'>,
): Promise<readonly Policy[]> {
  if (list === undefined) return BUILT_IN_POLICIES;
  const names = policyNames(list);
  if (names.includes('')) throw new UsageError(`--policies ${list}: an empty name`, 'Separate names by single commas.');
  if (names.length > MAX_COMPARED)
    throw new UsageError(`--policies: ${names.length} are given`, `Compare at most ${MAX_COMPARED} at once.`);
  const policies: Policy[] = [];
  for (const name of names) {
    const policy = await named(name);
    if (policies.some((other) => other.name === policy.name))
      throw new UsageError(`--policies names ${policy.name} twice`, 'Name each policy once.');
    policies.push(policy);
  }
  return policies;
}
