import type { Steps } from '../base/steps.ts';
import { watched } from '../jobs/monitor.ts';
import { monitored } from './monitor.ts';
import type { Surroundings } from './surroundings.ts';

/** Work as its progress shows it. */
interface ShownWork {
  readonly name: string;
  /** How many steps there are. */
  readonly count: number;
  /** What a step is, in the plural. */
  readonly unit: string;
  readonly quiet: boolean;
}

/** Does work step by step, and shows how far it is. */
export const stepThrough = <Result>(
  steps: Steps<Result>,
  { name, count, unit, quiet }: ShownWork,
  surroundings: Surroundings,
): Promise<Result> =>
  monitored({ quiet }, surroundings, (monitor) => watched(steps, { what: name, count, unit }, monitor));
