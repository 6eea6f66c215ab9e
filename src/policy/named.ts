import { didYouMean } from '../base/did-you-mean.ts';
import { UsageError } from '../base/errors.ts';
import { POLICY_GROUPS } from './built-in.ts';
import type { Policy } from './policy.ts';
import { SAMPLE_NAME, sampleByName } from './sample-policy.ts';

const NAMED_POLICIES = POLICY_GROUPS.flatMap(({ policies }) => policies);

/**
 * A built-in policy, or undefined.
 *
 * @throws UsageError for sampling by numbers that make no sense
 */
export const builtInPolicy = (policyName: string): Policy | undefined =>
  NAMED_POLICIES.find((policy) => policy.name === policyName) ?? sampleByName(policyName);

/** What to say of a policy that is neither built in nor a file. */
export function unknownPolicy(policyName: string): UsageError {
  const names = NAMED_POLICIES.map((policy) => policy.name);
  return new UsageError(
    `unknown policy "${policyName}"`,
    `${didYouMean(policyName, names)}Built in are ${names.join(', ')} (${SAMPLE_NAME} with any numbers); or give the path of a policy file (JSON).`,
  );
}
