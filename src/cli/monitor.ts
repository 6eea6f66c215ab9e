import { setImmediate } from 'node:timers/promises';
import type { Monitor } from '../jobs/monitor.ts';
import { createProgress, type Progress } from './progress.ts';
import type { Surroundings } from './surroundings.ts';

/** How long a job runs before the terminal gets its turn. */
const TURN_MS = 50;

/** A monitor that shows on a progress line how far a job is. */
export function monitorOf(progress: Progress): Monitor {
  let turn = performance.now();
  return {
    begin: (what, steps, unit) => progress.beginCount(what, steps, unit),
    advance: (steps) => progress.advance(steps),
    say: (what) => progress.say(what),
    turn: async () => {
      if (performance.now() - turn < TURN_MS) return;
      await setImmediate();
      turn = performance.now();
    },
  };
}

/** Does a job and shows how far it is; the progress line is gone when it ends. */
export async function monitored<Result>(
  { quiet }: { readonly quiet?: boolean | undefined },
  surroundings: Pick<Surroundings, 'stderr' | 'env'>,
  job: (monitor: Monitor, progress: Progress) => Promise<Result>,
): Promise<Result> {
  const progress = createProgress(surroundings, quiet === true);
  try {
    return await job(monitorOf(progress), progress);
  } finally {
    progress.end();
  }
}
