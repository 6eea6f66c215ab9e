/** Work that can be done a step at a time, so that others get their turn in between; it ends with a result. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Does all of it at once. */
export function inOneGo<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
