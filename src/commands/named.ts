import { UsageError } from '../base/errors.ts';
import type { CostProfile } from '../cost/profile.ts';
import { DEFAULT_PROFILE } from '../cost/default-profile.ts';
import { builtInProfile, unknownProfile } from '../cost/profiles.ts';
import { AS_RECORDED } from '../policy/as-recorded.ts';
import { builtInPolicy, unknownPolicy } from '../policy/named.ts';
import type { Policy } from '../policy/policy.ts';
import type { Preparation, ReadNamedText } from './context.ts';

/** What commands are prepared with, where texts are read like this. @param version of tagscope */
export const preparation = (text: ReadNamedText, version: string): Preparation => ({
  version,
  text,
  policy: (nameOrFile) => namedPolicy(nameOrFile, text),
  profile: (nameOrFile, cpu) => namedProfile(nameOrFile, cpu, text),
});

/**
 * A policy by its name, or from its file. What names no built-in one and looks like a path is a file.
 *
 * @throws UsageError for a name that is not there, InputError for a file that is not a policy
 */
export async function namedPolicy(nameOrFile: string, text: ReadNamedText): Promise<Policy> {
  const builtIn = builtInPolicy(nameOrFile);
  if (builtIn !== undefined) return builtIn;
  const content = await text(nameOrFile, 'policy', () => unknownPolicy(nameOrFile));
  // What reads files is loaded for those who have one.
  const { parsePolicy } = await import('../policy/parse.ts');
  return parsePolicy(content, nameOrFile);
}

/** A policy that means something without a trace. @throws UsageError for the one that does not */
export function withoutTrace(policy: Policy): Policy {
  if (policy !== AS_RECORDED) return policy;
  throw new UsageError(
    `${AS_RECORDED.name} is what the kernel of a trace does, and there is no trace here`,
    'Name the kernel instead: before-series or series.',
  );
}

/**
 * A cost profile by its name, or from the calibration of a machine.
 *
 * @param nameOrFile undefined for the usual one
 * @param cpu that is computed for
 * @throws UsageError for a name that is not there, InputError for a file that is not a calibration
 */
async function namedProfile(
  nameOrFile: string | undefined,
  { name: cpu }: { readonly name: string },
  text: ReadNamedText,
): Promise<CostProfile> {
  const name = nameOrFile ?? DEFAULT_PROFILE;
  const builtIn = builtInProfile(name, cpu);
  if (builtIn !== undefined) return builtIn;
  const content = await text(name, 'calibration', () => unknownProfile(name));
  const { parseCalibration } = await import('../cost/calibration.ts');
  const { measuredProfile } = await import('../cost/measured.ts');
  return measuredProfile(parseCalibration(content, name), name);
}
