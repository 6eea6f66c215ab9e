import type { CpuProfile } from '../mte/cpu.ts';
import { issueProfile, ratesFor } from './issue-only.ts';
import type { CostProfile } from './profile.ts';
import { series2026 } from './series-2026.ts';

/**
 * The profiles that apply to a CPU, of which no one is right: what waits for memory is left out by one and fitted to another
 * machine by the other, so that a time alone is not known better than all of them span. What was measured on a machine is
 * of that one, and stands alone.
 */
export function applicableProfiles(chosen: CostProfile, cpu: Pick<CpuProfile, 'name'>): readonly CostProfile[] {
  if (chosen.provenance === 'measured') return [chosen];
  // A CPU with another block size has a longer name.
  const rates = ratesFor(cpu.name.split(' ')[0]);
  const all = [chosen, ...(rates === undefined ? [] : [issueProfile(rates)]), series2026()];
  return all.filter(({ name }, index) => all.findIndex((profile) => profile.name === name) === index);
}
