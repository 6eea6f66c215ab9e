import type { Estimate } from '../../base/interval.ts';
import { GRANULE_BYTES, roundUp } from '../../base/units.ts';
import type { Kasan } from '../../kasan/kasan.ts';
import { freeWritesTags, type SlabCache } from '../../kasan/slab.ts';
import type { CpuProfile } from '../../mte/cpu.ts';
import { rangeInstructions } from '../../mte/tag-range.ts';
import { EstimateBuilder, NOTHING, type EstimateName, type Piece } from './estimate-builder.ts';

/** The estimates of a replay, in the order of results. */
const NAMES = [
  'unseenObjectFrees',
  'unseenObjectAllocations',
  'objectsFromBeforeTrace',
  'pagesFromBeforeTrace',
  'objectOffsets',
  'compaction',
] as const satisfies readonly EstimateName[];

/** Gathers all estimates. @param isCounted whether results are of the row that is charged at that moment */
export function estimatesOf(isCounted: () => boolean) {
  const of = (name: EstimateName): EstimateBuilder => new EstimateBuilder(name, isCounted);
  return {
    unseenObjectFrees: of('unseenObjectFrees'),
    unseenObjectAllocations: of('unseenObjectAllocations'),
    objectsFromBeforeTrace: of('objectsFromBeforeTrace'),
    pagesFromBeforeTrace: of('pagesFromBeforeTrace'),
    objectOffsets: of('objectOffsets'),
    compaction: of('compaction'),
  } satisfies Record<(typeof NAMES)[number], EstimateBuilder>;
}

export type Estimates = ReturnType<typeof estimatesOf>;

export const finishEstimates = (estimates: Estimates): readonly Estimate[] =>
  NAMES.map((name) => estimates[name].finish());

/** The work of poisoning blocks of pages. */
export function blockPiece(kasan: Kasan, cpu: CpuProfile, order: number): Piece {
  if (kasan.changes.freedPages === 'keep') return NOTHING;
  const size = kasan.config.pageSize * (1 << order);
  return { calls: 1, bytes: size, instructions: rangeInstructions(cpu, 0, size) };
}

/** The work of tagging an object, if it began a DC block. */
export function objectPiece(cpu: CpuProfile, cache: SlabCache): Piece {
  const size = roundUp(cache.objectSize, GRANULE_BYTES);
  return { calls: 1, bytes: size, instructions: rangeInstructions(cpu, 0, size) };
}

/** The work of poisoning an object, if it began a DC block. */
export const poisonPiece = (kasan: Kasan, cpu: CpuProfile, cache: SlabCache): Piece =>
  freeWritesTags(kasan, cache) ? objectPiece(cpu, cache) : { ...NOTHING, calls: 1 };
