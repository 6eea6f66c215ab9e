/** What the clock of a CPU showed at its first event of a part, and at its last. */
export interface CpuClock {
  readonly cpu: number;
  readonly first: number;
  readonly last: number;
}

/** Tells on which CPUs time goes backwards. */
export class CpuClocks {
  readonly #first: number[] = [];
  readonly #last: number[] = [];

  /** Takes the time of the next event on a CPU; whether it is before that of the event before. */
  goesBack(cpu: number, time: number): boolean {
    const last = this.#last[cpu];
    this.#last[cpu] = time;
    if (time >= last) return false;
    if (last !== undefined) return true;
    this.#first[cpu] = time;
    return false;
  }

  part(): CpuClock[] {
    // Only CPUs with events have a place in the list.
    return this.#first.flatMap((first, cpu) => [{ cpu, first, last: this.#last[cpu] }]);
  }

  /** Goes on with the events of a part, and gives on how many CPUs it begins before what came last. */
  join(clocks: readonly CpuClock[]): number {
    let back = 0;
    for (const { cpu, first, last } of clocks) {
      if (this.goesBack(cpu, first)) back++;
      this.#last[cpu] = last;
    }
    return back;
  }
}
