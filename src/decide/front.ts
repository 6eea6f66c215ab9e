/** What a choice saves, and what it still detects. More of either is better. */
export interface TradeOff {
  readonly saved: number;
  readonly detected: number;
}

/**
 * Which of some choices are on the Pareto front: no other one saves as much and detects as much, and more of one of the
 * two. Choices that are equal in both stand or fall together.
 *
 * @param tolerance detected shares that differ by less are equal
 */
export function paretoFront(choices: readonly TradeOff[], tolerance = 1e-9): readonly boolean[] {
  return choices.map(
    (choice) =>
      !choices.some(({ saved, detected }) => {
        const more = detected - choice.detected;
        const atLeast = saved >= choice.saved && more >= -tolerance;
        return atLeast && (saved > choice.saved || more > tolerance);
      }),
  );
}
