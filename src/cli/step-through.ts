import { setImmediate } from 'node:timers/promises';
import type { Steps } from '../base/steps.ts';
import { createProgress } from './progress.ts';
import type { Surroundings } from './surroundings.ts';

/** How long steps run before the terminal gets its turn. */
const TURN_MS = 50;

/** Work as its progress shows it. */
export interface ShownWork {
  readonly name: string;
  /** How many steps there are. */
  readonly count: number;
  /** What a step is, in the plural. */
  readonly unit: string;
  readonly quiet: boolean;
}

/** Does work step by step, and shows how far it is. */
export const stepThrough = async <Result>(
  steps: Steps<Result>,
  shown: ShownWork,
  surroundings: Surroundings,
): Promise<Result> => (await stepThroughAll([steps], shown, surroundings))[0];

/** Does several pieces of work, one after another, and shows how far all of it is. @param shown of all of them */
export async function stepThroughAll<Result>(
  works: readonly Steps<Result>[],
  { name, count, unit, quiet }: ShownWork,
  surroundings: Surroundings,
): Promise<Result[]> {
  const progress = createProgress(surroundings, quiet);
  progress.beginCount(name, count, unit);
  try {
    const results: Result[] = [];
    for (const steps of works) results.push(await toTheEnd(steps, () => progress.advance(1)));
    return results;
  } finally {
    progress.end();
  }
}

async function toTheEnd<Result>(steps: Steps<Result>, stepped: () => void): Promise<Result> {
  for (let turn = performance.now(); ;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    stepped();
    if (performance.now() - turn < TURN_MS) continue;
    await setImmediate();
    turn = performance.now();
  }
}
