import type { CostProfile, Readings } from '../cost/profile.ts';
import type { CostDescription } from './result.ts';

/** What a result says of the profile that its times are by. */
export const describeCost = (
  { name, description, source, provenance, figures }: CostProfile,
  readings: Readings,
): CostDescription => ({
  profile: name,
  description,
  source,
  provenance,
  figures,
  readings: readings.map((reading) => ({ name: reading.name, assumes: reading.assumes })),
});
