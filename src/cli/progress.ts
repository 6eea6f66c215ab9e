import type { Spinner } from 'yocto-spinner';
import type { Surroundings } from './surroundings.ts';

/** Shows how far the reading of an input is. */
export interface Progress {
  /** A new input; `size` is undefined where that is not known. */
  begin(name: string, size: number | undefined): void;
  /** Work that is counted by something else than bytes. */
  beginCount(name: string, total: number, unit: string): void;
  advance(bytes: number): void;
  /** Reading is done; what follows takes a while. */
  say(text: string): void;
  /** Takes the line away; must be called before anything else is printed. */
  end(): void;
}

/** Whoever waits less than this wants to see the answer only. */
const DELAY_MS = 500;
const REFRESH_MS = 100;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const silent: Progress = { begin: () => {}, beginCount: () => {}, advance: () => {}, say: () => {}, end: () => {} };

/** A progress line on the standard error, if that is a terminal and the user does not want quiet. */
export function createProgress({ stderr, env }: Pick<Surroundings, 'stderr' | 'env'>, quiet: boolean): Progress {
  if (quiet || stderr.isTTY !== true || env['TERM'] === 'dumb') return silent;
  return new TerminalProgress(stderr);
}

class TerminalProgress implements Progress {
  readonly #stderr: Surroundings['stderr'];
  #spinner: Spinner | undefined;
  #name = '';
  #size: number | undefined;
  #unit: string | undefined;
  #bytes = 0;
  #started = 0;
  #refreshed = 0;
  #ended = false;

  constructor(stderr: Surroundings['stderr']) {
    this.#stderr = stderr;
  }

  begin(name: string, size: number | undefined): void {
    this.#name = name.replace(/[^\x20-\x7e]/g, '?').slice(-40);
    this.#size = size;
    this.#unit = undefined;
    this.#bytes = 0;
    this.#started = performance.now();
    this.#ended = false;
  }

  beginCount(name: string, total: number, unit: string): void {
    this.begin(name, total);
    this.#unit = unit;
  }

  advance(bytes: number): void {
    this.#bytes += bytes;
    const now = performance.now();
    if (now - this.#started < DELAY_MS || now - this.#refreshed < REFRESH_MS) return;
    this.#refreshed = now;
    this.#show(this.#text(now));
  }

  say(text: string): void {
    if (performance.now() - this.#started >= DELAY_MS) this.#show(text);
  }

  end(): void {
    this.#ended = true;
    for (const signal of SIGNALS) process.removeListener(signal, this.#onSignal);
    this.#spinner?.stop();
    this.#spinner = undefined;
  }

  /** Gives the cursor back. Whoever else waits for the signal decides what it means; without one it ends the program. */
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.end();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };

  #text(now: number): string {
    if (this.#unit !== undefined) {
      const total = this.#size ?? 0;
      return `${this.#name}: ${this.#bytes} of ${total} ${this.#unit} (${Math.floor((100 * this.#bytes) / Math.max(1, total))} %)`;
    }
    const read = megabytes(this.#bytes);
    const rate = megabytes((this.#bytes * 1000) / Math.max(1, now - this.#started));
    const size = this.#size;
    const total = size === undefined ? '' : ` of ${megabytes(size)} MB (${Math.floor((100 * this.#bytes) / size)} %)`;
    return `${this.#name}: ${read}${size === undefined ? ' MB' : ''}${total}, ${rate} MB/s`;
  }

  #show(text: string): void {
    if (this.#spinner === undefined) void this.#start(text);
    else this.#spinner.text = text;
  }

  async #start(text: string): Promise<void> {
    // Loaded when there is something to show: most runs are over by then.
    const { default: yoctoSpinner } = await import('yocto-spinner');
    if (!this.#ended && this.#spinner === undefined) {
      // The signals are handled here: the spinner would end a `bench` that on Ctrl-C prints what was done until then.
      this.#spinner = yoctoSpinner({ text, stream: this.#stderr, handleSignals: false }).start();
      // First, while the others are still there to be counted.
      for (const signal of SIGNALS) process.prependListener(signal, this.#onSignal);
    }
  }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
