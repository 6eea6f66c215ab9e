import { didYouMean } from '../base/did-you-mean.ts';
import { UsageError } from '../base/errors.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import { DEFAULT_PROFILE } from './default-profile.ts';
import { issueProfile, ratesFor } from './issue-only.ts';
import { ISSUE_RATES } from './issue-rates.ts';
import type { CostProfile } from './profile.ts';
import { series2026 } from './series-2026.ts';

/** The issue profile of the CPU that is computed for. */
const ISSUE_ONLY = 'issue-only';

/** The profiles that can be named, the usual one first. */
export const builtInProfiles = (): readonly CostProfile[] => [series2026(), ...ISSUE_RATES.map(issueProfile)];

/**
 * A profile by its name, or undefined.
 *
 * @param cpu name of the CPU that is computed for, which `issue-only` stands for the profile of
 * @throws UsageError for `issue-only` of a CPU whose issue rates are not known
 */
export function builtInProfile(name: string, cpu: string): CostProfile | undefined {
  if (name !== ISSUE_ONLY) return builtInProfiles().find((profile) => profile.name === name);
  // A CPU with another block size has a longer name.
  const rates = ratesFor(cpu.split(' ')[0]);
  if (rates !== undefined) return issueProfile(rates);
  throw new UsageError(
    `--profile ${ISSUE_ONLY}: no scheduling model is known for ${cpu}`,
    `Name one: ${ISSUE_RATES.map(({ core }) => `issue-${core}`).join(', ')}.`,
  );
}

/** What a reader should know of a profile that is used for a CPU; nothing where they fit. */
export const profileDoubts = ({ name, dcBlock }: CostProfile, cpu: CpuProfile): readonly string[] =>
  dcBlock === undefined || cpu.dzp || dcBlock === cpu.dcBlock
    ? []
    : [
        `the profile ${name} is of a machine with DC blocks of ${dcBlock} bytes, and instructions are counted for blocks of ${cpu.dcBlock}: times are scaled. With --dc-block ${dcBlock} both are of that machine.`,
      ];

/** What to say of a profile that is neither built in nor a file. */
export function unknownProfile(name: string): UsageError {
  const names = [DEFAULT_PROFILE, ISSUE_ONLY, ...ISSUE_RATES.map(({ core }) => `issue-${core}`)];
  return new UsageError(
    `unknown profile "${name}"`,
    `${didYouMean(name, names)}Known are ${names.join(', ')}; or give the path of a file that \`tagscope calibrate\` wrote.`,
  );
}
