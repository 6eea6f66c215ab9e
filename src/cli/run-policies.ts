import { BUILT_IN_POLICIES, DEFAULT_POLICY, POLICY_GROUPS } from '../policy/built-in.ts';
import { SAMPLE_NAME } from '../policy/sample-policy.ts';
import { jsonText } from '../report/writers.ts';
import { renderPolicies, renderPolicy } from '../report/policy-text.ts';
import type { PoliciesResult } from '../result/policies.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { policyOption } from './policy-option.ts';
import type { RawOptions } from './options.ts';
import { writeAll } from './result-output.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';

/** `tagscope policies [NAME…]`: the policies that can be named without a file, or some in full. */
export async function runPolicies(
  names: readonly string[],
  raw: Pick<RawOptions, 'json' | 'color'>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { stdout } = surroundings;
  const options = textOptions({ stream: stdout }, { top: 0, by: 'class' }, raw, surroundings);
  if (names.length > 0) {
    const policies = await Promise.all(names.map(policyOption));
    const text = policies.map((policy) => renderPolicy(policy, options)).join('\n');
    await writeAll(stdout, raw.json === true ? jsonText({ ...HEAD, policies } satisfies PoliciesResult) : text);
    return EXIT.ok;
  }
  const result: PoliciesResult = {
    ...HEAD,
    default: DEFAULT_POLICY,
    groups: POLICY_GROUPS.map(({ title, policies }) => ({ title, policies: policies.map(({ name }) => name) })),
    parametric: [SAMPLE_NAME],
    policies: BUILT_IN_POLICIES,
  };
  await writeAll(stdout, raw.json === true ? jsonText(result) : renderPolicies(POLICY_GROUPS, DEFAULT_POLICY, options));
  return EXIT.ok;
}

const HEAD = { schema: 'tagscope.policies', version: 1 } as const;
