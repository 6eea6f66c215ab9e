import { ReportScanner, TITLE_START, type BrokenReport, type FoundReport } from '../kasan/report/scan.ts';
import { MAX_LINE, textOfLogLine } from '../kasan/report/log-line.ts';
import type { LogFacts } from './kernel-and-mode.ts';

/** What a log had, when all of it was read. */
export interface LogEnd {
  readonly lines: number;
  readonly bytes: number;
  readonly titles: number;
  /** Whether it has bytes that no log has: it is no text. */
  readonly isBinary: boolean;
}

/** Told of what is found, in the order of the log. */
export interface LogListener {
  report(found: FoundReport, facts: LogFacts): void;
  broken(broken: BrokenReport): void;
}

const VERSION = 'Linux version ';
const KASAN = 'KernelAddressSanitizer initialized';
/** What is looked for in a chunk before anything is done with its lines. */
const CANDIDATES = [TITLE_START, VERSION, KASAN];
/** So much of a line is kept when a chunk ends within it: more than a report looks at. */
const MAX_CARRY = 4 * MAX_LINE;

/**
 * Finds the reports in a log that comes in pieces, of whatever size. Lines are looked at one by one only around a report:
 * a gigabyte of other messages is searched for a title. Memory is bounded by the pieces and the longest report.
 */
export class LogReader {
  readonly #listener: LogListener;
  readonly #scanner: ReportScanner;
  readonly #decoder = new TextDecoder();
  #facts: LogFacts = {};
  /** The beginning of a line whose end is not there yet. */
  #carry = '';
  /** Lines that are whole, before the carry. */
  #lines = 0;
  #bytes = 0;
  #titles = 0;
  #isBinary = false;

  constructor(listener: LogListener) {
    this.#listener = listener;
    this.#scanner = new ReportScanner((found) => {
      if ('read' in found) this.#listener.report(found.read, this.#facts);
      else this.#listener.broken(found.broken);
    });
  }

  push(chunk: Uint8Array): void {
    if (this.#bytes === 0) this.#isBinary = chunk.subarray(0, 4096).includes(0);
    this.#bytes += chunk.length;
    const text = this.#carry + this.#decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf('\n') + 1;
    const rest = text.length - end;
    // A line without an end: what is beyond the first part of it is no record of a kernel.
    this.#carry = rest > MAX_CARRY ? text.slice(end, end + MAX_CARRY) : text.slice(end);
    this.#search(text, end);
  }

  end(): LogEnd {
    const last = this.#carry + this.#decoder.decode();
    if (last !== '') this.#search(`${last}\n`, last.length + 1);
    this.#scanner.end();
    return { lines: this.#lines, bytes: this.#bytes, titles: this.#titles, isBinary: this.#isBinary };
  }

  /** Whole lines, up to `end`. */
  #search(text: string, end: number): void {
    let at = 0;
    const nextCandidate = candidates(text);
    while (at < end) {
      if (!this.#scanner.isIdle) {
        const next = text.indexOf('\n', at);
        this.#line(text.slice(at, Math.min(next, at + MAX_CARRY)));
        at = next + 1;
        continue;
      }
      const found = nextCandidate(at);
      if (found >= end) {
        this.#lines += countNewlines(text, at, end);
        return;
      }
      const start = text.lastIndexOf('\n', found) + 1;
      this.#lines += countNewlines(text, at, Math.max(at, start));
      const next = text.indexOf('\n', found);
      this.#line(text.slice(Math.max(at, start), Math.min(next, start + MAX_CARRY)));
      at = next + 1;
    }
  }

  #line(line: string): void {
    this.#lines++;
    if (line.includes(TITLE_START)) this.#titles++;
    else if (line.includes(VERSION)) {
      const release = /Linux version (\S{1,128})/.exec(line)?.[1];
      // A new boot: what KASAN said before is no more.
      if (release !== undefined && /^\d/.test(release)) this.#facts = { release };
    } else if (line.includes(KASAN)) {
      this.#facts = { ...this.#facts, kasan: textOfLogLine(line).slice(0, 256) };
    }
    this.#scanner.push(line, this.#lines);
  }
}

/** Gives the place of the next candidate from a place on; places must not go back. Much faster than one pattern of all. */
function candidates(text: string): (from: number) => number {
  const places = CANDIDATES.map(() => -1);
  return (from) => {
    let first = Infinity;
    for (const [index, candidate] of CANDIDATES.entries()) {
      if (places[index] < from) {
        const found = text.indexOf(candidate, from);
        places[index] = found < 0 ? Infinity : found;
      }
      first = Math.min(first, places[index]);
    }
    return first;
  };
}

function countNewlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
