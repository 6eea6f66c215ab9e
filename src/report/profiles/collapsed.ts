import { printable } from '../printable.ts';
import { wholeValues, type Measure } from '../stacks/measures.ts';
import { pairStacks, type WeightedStacks } from '../stacks/weighted-stacks.ts';

/**
 * Stacks as flamegraph.pl, inferno and many others read them: `outermost;…;innermost WEIGHT`, a line each. Stacks without
 * weight are left out.
 *
 * Source: https://github.com/brendangregg/FlameGraph, the head of flamegraph.pl
 */
export function collapsedStacks({ rows }: WeightedStacks, measure: Measure): string {
  const values = wholeValues(
    rows.map(({ work }) => work),
    measure,
  );
  return lines(rows.map(({ frames }, row) => [frames, [values[row]]]));
}

/** Stacks of two results as difffolded.pl gives them: `stack FROM TO`, for flamegraph.pl or inferno-flamegraph. */
export function collapsedDifference(from: WeightedStacks, to: WeightedStacks, measure: Measure): string {
  const rows = pairStacks(from, to);
  const sides = (['from', 'to'] as const).map((side) =>
    wholeValues(
      rows.map((row) => row[side]),
      measure,
    ),
  );
  return lines(rows.map(({ frames }, row) => [frames, sides.map((values) => values[row])]));
}

/** Frames that became the same by cleaning are one line: two lines of one stack are an error to some readers. */
function lines(stacks: readonly (readonly [frames: readonly string[], values: readonly number[]])[]): string {
  const summed = new Map<string, readonly number[]>();
  for (const [frames, values] of stacks) {
    const key = frames.map(frameText).join(';');
    const before = summed.get(key);
    summed.set(key, before === undefined ? values : values.map((value, side) => value + before[side]));
  }
  return [...summed]
    .filter(([, values]) => values.some((value) => value > 0))
    .map(([stack, values]) => `${stack} ${values.join(' ')}\n`)
    .join('');
}

/** A name as a frame: one line, without the character that separates frames. */
const frameText = (name: string): string => printable(name, true).replaceAll(';', ':').trim() || '?';
