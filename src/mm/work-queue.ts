/** Work that is put off to process context (kernel/workqueue.c). Workers run as soon as the CPU is free to schedule. */
export class WorkQueue {
  #work: ((cpu: number) => void)[] = [];

  add(work: (cpu: number) => void): void {
    this.#work.push(work);
  }

  run(cpu: number): void {
    while (this.#work.length > 0) {
      const work = this.#work;
      this.#work = [];
      for (const item of work) item(cpu);
    }
  }
}
