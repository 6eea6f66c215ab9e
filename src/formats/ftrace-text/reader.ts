import { FULL } from '../../base/byte-interner.ts';
import { findByte } from '../../base/find-byte.ts';
import { EventTableBuilder } from '../../trace/event-table-builder.ts';
import { NO_STACK, type EventTable } from '../../trace/event-table.ts';
import { CpuClocks } from '../text/cpu-clocks.ts';
import { EventNames } from '../text/event-names.ts';
import { EVENT_SPECS } from '../text/event-specs.ts';
import { EventText, NO_ROOM } from '../text/event-text.ts';
import { TextOrigins, TOO_MANY_ORIGINS } from '../text/text-origins.ts';
import { scanTime, type ScannedTime } from '../text/scan-time.ts';
import { MAX_RECORD_BYTES, TextInput, type RecordReader } from '../text/text-input.ts';
import type { TextPart, TextReader, TextReaderOptions } from '../text/text-part.ts';
import { joinPart, partOf, partsFit, type TextPieces } from '../text/text-pieces.ts';
import { decodeOrigin } from './origin.ts';
import { EVENT_NOT_KEPT, NO_EVENT, PendingStacks } from '../../trace/pending-stacks.ts';
import { decodeFrames } from './stack-frames.ts';

/** How far into a line the CPU number may stand. A command has 15 characters (TASK_COMM_LEN), in trace-cmd some more. */
const MAX_TASK_BYTES = 128;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const COLON = 0x3a;
const EQUALS = 0x3d;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const GREATER = 0x3e;
const LESS = 0x3c;
const HASH = 0x23;
const LETTER_S = 0x73;

/** A part of a text, see `TextPart`. */
export interface FtraceTextPart extends TextPart {
  readonly stackEntries: number;
  readonly announcedEntries: number;
  /** Of each CPU with events or stacks: see `PendingStacks`. */
  readonly cpus: readonly { readonly cpu: number; readonly waiting: number; readonly askedBefore: boolean }[];
}

/**
 * Reads ftrace text as the kernel prints it (`trace`, `trace_pipe`) and as `trace-cmd report` prints it.
 *
 * Push-driven and chunk-agnostic: however the input is cut, the table is the same. Nothing is held but the table and a
 * buffer of fixed size. A line is taken apart once into what repeats (task and place, sizes and flags, stack) and what
 * does not (time, key); only the first of equal pieces is decoded, see `ByteInterner`.
 */
export class FtraceTextReader implements TextReader<FtraceTextPart> {
  readonly #input: TextInput;
  readonly #records: RecordReader = {
    record: (at, end, next, used, final) => this.#record(at, end, next, used, final),
  };
  readonly #table = new EventTableBuilder();
  readonly #events: EventText;
  readonly #names = new EventNames((name) => ({ name, spec: EVENT_SPECS.get(name) }));
  readonly #origins = new TextOrigins(this.#table, decodeOrigin);
  /** Of each origin, whether it ends in flags, which a blank must follow. */
  readonly #originHasFlags: boolean[] = [];
  /** By CPU. */
  readonly #pending: PendingStacks[] = [];
  /** CPUs that have a place there. */
  readonly #cpus: number[] = [];
  readonly #clocks = new CpuClocks();
  readonly #pieces: TextPieces;
  #baseSeconds: number;
  #beginsAmid = false;
  #totalEvents = 0;
  #stackEntries = 0;
  #announcedEntries = 0;
  // What `#cpuAndTime` has read.
  #originEnd = 0;
  #hasFlags = false;
  #timeEnd = 0;
  readonly #time: ScannedTime = { seconds: 0, nanoseconds: 0 };

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

  get waiting(): number {
    return this.#cpus.reduce((sum, cpu) => sum + this.#pending[cpu].waiting, 0);
  }

  /** Takes the next bytes of the input; any size, any cut. */
  push(chunk: Uint8Array): void {
    this.#input.push(chunk, this.#records);
  }

  /** Ends the input. */
  finish(): EventTable {
    this.#input.finish(this.#records);
    const { losses } = this.#input;
    const found = this.#totalEvents + this.#stackEntries;
    if (this.#announcedEntries > found) losses.missingEntries += this.#announcedEntries - found;
    return this.#table.finish({
      byType: this.#names.counts(),
      totalEvents: this.#totalEvents,
      baseSeconds: this.baseSeconds ?? 0,
      losses,
    });
  }

  /** Ends the input, which was a part of a text. */
  part(): FtraceTextPart {
    this.#input.finish(this.#records);
    return {
      ...partOf(this.#pieces),
      baseSeconds: this.#baseSeconds,
      totalEvents: this.#totalEvents,
      beginsAmid: this.#beginsAmid,
      stackEntries: this.#stackEntries,
      announcedEntries: this.#announcedEntries,
      cpus: this.#cpus.map((cpu) => {
        const { waiting, askedBefore } = this.#pending[cpu];
        return { cpu, waiting, askedBefore };
      }),
    };
  }

  /** Goes on as if the parts that follow had been pushed, if they fit. */
  join(parts: readonly FtraceTextPart[]): boolean {
    if (!partsFit(this.#pieces, this.#baseSeconds, parts)) return false;
    // No part begins with a frame, so a stack at the end of this one has ended.
    this.#input.finish(this.#records);
    if (!this.#stacksStayWithin(parts)) return false;
    for (const part of parts) this.#joinOne(part);
    return true;
  }

  /** Whether no stack belongs to an event of another part. */
  #stacksStayWithin(parts: readonly FtraceTextPart[]): boolean {
    const waiting = new Set(this.#cpus.filter((cpu) => this.#pending[cpu].waiting > 0));
    for (const { cpus } of parts) {
      if (cpus.some(({ cpu, askedBefore }) => askedBefore && waiting.has(cpu))) return false;
      for (const state of cpus) if (state.waiting > 0) waiting.add(state.cpu);
    }
    return true;
  }

  #joinOne(part: FtraceTextPart): void {
    joinPart(this.#pieces, part);
    this.#totalEvents += part.totalEvents;
    this.#stackEntries += part.stackEntries;
    this.#announcedEntries += part.announcedEntries;
  }

  /**
   * Reads the record whose first line is [at, end), and the next line begins at `next`. Gives where the next record
   * begins, or −1 if this one is incomplete.
   */
  #record(at: number, end: number, next: number, used: number, final: boolean): number {
    const { data } = this.#input;
    if (end === at) {
      this.#input.line++;
      return next;
    }
    const first = data[at];
    if (first === HASH) {
      this.#header(at, end);
      this.#input.line++;
      return next;
    }
    if (this.#isFrame(at, end)) {
      // A frame outside a stack trace: the beginning was cut off.
      if (this.#input.line === 0) this.#beginsAmid = true;
      this.#input.line++;
      return next;
    }

    if (!this.#place(at, end)) {
      this.#otherLine(at, end);
      this.#input.line++;
      return next;
    }
    const { seconds, nanoseconds } = this.#time;
    if (this.#baseSeconds !== this.#baseSeconds) this.#baseSeconds = seconds;
    const time = (seconds - this.#baseSeconds) * 1_000_000_000 + nanoseconds;
    let position = this.#timeEnd + 1;
    while (position < end && data[position] === SPACE) position++;
    if (position === end) return this.#lostLine(at, end, next, 'an event name');

    const origin = this.#origins.find(data, this.#input.view, at, this.#originEnd);
    if (origin === FULL) return this.#lostLine(at, end, next, TOO_MANY_ORIGINS);
    if (origin === this.#originHasFlags.length) this.#originHasFlags.push(this.#hasFlags);
    const cpu = this.#origins.cpu(origin);
    if (cpu < 0) return this.#lostLine(at, end, next, 'a task such as bash-123, and a CPU number');
    const pending = (this.#pending[cpu] ??= this.#newPending(cpu));

    if (data[position] === LESS) {
      // `<stack trace>`, or `<user stack trace>`, which is none of the kernel's.
      const kernel = position + 1 < end && data[position + 1] === LETTER_S;
      return this.#stack(at, next, used, final, kernel ? pending : undefined, origin);
    }

    const nameStart = position;
    const endOfSame = this.#names.endOfLast(data, this.#input.view, position, end);
    if (endOfSame > 0) position = endOfSame;
    else while (position < end && data[position] !== COLON) position++;
    if (position === end) {
      const text = this.#input.text(nameStart, Math.min(end, nameStart + 256));
      if (text.startsWith('kernel_stack')) return this.#stack(at, next, used, final, pending, origin);
      if (!text.includes(' <-')) return this.#lostLine(at, end, next, 'an event name followed by a colon');
      this.#names.functions.count++;
      this.#totalEvents++;
      this.#input.line++;
      return next;
    }
    const event = endOfSame > 0 ? this.#names.last : this.#names.find(data, this.#input.view, nameStart, position);
    position++;
    while (position < end && data[position] === SPACE) position++;
    if (event.name === 'kernel_stack' || event.name === 'user_stack') {
      return this.#stack(at, next, used, final, event.name === 'kernel_stack' ? pending : undefined, origin);
    }

    if (event.spec === undefined) {
      pending.push(EVENT_NOT_KEPT, origin);
    } else {
      const index = this.#events.event(event.spec, at, position, end, time, origin);
      pending.push(index, origin);
      if (index < 0) {
        // Its stack trace, if one follows, is lost with it: no other event may get it.
        this.#input.line++;
        return next;
      }
    }
    event.count++;
    this.#totalEvents++;
    if (this.#clocks.goesBack(cpu, time)) this.#input.losses.clockBackwards++;
    this.#input.line++;
    return next;
  }

  /**
   * Reads the stack trace whose frames begin at `first`, in the record that begins at `at`, and gives it to the last
   * event on its CPU that waits for one; without `pending` nobody wants it.
   */
  #stack(
    at: number,
    first: number,
    used: number,
    final: boolean,
    pending: PendingStacks | undefined,
    origin: number,
  ): number {
    const { data } = this.#input;
    const { words } = this.#input;
    let next = first;
    let lines = 1;
    for (;;) {
      if (next >= used) {
        if (!final) return -1;
        break;
      }
      // Three bytes tell whether the line is a frame; with fewer the chunk must go on.
      if (next + 3 > used && !final) return -1;
      if (!this.#isFrame(next, used)) break;
      const lineEnd = findByte(data, words, NEWLINE, next, used);
      if (lineEnd - at > MAX_RECORD_BYTES) break;
      if (lineEnd === used && !final) return -1;
      next = lineEnd + 1;
      lines++;
    }
    this.#stackEntries++;
    this.#input.line += lines;
    const start = Math.min(first, used);
    const stop = Math.min(next, used);
    if (pending === undefined) return next;
    const event = pending.take(origin);
    if (event === NO_EVENT) this.#input.losses.orphanStacks++;
    if (event < 0) return next;
    const stack = this.#events.stack(start, stop);
    if (stack === NO_STACK) return next;
    if (stack === NO_ROOM || !this.#table.setStack(event, stack)) this.#input.losses.orphanStacks++;
    return next;
  }

  /** A frame line: ` => function` in tracefs, `=> function (address)` from trace-cmd. */
  #isFrame(at: number, end: number): boolean {
    const { data } = this.#input;
    const first = data[at] === SPACE ? at + 1 : at;
    return first + 1 < end && data[first] === EQUALS && data[first + 1] === GREATER;
  }

  /** Finds the CPU and the time of the line [at, end) and reads the time; false if the line has none. */
  #place(at: number, end: number): boolean {
    const { data } = this.#input;
    // Mostly the same task goes on, on the same CPU, and all that is new is the time. It is only a short way to what is
    // found without: what a line means must not depend on the lines before it.
    const same = this.#origins.lastAt(this.#input.view, at, end);
    if (same > 0 && (data[at + same] === SPACE || !this.#originHasFlags[this.#origins.last])) {
      if (this.#timeAfter(at + same, end)) {
        this.#originEnd = at + same;
        return true;
      }
    }
    const stop = Math.min(end, at + MAX_TASK_BYTES);
    for (let position = at + 2; position < stop; position++) {
      if (data[position] !== OPEN_BRACKET || data[position - 1] !== SPACE) continue;
      // A command may have brackets with a number in them; what is not followed by a time was one.
      if (this.#cpuAndTime(position, end)) return true;
    }
    return false;
  }

  /** Reads ` time:`. */
  #timeAfter(start: number, end: number): boolean {
    const { data } = this.#input;
    let timeStart = start;
    while (timeStart < end && data[timeStart] === SPACE) timeStart++;
    let position = timeStart;
    while (position < end && data[position] !== COLON && data[position] !== SPACE) position++;
    if (position === end || data[position] !== COLON || !scanTime(data, timeStart, position, this.#time)) return false;
    this.#timeEnd = position;
    return true;
  }

  /** Reads `[cpu] flags time:`; tracefs prints flags, trace-cmd may leave them out, and the blanks too. */
  #cpuAndTime(open: number, end: number): boolean {
    const { data } = this.#input;
    let position = this.#digitsInBrackets(open, end);
    if (position < 0) return false;
    this.#hasFlags = false;
    if (this.#timeAfter(position, end)) {
      this.#originEnd = position;
      return true;
    }
    // Then flags stand between the two.
    while (position < end && data[position] === SPACE) position++;
    while (position < end && data[position] !== SPACE && data[position] !== COLON) position++;
    if (position === end || data[position] === COLON || !this.#timeAfter(position, end)) return false;
    this.#originEnd = position;
    this.#hasFlags = true;
    return true;
  }

  #digitsInBrackets(open: number, end: number): number {
    const { data } = this.#input;
    let position = open + 1;
    while (position < end && data[position] >= ZERO && data[position] <= NINE) position++;
    return position > open + 1 && position < end && data[position] === CLOSE_BRACKET ? position + 1 : -1;
  }

  #newPending(cpu: number): PendingStacks {
    this.#cpus.push(cpu);
    return new PendingStacks();
  }

  /** `# entries-in-buffer/entries-written: 16532/16532   #P:1` */
  #header(at: number, end: number): void {
    if (end - at > 200) return;
    const match = /entries-in-buffer\/entries-written:\s*(\d{1,15})\/(\d{1,15})/.exec(this.#input.text(at, end));
    if (match === null) return;
    const inBuffer = Number(match[1]);
    this.#announcedEntries += inBuffer;
    if (Number(match[2]) > inBuffer) this.#input.losses.droppedEvents += Number(match[2]) - inBuffer;
  }

  /** Lines that are neither events nor comments: lost-event marks, and what trace-cmd report says of the file. */
  #otherLine(at: number, end: number): void {
    const text = this.#input.text(at, Math.min(end, at + 120));
    if (text.trim() === '' && end - at <= 120) return;
    const lost = /^CPU:\d+ \[(?:LOST )?(\d{0,15})\s*EVENTS(?: DROPPED)?\]/.exec(text);
    if (lost !== null) {
      this.#input.losses.droppedEvents += lost[1] === '' ? 1 : Number(lost[1]);
      return;
    }
    if (/^(?:cpus=\d+|version = \d+|CPU \d+ is empty|\s*(?:TASK-PID|\| \|).*)\s*$/.test(text)) return;
    this.#input.lost(at, end, 'an event line: task-pid [cpu] flags time: event: fields');
  }

  #lostLine(at: number, end: number, next: number, expected: string): number {
    this.#input.lost(at, end, expected);
    this.#input.line++;
    return next;
  }
}
