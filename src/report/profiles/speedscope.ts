import { StringInterner } from '../../base/string-interner.ts';
import { MEASURES, measureOf, wholeValues, type MeasureId } from '../stacks/measures.ts';
import type { WeightedStacks } from '../stacks/weighted-stacks.ts';

/** The parts of speedscope's file format that are written here. Source: src/lib/file-format-spec.ts of speedscope 1.25. */
interface SpeedscopeFile {
  readonly $schema: 'https://www.speedscope.app/file-format-schema.json';
  readonly name: string;
  readonly exporter: string;
  readonly activeProfileIndex: number;
  readonly shared: { readonly frames: readonly { readonly name: string }[] };
  readonly profiles: readonly SampledProfile[];
}

interface SampledProfile {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: 'none' | 'bytes' | 'nanoseconds';
  readonly startValue: number;
  readonly endValue: number;
  /** Stacks, outermost first, as indices of frames. */
  readonly samples: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

/**
 * Stacks for speedscope: a profile for each measure that is not all zero, of each of the results. Samples stand in the
 * order of the result, the heaviest stacks first; speedscope's "left heavy" view is the one to look at.
 *
 * @param shown the measure that is looked at first
 */
export function speedscopeFile(
  all: readonly WeightedStacks[],
  shown: MeasureId,
  title: string,
  version: string,
): SpeedscopeFile {
  const frames = new StringInterner();
  const profiles = all.flatMap(({ name, rows }) => {
    const stacks = rows.map((row) => row.frames.map((frame) => frames.intern(frame)));
    return MEASURES.flatMap((measure): SampledProfile[] => {
      const weighted = wholeValues(
        rows.map(({ work }) => work),
        measure,
      )
        .map((weight, row) => ({ weight, stack: stacks[row] }))
        .filter(({ weight }) => weight > 0);
      if (weighted.length === 0) return [];
      return [
        {
          type: 'sampled',
          name: `${name}: ${measure.name}`,
          unit: measure.unit === 'count' ? 'none' : measure.unit,
          startValue: 0,
          endValue: weighted.reduce((sum, { weight }) => sum + weight, 0),
          samples: weighted.map(({ stack }) => stack),
          weights: weighted.map(({ weight }) => weight),
        },
      ];
    });
  });
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    name: title,
    exporter: `tagscope ${version}`,
    activeProfileIndex: Math.max(
      0,
      profiles.findIndex(({ name }) => name.endsWith(`: ${measureOf(shown).name}`)),
    ),
    shared: { frames: frames.texts.map((name) => ({ name })) },
    profiles,
  };
}
