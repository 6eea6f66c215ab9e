/** What ftrace text may stand in: a page of systrace, or a kernel's log with the buffer that it dumped at an oops. */
export type EnvelopeKind = 'page' | 'log';

const LESS = 0x3c;
const GREATER = 0x3e;
const BACKSLASH = 0x5c;
const LETTER_N = 0x6e;
const QUOTE = 0x22;
const SEMICOLON = 0x3b;
const DASH = 0x2d;
/** How much of a line is looked at for marks of the envelope. */
const HEAD_BYTES = 400;

/** Where in a line the trace stands. */
export abstract class Envelope {
  /** What `take` found: `[start, stop)`. */
  start = 0;
  stop = 0;
  /** A trace has begun. */
  found = false;
  /** What comes is of the trace. */
  inside = false;

  /** Whether the line [at, end) has a line of the trace in it. */
  abstract take(data: Uint8Array, at: number, end: number): boolean;

  protected begin(): void {
    this.found = true;
    this.inside = true;
  }
}

const textOf = (data: Uint8Array, at: number, end: number): string =>
  String.fromCharCode(...data.subarray(at, Math.min(end, at + HEAD_BYTES)));

/**
 * A page of systrace. The trace is an element `<script class="trace-data">` that stands behind megabytes of the viewer, or,
 * up to 2013, a string of JavaScript whose lines end in `\n\`.
 */
export class PageEnvelope extends Envelope {
  #isString = false;

  take(data: Uint8Array, at: number, end: number): boolean {
    this.start = at;
    this.stop = end;
    if (!this.inside) return this.#begins(textOf(data, at, end), at);
    if (this.#isString) {
      if (data[end - 1] === SEMICOLON && data[end - 2] === QUOTE) this.inside = false;
      if (this.inside && data[end - 1] === BACKSLASH) this.stop = end - 1;
      const last = this.inside ? this.stop : end - 2;
      this.stop = data[last - 1] === LETTER_N && data[last - 2] === BACKSLASH ? last - 2 : last;
    } else if (data[end - 1] === GREATER || data[at] === LESS) {
      const tag = textOf(data, at, end).indexOf('</script');
      if (tag >= 0) {
        this.inside = false;
        this.stop = at + tag;
      }
    }
    return this.stop > at;
  }

  #begins(text: string, at: number): boolean {
    const element = /<script[^>]*class="trace-data"[^>]*>\s*/.exec(text);
    if (element !== null || /linuxPerfData\s*=\s*"\\?$/.test(text)) {
      this.#isString = element === null;
      this.begin();
      const start = element === null ? text.length : element.index + element[0].length;
      this.start = at + start;
      return start < text.length;
    }
    if (!text.startsWith('# tracer: ')) return false;
    this.#isString = text.endsWith('\\n\\');
    this.begin();
    if (this.#isString) this.stop -= 3;
    return true;
  }
}

/** What printk, the console or the journal put before a line: `Nov 30 12:00:00 host kernel: <0>[  101.500000][    T1] `. */
const PRINTK = /^(?:.{0,100}?kernel: )?(?:<\d{1,3}>)?(?:\[ {0,10}\d{1,12}\.\d{6}\](?:\[ *[CT]\d{1,10}\])? ?)?/;

/** A kernel's log with what ftrace_dump_on_oops, or sysrq-z, wrote there (kernel/trace/trace.c:ftrace_dump). */
export class LogEnvelope extends Envelope {
  #announced = false;

  take(data: Uint8Array, at: number, end: number): boolean {
    const text = textOf(data, at, end);
    const prefix = PRINTK.exec(text)?.[0].length ?? 0;
    this.start = at + prefix;
    this.stop = end;
    const isRule = data[this.start] === DASH && /^-{10,}$/.test(text.slice(prefix));
    if (this.inside) {
      if (isRule) this.inside = false;
      return !isRule && !/^\s*\(ftrace buffer empty\)/.test(text.slice(prefix)) && this.stop > this.start;
    }
    if (isRule && this.#announced) this.begin();
    this.#announced = text.startsWith('Dumping ftrace buffer:', prefix);
    return false;
  }
}
