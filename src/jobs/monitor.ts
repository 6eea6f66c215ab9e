import type { Steps } from '../base/steps.ts';

/** Who runs a job: is told how far it is, and may stop it. A front end shows the one and asks for the other. */
export interface Monitor {
  /** A part of the work begins, of so many steps; `unit` is what a step is, in the plural. */
  begin(what: string, steps: number, unit: string): void;
  advance(steps: number): void;
  /** What is done now, where its steps cannot be counted. */
  say(what: string): void;
  /** Gives others their turn. @throws whatever the front end ends a job with */
  turn(): Promise<void>;
}

/** Nobody looks and nobody stops it. */
export const UNWATCHED: Monitor = {
  begin: () => undefined,
  advance: () => undefined,
  say: () => undefined,
  turn: () => Promise.resolve(),
};

/** A part of the work as `Monitor.begin` is told of it. */
export interface Part {
  readonly what: string;
  readonly count: number;
  readonly unit: string;
}

/** Does work step by step under a monitor. */
export function watched<Result>(steps: Steps<Result>, { what, count, unit }: Part, monitor: Monitor): Promise<Result> {
  monitor.begin(what, count, unit);
  return toTheEnd(steps, monitor);
}

/** Does work step by step that is part of what a monitor was told of. */
export async function toTheEnd<Result>(steps: Steps<Result>, monitor: Monitor): Promise<Result> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    monitor.advance(1);
    await monitor.turn();
  }
}
