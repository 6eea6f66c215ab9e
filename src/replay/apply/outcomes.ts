/**
 * Whether memory that some work allocated is tagged. Each group of work has a place, by its number, and each step whose
 * outcome is its own has one behind them.
 */
export class Outcomes {
  readonly #tagged: Uint8Array;
  readonly #groups: number;

  constructor(groups: number, steps: number) {
    this.#groups = groups;
    this.#tagged = new Uint8Array(groups + steps);
  }

  /** The place of a step. */
  ofStep(step: number): number {
    return this.#groups + step;
  }

  isTagged(slot: number): boolean {
    return this.#tagged[slot] === 1;
  }

  set(slot: number, tagged: boolean): void {
    this.#tagged[slot] = tagged ? 1 : 0;
  }
}
