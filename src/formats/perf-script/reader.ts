import { FULL } from '../../base/byte-interner.ts';
import { findByte } from '../../base/find-byte.ts';
import { EventTableBuilder } from '../../trace/event-table-builder.ts';
import { NO_STACK, type EventTable } from '../../trace/event-table.ts';
import { EVENT_NOT_KEPT, NO_EVENT } from '../../trace/pending-stacks.ts';
import { CpuClocks } from '../text/cpu-clocks.ts';
import { EventNames } from '../text/event-names.ts';
import { EventText, NO_ROOM } from '../text/event-text.ts';
import { TextOrigins, TOO_MANY_ORIGINS } from '../text/text-origins.ts';
import { scanTime, type ScannedTime } from '../text/scan-time.ts';
import { MAX_RECORD_BYTES, TextInput, type RecordReader } from '../text/text-input.ts';
import type { TextPart, TextReader, TextReaderOptions } from '../text/text-part.ts';
import { joinPart, partOf, partsFit, type TextPieces } from '../text/text-pieces.ts';
import { eventName } from './event-name.ts';
import { decodeOrigin } from './origin.ts';
import { decodeFrames } from './stack-frames.ts';

/** How far into a line the time may stand: a command has 15 characters, and the numbers after it at most 40. */
const MAX_PLACE_BYTES = 160;

const TAB = 0x09;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const HASH = 0x23;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const LETTER_P = 0x50;

/** No event has been read, so if this is a part of a text one of another part may wait. */
const NOTHING_YET = -3;

/** perf's own records among the events, and what it says at the end, if it lost some. */
const LOST_RECORD = /^PERF_RECORD_LOST(_SAMPLES)? lost (\d{1,15})/;
const LOST_CHUNKS = /^Processed \d+ events and lost (\d{1,15}) chunks!/;
/** What perf says besides, in files that standard error went to as well. */
const REMARKS = /^(?:\[ perf record: .*|Warning:|Check IO\/CPU overload!)$/;
/** A line of a callchain: an address, and what perf knows of it. */
const FRAME_LINE = /^ +[0-9a-f]{1,16}(?: \S|$)/;

/** A part of a text, see `TextPart`. */
export interface PerfScriptPart extends TextPart {
  readonly lostRecords: number;
  readonly lostAtLeast: number;
  readonly lostSamples: number;
}

/**
 * Reads what `perf script` prints of tracepoints: `comm tid [cpu] time: group:event: fields`, and the callchain in the
 * lines below, up to an empty one. Fields that tell nothing of memory may be there or not (`-F`).
 *
 * Push-driven and chunk-agnostic, and taken apart in pieces that repeat and pieces that do not, as ftrace text is.
 */
export class PerfScriptReader implements TextReader<PerfScriptPart> {
  readonly #input: TextInput;
  readonly #records: RecordReader = {
    record: (at, end, next, used, final) => this.#record(at, end, next, used, final),
  };
  readonly #table = new EventTableBuilder();
  readonly #events: EventText;
  readonly #names = new EventNames(eventName);
  readonly #origins = new TextOrigins(this.#table, decodeOrigin);
  readonly #clocks = new CpuClocks();
  readonly #pieces: TextPieces;
  #baseSeconds: number;
  #beginsAmid = false;
  #totalEvents = 0;
  /** The event that the next callchain belongs to. */
  #lastEvent = NOTHING_YET;
  #lostRecords = 0;
  /** No fewer, whatever the records say: perf said so, and what came after. */
  #lostAtLeast = 0;
  #lostSamples = 0;
  // What `#place` has read.
  #originEnd = 0;
  #timeEnd = 0;
  readonly #time: ScannedTime = { seconds: 0, nanoseconds: 0, whole: false };

  constructor(options: TextReaderOptions) {
    this.#baseSeconds = options.baseSeconds ?? Number.NaN;
    this.#input = new TextInput(options);
    this.#events = new EventText(this.#input, this.#table, (text) => decodeFrames(text, options.keepAddresses));
    this.#pieces = {
      input: this.#input,
      table: this.#table,
      events: this.#events,
      names: this.#names,
      origins: this.#origins,
      clocks: this.#clocks,
    };
  }

  get totalEvents(): number {
    return this.#totalEvents;
  }

  get baseSeconds(): number | undefined {
    return Number.isNaN(this.#baseSeconds) ? undefined : this.#baseSeconds;
  }

  /** A callchain follows its event at once. */
  get waiting(): number {
    return 0;
  }

  /** Takes the next bytes of the input; any size, any cut. */
  push(chunk: Uint8Array): void {
    this.#input.push(chunk, this.#records);
  }

  /** Ends the input. */
  finish(): EventTable {
    this.#input.finish(this.#records);
    const { losses } = this.#input;
    // Kernels that count lost samples per event do so besides writing LOST records: the same loss, twice.
    losses.droppedEvents += Math.max(this.#lostRecords, this.#lostAtLeast, this.#lostSamples);
    return this.#table.finish({
      byType: this.#names.counts(),
      totalEvents: this.#totalEvents,
      baseSeconds: this.baseSeconds ?? 0,
      losses,
    });
  }

  /** Ends the input, which was a part of a text. */
  part(): PerfScriptPart {
    this.#input.finish(this.#records);
    return {
      ...partOf(this.#pieces),
      baseSeconds: this.#baseSeconds,
      totalEvents: this.#totalEvents,
      beginsAmid: this.#beginsAmid,
      lostRecords: this.#lostRecords,
      lostAtLeast: this.#lostAtLeast,
      lostSamples: this.#lostSamples,
    };
  }

  /** Goes on as if the parts that follow had been pushed, if they fit. */
  join(parts: readonly PerfScriptPart[]): boolean {
    const inputs = [this.#input.part(), ...parts.map(({ input }) => input)];
    // A line that begins with a blank goes on with the callchain before it, if there is one.
    const isAmid = inputs.some((input, index) => index > 0 && input.beginsWithBlank && inputs[index - 1].endsOpen);
    if (isAmid || !partsFit(this.#pieces, this.#baseSeconds, parts)) return false;
    this.#input.finish(this.#records);
    for (const part of parts) this.#joinOne(part);
    return true;
  }

  #joinOne(part: PerfScriptPart): void {
    joinPart(this.#pieces, part);
    this.#totalEvents += part.totalEvents;
    this.#lostRecords += part.lostRecords;
    this.#lostAtLeast = Math.max(this.#lostAtLeast + part.lostRecords, part.lostAtLeast);
    this.#lostSamples += part.lostSamples;
  }

  /** Reads the record whose first line is [at, end): an event, or a callchain, which is several lines. */
  #record(at: number, end: number, next: number, used: number, final: boolean): number {
    const { data, view } = this.#input;
    const first = data[at];
    if (end === at || first === HASH) return this.#nextLine(next);
    if (first === TAB) return this.#callchain(at, used, final);
    if (!this.#place(at, end)) {
      // Tabs may have become blanks on the way.
      if (first === SPACE && FRAME_LINE.test(this.#input.text(at, Math.min(end, at + MAX_PLACE_BYTES)))) {
        return this.#callchain(at, used, final);
      }
      this.#otherLine(at, end);
      return this.#nextLine(next);
    }

    // Whatever becomes of this line, the callchain that follows is its own.
    this.#lastEvent = EVENT_NOT_KEPT;
    const nameStart = this.#skipPeriod(this.#skipBlanks(this.#timeEnd + 1, end), end);
    if (nameStart === end) return this.#lostLine(at, end, next, 'an event such as kmem:kmalloc');
    if (data[nameStart] === LETTER_P && this.#isOwnRecord(nameStart, end)) return this.#nextLine(next);

    const origin = this.#origins.find(data, view, at, this.#originEnd);
    if (origin === FULL) return this.#lostLine(at, end, next, TOO_MANY_ORIGINS);
    const cpu = this.#origins.cpu(origin);
    if (cpu < 0) return this.#lostLine(at, end, next, 'a task and its tid, such as bash 123 [000]');

    const endOfLast = this.#names.endOfLast(data, view, nameStart, end);
    // What goes on behind the colon may be another name.
    const isSame = endOfLast > 0 && (endOfLast + 1 === end || data[endOfLast + 1] === SPACE);
    const nameEnd = isSame ? endOfLast : this.#nameEnd(nameStart, end);
    const event = isSame ? this.#names.last : this.#names.find(data, view, nameStart, nameEnd);
    const { seconds, nanoseconds } = this.#time;
    if (this.#baseSeconds !== this.#baseSeconds) this.#baseSeconds = seconds;
    const time = (seconds - this.#baseSeconds) * 1_000_000_000 + nanoseconds;
    if (event.spec !== undefined) {
      let fields = nameEnd;
      // Up to the blank, there may be modifiers: `kmem:kmalloc:k: `.
      while (fields < end && data[fields] !== SPACE) fields++;
      const index = this.#events.event(event.spec, at, this.#skipBlanks(fields, end), end, time, origin);
      if (index < 0) return this.#nextLine(next);
      this.#lastEvent = index;
    } else this.#table.seen(time);
    event.count++;
    this.#totalEvents++;
    if (this.#clocks.goesBack(cpu, time)) this.#input.losses.clockBackwards++;
    return this.#nextLine(next);
  }

  /** Reads the callchain whose first line begins at `at` and gives it to the event before it. */
  #callchain(at: number, used: number, final: boolean): number {
    const { data, words, losses } = this.#input;
    let next = at;
    let lines = 0;
    let cut = false;
    for (;;) {
      const lineEnd = findByte(data, words, NEWLINE, next, used);
      if (lineEnd - at > MAX_RECORD_BYTES) {
        cut = true;
        break;
      }
      if (lineEnd === used && !final) return -1;
      next = lineEnd + 1;
      lines++;
      if (next >= used) {
        // What comes next tells whether it is over.
        if (!final) return -1;
        break;
      }
      if (data[next] !== TAB && data[next] !== SPACE) break;
    }
    if (this.#lastEvent === NOTHING_YET) {
      this.#beginsAmid = true;
      this.#lastEvent = NO_EVENT;
    }
    const event = this.#lastEvent;
    // Of a callchain that is too long the rest is left out.
    this.#lastEvent = cut ? EVENT_NOT_KEPT : NO_EVENT;
    if (cut && lines === 0) {
      // Not one line of it is short enough.
      this.#input.line++;
      return findByte(data, words, NEWLINE, at, used) + 1;
    }
    this.#input.line += lines;
    if (event === NO_EVENT) losses.orphanStacks++;
    if (event < 0) return next;
    const stack = this.#events.stack(at, Math.min(next, used));
    if (stack === NO_ROOM) losses.orphanStacks++;
    else if (stack !== NO_STACK) this.#table.setStack(event, stack);
    return next;
  }

  /** Finds the time of the line [at, end), and where the task and CPU before it end; false if there is no time. */
  #place(at: number, end: number): boolean {
    const { data, view } = this.#input;
    const stop = Math.min(end, at + MAX_PLACE_BYTES);
    // Mostly the same task goes on, on the same CPU, and all that is new is the time. It is only a short way to what is
    // found without: what a line means must not depend on the lines before it.
    const same = this.#origins.lastAt(view, at, end);
    if (same > 0 && at + same < end && data[at + same] === SPACE) {
      const time = this.#skipBlanks(at + same, end);
      if (time < stop && this.#timeAt(time, end)) {
        this.#originEnd = at + same;
        return true;
      }
    }
    for (let position = at + 1; position < stop; position++) {
      // A time begins after a blank. Numbers before it have no point.
      if (data[position - 1] !== SPACE || !isDigit(data[position]) || !this.#timeAt(position, end)) continue;
      let originEnd = position;
      while (originEnd > at && data[originEnd - 1] === SPACE) originEnd--;
      this.#originEnd = originEnd;
      return true;
    }
    return false;
  }

  /** Reads `seconds.fraction:` followed by a blank or the end of the line. */
  #timeAt(start: number, end: number): boolean {
    const { data } = this.#input;
    let position = start;
    while (position < end && isDigit(data[position])) position++;
    if (position === end || data[position] !== DOT) return false;
    while (position < end && data[position] !== COLON && data[position] !== SPACE) position++;
    if (position === end || data[position] !== COLON) return false;
    if (position + 1 < end && data[position + 1] !== SPACE) return false;
    this.#timeEnd = position;
    return scanTime(data, start, position, this.#time);
  }

  #skipBlanks(start: number, end: number): number {
    const { data } = this.#input;
    let position = start;
    while (position < end && data[position] === SPACE) position++;
    return Math.min(position, end);
  }

  /** The sample period stands before the event with -F period. */
  #skipPeriod(start: number, end: number): number {
    const { data } = this.#input;
    let position = start;
    while (position < end && isDigit(data[position])) position++;
    return position > start && position < end && data[position] === SPACE ? this.#skipBlanks(position, end) : start;
  }

  /** Where `group:name`, or a name without a group, ends. */
  #nameEnd(start: number, end: number): number {
    const { data } = this.#input;
    let position = start;
    while (position < end && data[position] !== COLON && data[position] !== SPACE) position++;
    if (position + 1 >= end || data[position] !== COLON || data[position + 1] === SPACE) return position;
    position++;
    while (position < end && data[position] !== COLON && data[position] !== SPACE) position++;
    return position;
  }

  /** `PERF_RECORD_…`, which perf script shows among the events if asked: no events. Those on losses are counted. */
  #isOwnRecord(start: number, end: number): boolean {
    const text = this.#input.text(start, Math.min(end, start + MAX_PLACE_BYTES));
    if (!text.startsWith('PERF_RECORD_')) return false;
    const lost = LOST_RECORD.exec(text);
    if (lost !== null && lost[1] === undefined) this.#addLostRecords(Number(lost[2]));
    if (lost !== null && lost[1] !== undefined) this.#lostSamples += Number(lost[2]);
    return true;
  }

  #addLostRecords(count: number): void {
    this.#lostRecords += count;
    this.#lostAtLeast += count;
  }

  /** Lines that are neither events nor callchains. */
  #otherLine(at: number, end: number): void {
    const text = this.#input.text(at, Math.min(end, at + MAX_PLACE_BYTES));
    if ((text.trim() === '' && end - at <= MAX_PLACE_BYTES) || REMARKS.test(text)) return;
    const chunks = LOST_CHUNKS.exec(text);
    // Each chunk is one event at least.
    if (chunks !== null) this.#lostAtLeast = Math.max(this.#lostAtLeast, Number(chunks[1]));
    else this.#input.lost(at, end, 'a line of perf script: comm tid [cpu] time: group:event: fields');
  }

  #nextLine(next: number): number {
    this.#input.line++;
    return next;
  }

  #lostLine(at: number, end: number, next: number, expected: string): number {
    this.#input.lost(at, end, expected);
    return this.#nextLine(next);
  }
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;
