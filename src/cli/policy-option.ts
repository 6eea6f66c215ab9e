import { UsageError } from '../base/errors.ts';
import { AS_RECORDED } from '../policy/as-recorded.ts';
import { builtInPolicy, unknownPolicy } from '../policy/named.ts';
import type { Policy } from '../policy/policy.ts';
import { readNamedFile } from './read-small-file.ts';

/**
 * A policy by its name, or from its file. What names no built-in one and looks like a path is a file.
 *
 * @throws UsageError for a name that is not there, InputError for a file that is not a policy
 */
export async function policyOption(nameOrFile: string): Promise<Policy> {
  const builtIn = builtInPolicy(nameOrFile);
  if (builtIn !== undefined) return builtIn;
  const advice = '`tagscope policies` lists the policies that can be named without a file.';
  const text = await readNamedFile(nameOrFile, 'policy', advice, () => unknownPolicy(nameOrFile));
  // What reads files is loaded for those who have one.
  const { parsePolicy } = await import('../policy/parse.ts');
  return parsePolicy(text, nameOrFile);
}

/**
 * The same where there is no trace.
 *
 * @throws UsageError for the policy that means nothing without one
 */
export async function modelPolicyOption(nameOrFile: string): Promise<Policy> {
  const policy = await policyOption(nameOrFile);
  if (policy !== AS_RECORDED) return policy;
  throw new UsageError(
    `${AS_RECORDED.name} is what the kernel of a trace does, and there is no trace here`,
    'Name the kernel instead: before-series or series.',
  );
}
