import type { CostProfile } from '../cost/profile.ts';
import { DEFAULT_PROFILE } from '../cost/default-profile.ts';
import { builtInProfile, unknownProfile } from '../cost/profiles.ts';
import type { CpuProfile } from '../mte/cpu.ts';
import { readNamedFile } from './read-small-file.ts';

/**
 * A cost profile by its name, or from the calibration of a machine.
 *
 * @param nameOrFile undefined for the usual one
 * @param cpu that is computed for
 * @throws UsageError for a name that is not there, InputError for a file that is not a calibration
 */
export async function profileOption(
  nameOrFile: string | undefined,
  { name: cpu }: Pick<CpuProfile, 'name'>,
): Promise<CostProfile> {
  const name = nameOrFile ?? DEFAULT_PROFILE;
  const builtIn = builtInProfile(name, cpu);
  if (builtIn !== undefined) return builtIn;
  const advice = '`tagscope profiles` lists the profiles that can be named without a file.';
  const text = await readNamedFile(name, 'calibration', advice, () => unknownProfile(name));
  const { parseCalibration } = await import('../cost/calibration.ts');
  const { measuredProfile } = await import('../cost/measured.ts');
  return measuredProfile(parseCalibration(text, name), name);
}
