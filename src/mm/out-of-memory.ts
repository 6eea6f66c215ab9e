/** An operation of the model that ran out of memory, as the kernel would: with -ENOMEM, or the OOM killer. */
export class OutOfMemory extends Error {
  /** What could not be had, in words. */
  readonly wanted: string;
  /** What the kernel makes of it. */
  readonly outcome: '-ENOMEM' | 'OOM';

  constructor(wanted: string, outcome: '-ENOMEM' | 'OOM') {
    super(`out of memory: ${wanted} (${outcome})`);
    this.name = 'OutOfMemory';
    this.wanted = wanted;
    this.outcome = outcome;
  }
}
