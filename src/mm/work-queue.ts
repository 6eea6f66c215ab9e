type Work = (cpu: number) => void;

/** Work that is put off to process context (kernel/workqueue.c). Workers run as soon as the CPU is free to schedule. */
export class WorkQueue {
  #work: Work[] = [];
  /** Wakes the worker, where one has to be scheduled. */
  whenAdded: (() => void) | undefined;

  get isEmpty(): boolean {
    return this.#work.length === 0;
  }

  add(work: Work): void {
    this.#work.push(work);
    this.whenAdded?.();
  }

  /** The next item. @returns whether there was one */
  runOne(cpu: number): boolean {
    const work = this.#work.shift();
    work?.(cpu);
    return work !== undefined;
  }

  run(cpu: number): void {
    while (this.runOne(cpu));
  }
}
