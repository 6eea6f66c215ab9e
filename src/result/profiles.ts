import type { CostProfile, Reading } from '../cost/profile.ts';
import type { CpuProfile } from '../mte/cpu.ts';

/** A cost profile as data, with its readings for one CPU. */
export interface ProfileData extends Omit<CostProfile, 'readings'> {
  readonly cpu: string;
  readonly readings: readonly Reading[];
}

/** What `tagscope profiles` prints as JSON. */
export interface ProfilesResult {
  readonly schema: 'tagscope.profiles';
  readonly version: 1;
  readonly profiles: readonly ProfileData[];
}

/** Profiles as data. */
export const profilesResult = (profiles: readonly CostProfile[], cpu: CpuProfile): ProfilesResult => ({
  schema: 'tagscope.profiles',
  version: 1,
  profiles: profiles.map(({ readings, ...profile }) => ({ ...profile, cpu: cpu.name, readings: readings(cpu) })),
});
