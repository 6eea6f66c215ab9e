/** What the kernel shows for a task whose name it no longer knows, and for the idle task. */
const UNKNOWN = '<...>';
const IDLE = '<idle>';
/** More tasks than a kernel remembers. */
const MAX_TASKS = 1 << 20;

/** The names of tasks, from saved_cmdlines of tracefs: lines of `pid name`. */
export class CommandLines {
  readonly #names = new Map<number, string>();

  constructor(text: string) {
    for (const [, pid, name] of text.matchAll(/^(\d{1,10}) (.*)$/gm)) {
      if (this.#names.size < MAX_TASKS) this.#names.set(Number(pid), name);
    }
  }

  of(pid: number): string {
    return pid === 0 ? IDLE : (this.#names.get(pid) ?? UNKNOWN);
  }
}
