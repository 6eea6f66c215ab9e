import { GRANULE_BYTES, roundUp } from '../../base/units.ts';
import type { CpuProfile } from '../../mte/cpu.ts';
import { rangeInstructions } from '../../mte/tag-range.ts';
import type { TracedCache } from '../follow/slab-caches.ts';

/** What the place of an object in a DC block makes of its tag work on a CPU. */
export interface ObjectPlaces {
  /** Objects of the cache do not all begin at the same place, and it makes a difference. */
  readonly matter: boolean;
  /** By how many instructions tagging one can differ. */
  readonly spread: number;
}

export function objectPlaces(cpu: CpuProfile, { objectSize, size }: TracedCache): ObjectPlaces {
  const rounded = roundUp(objectSize, GRANULE_BYTES);
  if (cpu.dzp || rounded < 2 * cpu.dcBlock || size % cpu.dcBlock === 0) return { matter: false, spread: 0 };
  const counts = offsets(cpu, size).map((offset) => rangeInstructions(cpu, offset, rounded));
  return { matter: true, spread: Math.max(...counts) - Math.min(...counts) };
}

/** The positions within a DC block at which objects so far apart begin, if slabs begin at one. */
function offsets({ dcBlock }: CpuProfile, distance: number): readonly number[] {
  const found = new Set<number>();
  for (let at = 0; !found.has(at % dcBlock); at += distance) found.add(at % dcBlock);
  return [...found];
}
