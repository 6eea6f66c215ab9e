import { DEFAULT_POLICY, POLICY_GROUPS } from '../policy/built-in.ts';
import { SAMPLE_NAME } from '../policy/sample-policy.ts';
import { jsonText } from '../report/writers.ts';
import { renderPolicies, renderPolicy } from '../report/policy-text.ts';
import type { PoliciesResult } from '../result/policies.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { POLICIES, type PoliciesOptions } from '../options/commands/policies.ts';
import { preparedWith } from './node-commands.ts';
import { openOutput } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';

const HEAD = { schema: 'tagscope.policies', version: 1 } as const;

/** All that can be named, as data. */
const ALL: PoliciesResult = {
  ...HEAD,
  default: DEFAULT_POLICY,
  groups: POLICY_GROUPS.map(({ title, policies }) => ({ title, policies: policies.map(({ name }) => name) })),
  parametric: [SAMPLE_NAME],
  policies: POLICY_GROUPS.flatMap(({ policies }) => policies),
};

/** `tagscope policies [NAME…]`: the policies that can be named without a file, or some in full. */
export async function runPolicies(
  names: readonly string[],
  raw: PoliciesOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const policies = await Promise.all(names.map(preparedWith(surroundings).policy));
  const output = await openOutput(POLICIES, raw, surroundings, names);
  const options = textOptions(output, { top: 0, by: 'class' }, raw, surroundings);
  const result: PoliciesResult = names.length === 0 ? ALL : { ...HEAD, policies };
  const text = (): string =>
    names.length === 0
      ? renderPolicies(POLICY_GROUPS, DEFAULT_POLICY, options)
      : policies.map((policy) => renderPolicy(policy, options)).join('\n');
  await output.write(output.format === 'json' ? jsonText(result) : text());
  await output.finish();
  return EXIT.ok;
}
