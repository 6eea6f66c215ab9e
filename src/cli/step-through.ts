import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../base/steps.ts';
import { createProgress } from './progress.ts';
import type { Surroundings } from './surroundings.ts';

/** How long steps run before the terminal gets its turn. */
const TURN_MS = 50;

/** Does work step by step, and shows how far it is. @param unit what a step is, in the plural */
export async function stepThrough<Result>(
  steps: Steps<Result>,
  {
    name,
    count,
    unit,
    quiet,
  }: { readonly name: string; readonly count: number; readonly unit: string; readonly quiet: boolean },
  surroundings: Surroundings,
): Promise<Result> {
  const progress = createProgress(surroundings, quiet);
  progress.beginCount(name, count, unit);
  try {
    for (let turn = performance.now(); ;) {
      const { done, value } = steps.next();
      if (done === true) return value;
      progress.advance(1);
      if (performance.now() - turn < TURN_MS) continue;
      await setImmediate();
      turn = performance.now();
    }
  } finally {
    progress.end();
  }
}
