import { tagSetting } from '../../mte/instruction.ts';
import { allGranules } from '../../result/granules.ts';
import type { Work } from '../../result/result.ts';

/** A figure of tag work that can be the weight of a stack or the length of a bar. */
export interface Measure {
  /** What `--weight` calls it. */
  readonly id: string;
  /** In prose, in the plural. */
  readonly name: string;
  /** The unit as profilers know it: a number of something, or of bytes or nanoseconds. */
  readonly unit: 'count' | 'bytes' | 'nanoseconds';
  readonly of: (work: Work) => number;
}

/** All of them; the first one is what is shown unless another is asked for. */
export const MEASURES = [
  {
    id: 'instructions',
    name: 'tag-setting instructions',
    unit: 'count',
    of: ({ instructions }) => tagSetting(instructions),
  },
  { id: 'granules', name: 'granules tagged', unit: 'count', of: allGranules },
  { id: 'granules-alloc', name: 'granules tagged at alloc', unit: 'count', of: ({ granules }) => granules.alloc },
  { id: 'granules-free', name: 'granules tagged at free', unit: 'count', of: ({ granules }) => granules.free },
  { id: 'allocations', name: 'allocations', unit: 'count', of: ({ allocations }) => allocations },
  { id: 'frees', name: 'frees', unit: 'count', of: ({ frees }) => frees },
  { id: 'bytes', name: 'bytes allocated', unit: 'bytes', of: ({ bytes }) => bytes },
  // The best reading alone: a width has no bounds.
  { id: 'time', name: 'nanoseconds of tags, as modelled', unit: 'nanoseconds', of: ({ time }) => time?.best ?? 0 },
] as const satisfies readonly Measure[];

export type MeasureId = (typeof MEASURES)[number]['id'];

export const DEFAULT_MEASURE: MeasureId = 'instructions';

export const measureOf = (id: MeasureId): Measure => MEASURES.find((measure) => measure.id === id) ?? MEASURES[0];

/**
 * A measure of several works as whole numbers, as profilers want them. What is not whole (a time) is rounded so that the
 * sum is the rounded sum: each gets what the rounded sum grows by. Nothing is 0.
 */
export function wholeValues(works: readonly (Work | undefined)[], measure: Measure): readonly number[] {
  let sum = 0;
  let given = 0;
  return works.map((work) => {
    if (work === undefined) return 0;
    sum += measure.of(work);
    const value = Math.round(sum) - given;
    given += value;
    return value;
  });
}
