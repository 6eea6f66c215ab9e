import { countByte } from '../base/count-byte.ts';
import { ReportScanner, TITLE_START, type BrokenReport, type FoundReport } from '../kasan/report/scan.ts';
import { MAX_LINE, textOfLogLine } from '../kasan/report/log-line.ts';
import type { LogFacts } from './kernel-and-mode.ts';
import { MarkerSearch } from './marker-search.ts';

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
/** Stands in each report. Where no title is before it, the log begins within one. */
const ROWS = 'Memory state around the buggy address:';
/** What is looked for in a chunk before anything is done with its lines. */
const CANDIDATES = new MarkerSearch([TITLE_START, VERSION, KASAN, ROWS]);
/** So many bytes of a line are kept when a chunk ends within it: more than a report looks at. */
const MAX_CARRY = 4 * MAX_LINE;
const MAX_TITLE = 256;
const NEWLINE = 0x0a;
/** What the byte order marks of UTF-16 have: Windows' shells write logs so. */
const MARK_BYTES = 2;
const EMPTY = new Uint8Array(0);

/**
 * Finds the reports in a log that comes in pieces, of whatever size. Lines are decoded and looked at one by one only around a
 * report: a gigabyte of other messages is searched for a title. Memory is bounded by the pieces and the longest report.
 */
export class LogReader {
  readonly #listener: LogListener;
  readonly #scanner: ReportScanner;
  readonly #decoder = new TextDecoder();
  /** Makes UTF-8 of another encoding; undefined while the first bytes are not there, null if it is UTF-8. */
  #toUtf8: ((chunk: Uint8Array) => Uint8Array) | null | undefined;
  #facts: LogFacts = {};
  /** The beginning of a line whose end is not there yet. */
  #carry: Uint8Array = EMPTY;
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
    if (this.#toUtf8 === undefined) {
      const head = joined(this.#carry, chunk);
      this.#carry = head.length < MARK_BYTES ? head.slice() : EMPTY;
      if (head.length < MARK_BYTES) return;
      this.#toUtf8 = decoderOf(head);
      return this.#push(head);
    }
    this.#push(chunk);
  }

  #push(raw: Uint8Array): void {
    const chunk = this.#toUtf8?.(raw) ?? raw;
    if (this.#bytes === 0) this.#isBinary = chunk.subarray(0, 4096).includes(0);
    this.#bytes += raw.length;
    let from = 0;
    if (this.#carry.length > 0) {
      const end = chunk.indexOf(NEWLINE);
      // A line without an end: what is beyond the first part of it is no record of a kernel.
      const room = Math.max(0, MAX_CARRY - this.#carry.length);
      const line = joined(this.#carry, chunk.subarray(0, end < 0 ? room : Math.min(end, room)));
      this.#carry = end < 0 ? line : EMPTY;
      if (end < 0) return;
      this.#wholeLine(line);
      from = end + 1;
    }
    const end = Math.max(from, chunk.lastIndexOf(NEWLINE) + 1);
    this.#search(chunk, from, end);
    // The chunk may be used again by who gave it.
    this.#carry = chunk.slice(end, end + MAX_CARRY);
  }

  end(): LogEnd {
    if (this.#toUtf8 === undefined) this.#bytes += this.#carry.length;
    if (this.#carry.length > 0) this.#wholeLine(this.#carry);
    this.#scanner.end();
    return { lines: this.#lines, bytes: this.#bytes, titles: this.#titles, isBinary: this.#isBinary };
  }

  /** A line alone, without its end. */
  #wholeLine(line: Uint8Array): void {
    if (this.#scanner.isIdle && CANDIDATES.first(line, 0, line.length) < 0) this.#lines++;
    else this.#line(line);
  }

  /** Whole lines, up to `end`. */
  #search(bytes: Uint8Array, from: number, end: number): void {
    let at = from;
    while (at < end) {
      let start = at;
      if (this.#scanner.isIdle) {
        const found = CANDIDATES.first(bytes, at, end);
        start = found < 0 ? end : Math.max(at, bytes.lastIndexOf(NEWLINE, found) + 1);
        this.#lines += countByte(bytes, NEWLINE, at, start);
      }
      if (start === end) return;
      const next = bytes.indexOf(NEWLINE, start);
      this.#line(bytes.subarray(start, next));
      at = next + 1;
    }
  }

  #line(bytes: Uint8Array): void {
    this.#lines++;
    const line = this.#decoder.decode(bytes.subarray(0, MAX_CARRY));
    if (line.includes(TITLE_START)) this.#titles++;
    else if (line.includes(VERSION)) {
      const release = /Linux version (\S{1,128})/.exec(line)?.[1];
      // A new boot: what KASAN said before is no more.
      if (release !== undefined && /^\d/.test(release)) this.#facts = { release };
    } else if (line.includes(KASAN)) {
      this.#facts = { ...this.#facts, kasan: textOfLogLine(line).slice(0, 256) };
    } else if (this.#titles === 0 && line.includes(ROWS)) {
      const reason = 'it belongs to a report whose title is not in the log: that begins within the report';
      this.#listener.broken({ line: this.#lines, title: textOfLogLine(line).trim().slice(0, MAX_TITLE), reason });
    }
    this.#scanner.push(line, this.#lines);
  }
}

function joined(first: Uint8Array, then: Uint8Array): Uint8Array {
  if (first.length === 0) return then;
  const all = new Uint8Array(first.length + then.length);
  all.set(first);
  all.set(then, first.length);
  return all;
}

/** What makes UTF-8 of a text with such a beginning; null where nothing needs to be made. */
function decoderOf([first, second]: Uint8Array): ((chunk: Uint8Array) => Uint8Array) | null {
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : null;
  if (encoding === null) return null;
  const decoder = new TextDecoder(encoding);
  const encoder = new TextEncoder();
  return (chunk) => encoder.encode(decoder.decode(chunk, { stream: true }));
}
