import { FULL } from '../../base/byte-interner.ts';
import { findByte } from '../../base/find-byte.ts';
import { InputError } from '../../base/errors.ts';
import { EventTableBuilder } from '../../trace/event-table-builder.ts';
import { NO_STACK, type EventOrigin, type EventTable } from '../../trace/event-table.ts';
import { UNKNOWN_RECORDING, type Recording } from '../../trace/recording.ts';
import { refuseSeveralBuffers } from '../several-buffers.ts';
import { CpuClocks } from '../text/cpu-clocks.ts';
import { EventNames } from '../text/event-names.ts';
import { EVENT_SPECS } from '../text/event-specs.ts';
import { EventText, NO_ROOM } from '../text/event-text.ts';
import { TextOrigins, TOO_MANY_ORIGINS } from '../text/text-origins.ts';
import { scanTime, type ScannedTime } from '../text/scan-time.ts';
import { MAX_RECORD_BYTES, TextInput, type RecordReader } from '../text/text-input.ts';
import type { TextPart, TextReader, TextReaderOptions } from '../text/text-part.ts';
import { joinPart, partOf, partsFit, type TextPieces } from '../text/text-pieces.ts';
import { LogEnvelope, PageEnvelope, type Envelope, type EnvelopeKind } from './envelope.ts';
import { TextHeader } from './header.ts';
import { settlePagevecFrees } from './old-frees.ts';
import { decodeOrigin } from './origin.ts';
import { formOf } from './other-forms.ts';
import { EVENT_NOT_KEPT, NO_EVENT, PendingStacks } from '../../trace/pending-stacks.ts';
import { decodeFrames } from './stack-frames.ts';

/** How far into a line the CPU number may stand. A command has 15 characters (TASK_COMM_LEN), and a buffer has a name. */
const MAX_TASK_BYTES = 256;
/** Flags have at least as many characters where they and the time stand together (libtraceevent since 1.3). */
const MIN_FLAGS = 5;
/** A time of so many digits needs no blank before it: trace-cmd prints it with a width of 12. */
const WIDE_TIME = 10;

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
const LETTER_U = 0x75;
const OPEN_PARENTHESIS = 0x28;
const CLOSE_PARENTHESIS = 0x29;
const PLUS = 0x2b;
const MINUS = 0x2d;
const MICROSECOND = 1000;

/** More than any comment at the beginning has. */
const MAX_HEADER_BYTES = 200;
/** A task, in the latency format, and its CPU, behind which flags begin. */
const PID_AND_CPU = /-\d{1,10}\s{1,12}(?:\([ \d-]{3,12}\)\s{1,4})?\d{1,5}(?=[^\s\d:[\]])/g;
/** What trace-cmd says of a file, and atrace before the trace. */
const REMARKS =
  /^\s*(?:\S.{0,80}:\s+)?(?:cpus=\d+|version = \d+|CPU \d+ is empty|CPU:\d+ \[SUBBUFFER START\].*|TASK-PID.*|\| \|.*|TRACE:|capturing trace\.\.\. ?(?:done)?)\s*$/;

const WHOLE_TIMES =
  'times are whole numbers and taken for nanoseconds, as trace-cmd prints those of the clocks boot and mono; of the clocks x86-tsc and counter they are ticks';
const LATENCY_FORMAT =
  'Printed with the option latency-format: names of tasks are cut to 8 characters, and times are whole microseconds.';

/** How times are printed, as bits. */
const TIME_FORM = { seconds: 1, whole: 2, latency: 4 } as const;

/** A part of a text, see `TextPart`. */
export interface FtraceTextPart extends TextPart {
  readonly stackEntries: number;
  readonly announcedEntries: number;
  readonly overwrittenEntries: number;
  /** See `TIME_FORM`. */
  readonly timeForms: number;
  /** What comments in the part say, see `TextHeader`. */
  readonly isOfKernel: boolean;
  readonly kernelRelease: string;
  readonly contextColumn: number | undefined;
  /** Of each CPU with events or stacks: see `PendingStacks`. */
  readonly cpus: readonly { readonly cpu: number; readonly waiting: number; readonly askedBefore: boolean }[];
}

/** What is said besides to a reader of ftrace text. */
export interface FtraceTextOptions extends TextReaderOptions {
  /** The text stands in something else, of which nothing is read. */
  readonly envelope?: EnvelopeKind;
}

const NEW_ENVELOPE: { readonly [Kind in EnvelopeKind]: () => Envelope } = {
  page: () => new PageEnvelope(),
  log: () => new LogEnvelope(),
};

/**
 * Reads ftrace text as the kernel prints it (`trace`, `trace_pipe`, the dump at an oops) and as `trace-cmd report` does.
 *
 * Push-driven and chunk-agnostic: however the input is cut, the table is the same. Nothing is held but the table and a
 * buffer of fixed size. A line is taken apart once into what repeats (task and place, sizes and flags, stack) and what
 * does not (time, key); only the first of equal pieces is decoded, see `ByteInterner`.
 */
export class FtraceTextReader implements TextReader<FtraceTextPart> {
  readonly #input: TextInput;
  readonly #records: RecordReader = {
    record: (at, end, next, used, final) => this.#line(at, end, next, used, final),
    ignoresLongLine: () => this.#envelope?.inside === false,
  };
  readonly #name: string;
  readonly #envelope: Envelope | undefined;
  readonly #header = new TextHeader();
  readonly #table = new EventTableBuilder();
  readonly #events: EventText;
  readonly #names = new EventNames((name) => ({ name, spec: EVENT_SPECS.get(name) }));
  readonly #origins = new TextOrigins(this.#table, (text) => this.#decodeOrigin(text));
  /** Of each origin, how many flags it ends in: a blank must follow them unless they are `MIN_FLAGS` or more. */
  readonly #originFlags: number[] = [];
  /** Of each origin, the number of its buffer. */
  readonly #originBuffer: number[] = [];
  readonly #buffers: string[] = [];
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
  #timeForms = 0;
  // What `#place` has read.
  #originEnd = 0;
  #flags = 0;
  #timeEnd = 0;
  readonly #time: ScannedTime = { seconds: 0, nanoseconds: 0, whole: false };

  constructor(options: FtraceTextOptions) {
    this.#name = options.name;
    this.#envelope = options.envelope === undefined ? undefined : NEW_ENVELOPE[options.envelope]();
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
    this.#requireTrace();
    const { losses } = this.#input;
    const { announcedEntries, overwrittenEntries } = this.#header;
    losses.droppedEvents += overwrittenEntries;
    // A line that cannot be read is an entry, too, and a loss already.
    const found = this.#totalEvents + this.#stackEntries + losses.truncatedLines;
    if (announcedEntries > found) losses.missingEntries += announcedEntries - found;
    const table = this.#table.finish({
      byType: this.#names.counts(),
      totalEvents: this.#totalEvents,
      baseSeconds: this.baseSeconds ?? 0,
      losses,
      recording: this.#recording(),
    });
    refuseSeveralBuffers(this.#name, this.#keptBuffers(table));
    return settlePagevecFrees(table);
  }

  #requireTrace(): void {
    if (this.#envelope === undefined || this.#envelope.found) return;
    const isPage = this.#envelope instanceof PageEnvelope;
    throw new InputError({
      where: this.#name,
      found: isPage ? 'a page of HTML without ftrace text' : 'a log of the kernel without a dump of the ftrace buffer',
      expected: isPage
        ? 'a page of systrace, with the trace in <script class="trace-data">'
        : 'the lines between "Dumping ftrace buffer:" and the next rule',
      advice: isPage
        ? 'Give the trace that the page was made from.'
        : 'KASAN reports are read by `tagscope explain`. The kernel dumps the buffer at an oops with ftrace_dump_on_oops.',
    });
  }

  #recording(): Recording {
    const { kernelRelease, isOfKernel } = this.#header;
    const isWhole = this.#timeForms === TIME_FORM.whole;
    return {
      ...UNKNOWN_RECORDING,
      kernelRelease,
      stackEntries: this.#stackEntries,
      // The kernel prints seconds for every clock that counts nanoseconds.
      timeUnit: isWhole && isOfKernel ? 'ticks' : 'nanoseconds',
      warnings: isWhole && !isOfKernel ? [WHOLE_TIMES] : [],
      notes: [...((this.#timeForms & TIME_FORM.latency) !== 0 ? [LATENCY_FORMAT] : []), ...this.#unreadNote()],
    };
  }

  #unreadNote(): readonly string[] {
    const [sample] = this.#input.losses.samples;
    const form = this.#totalEvents > 0 || sample === undefined ? undefined : formOf(sample.found);
    return form === undefined ? [] : [`No line can be read: they are printed ${form.printed}. ${form.advice}`];
  }

  /** The buffers that kept events are from. */
  #keptBuffers({ batches, length }: EventTable): readonly string[] {
    if (this.#buffers.length < 2) return [];
    const kept = new Set<number>();
    let left = length;
    for (const { origin } of batches) {
      for (let row = 0; row < Math.min(left, origin.length); row++) kept.add(this.#originBuffer[origin[row]]);
      left -= origin.length;
    }
    return this.#buffers.filter((_, number) => kept.has(number));
  }

  #decodeOrigin(text: string): EventOrigin | undefined {
    const decoded = decodeOrigin(text, this.#header.contextColumn);
    const name = decoded?.buffer ?? '';
    const known = this.#buffers.indexOf(name);
    // Of what is no origin there are no events.
    this.#originBuffer.push(known >= 0 || decoded === undefined ? known : this.#buffers.push(name) - 1);
    if (decoded === undefined) return undefined;
    const { buffer: _, ...origin } = decoded;
    return origin;
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
      announcedEntries: this.#header.announcedEntries,
      overwrittenEntries: this.#header.overwrittenEntries,
      timeForms: this.#timeForms,
      isOfKernel: this.#header.isOfKernel,
      kernelRelease: this.#header.kernelRelease,
      contextColumn: this.#header.contextColumn,
      cpus: this.#cpus.map((cpu) => {
        const { waiting, askedBefore } = this.#pending[cpu];
        return { cpu, waiting, askedBefore };
      }),
    };
  }

  /** Goes on as if the parts that follow had been pushed, if they fit. */
  join(parts: readonly FtraceTextPart[]): boolean {
    if (!partsFit(this.#pieces, this.#baseSeconds, parts)) return false;
    // A header that says other things holds from there on.
    const { contextColumn } = this.#header;
    if (parts.some((part) => part.contextColumn !== undefined && part.contextColumn !== contextColumn)) return false;
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
    this.#header.announcedEntries += part.announcedEntries;
    this.#header.overwrittenEntries += part.overwrittenEntries;
    this.#header.isOfKernel ||= part.isOfKernel;
    if (part.kernelRelease !== '') this.#header.kernelRelease = part.kernelRelease;
    this.#timeForms |= part.timeForms;
  }

  /** The same where the text may stand in something else: then a line of the trace may be a part of a line. */
  #line(at: number, end: number, next: number, used: number, final: boolean): number {
    const envelope = this.#envelope;
    if (envelope === undefined) return this.#record(at, end, next, used, final);
    if (envelope.take(this.#input.data, at, end)) return this.#record(envelope.start, envelope.stop, next, used, final);
    this.#input.line++;
    return next;
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
      if (end - at <= MAX_HEADER_BYTES) this.#header.line(this.#input.text(at, end));
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
    const { seconds, nanoseconds, whole } = this.#time;
    this.#timeForms |= whole ? TIME_FORM.whole : TIME_FORM.seconds;
    if (this.#baseSeconds !== this.#baseSeconds) this.#baseSeconds = seconds;
    const time = (seconds - this.#baseSeconds) * 1_000_000_000 + nanoseconds;
    let position = this.#timeEnd + 1;
    while (position < end && data[position] === SPACE) position++;
    if (position < end && data[position] === OPEN_PARENTHESIS) position = this.#skipTimeDifference(position, end);
    if (position === end) return this.#lostLine(at, end, next, 'an event name');

    const origin = this.#origins.find(data, this.#input.view, at, this.#originEnd);
    if (origin === FULL) return this.#lostLine(at, end, next, TOO_MANY_ORIGINS);
    if (origin === this.#originFlags.length) this.#originFlags.push(this.#flags);
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
      this.#table.seen(time);
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
      this.#table.seen(time);
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
    if (same > 0 && this.#mayEndAt(at + same)) {
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
    return this.#placeWithoutBrackets(at, stop, end);
  }

  /** Whether the origin that was found last may end at `position`, where a time comes next. */
  #mayEndAt(position: number): boolean {
    const { data } = this.#input;
    const flags = this.#originFlags[this.#origins.last];
    return data[position] === SPACE || flags === 0 || (flags >= MIN_FLAGS && isDigit(data[position]));
  }

  /** Finds `comm-pid cpuflags time:`, as the latency format has it. */
  #placeWithoutBrackets(at: number, stop: number, end: number): boolean {
    const head = String.fromCharCode(...this.#input.data.subarray(at, stop));
    for (const match of head.matchAll(PID_AND_CPU)) {
      if (this.#flagsAndTime(at + match.index + match[0].length, end)) return true;
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
    if (position === end) return false;
    if (data[position] !== COLON || !scanTime(data, timeStart, position, this.#time)) {
      return this.#latencyTimeAfter(timeStart, end);
    }
    this.#timeEnd = position;
    return true;
  }

  /** Reads `35275us+:`, where the mark says how long the entry took (kernel/trace/trace_output.c:lat_print_timestamp). */
  #latencyTimeAfter(start: number, end: number): boolean {
    const { data } = this.#input;
    let unit = start;
    while (unit < end && isDigit(data[unit])) unit++;
    const colon = unit + 3;
    if (colon >= end || data[unit] !== LETTER_U || data[unit + 1] !== LETTER_S || data[colon] !== COLON) return false;
    if (!scanTime(data, start, unit, this.#time)) return false;
    const time = this.#time;
    const microseconds = time.seconds * 1e9 + time.nanoseconds;
    time.seconds = Math.floor(microseconds / 1e6);
    time.nanoseconds = (microseconds % 1e6) * MICROSECOND;
    time.whole = false;
    this.#timeForms |= TIME_FORM.latency;
    this.#timeEnd = colon;
    return true;
  }

  /** Goes past `(+12)`, how much later than the entry before this one is (`trace-cmd report --ts-diff`). */
  #skipTimeDifference(start: number, end: number): number {
    const { data } = this.#input;
    let position = start + 1;
    if (position === end || (data[position] !== PLUS && data[position] !== MINUS)) return start;
    position++;
    while (position < end && isDigit(data[position])) position++;
    if (position === end || data[position] !== CLOSE_PARENTHESIS) return start;
    position++;
    while (position < end && data[position] === SPACE) position++;
    return position;
  }

  /** Reads `[cpu] flags time:`; tracefs prints flags, trace-cmd may leave them out, and the blanks too. */
  #cpuAndTime(open: number, end: number): boolean {
    const { data } = this.#input;
    let position = this.#digitsInBrackets(open, end);
    if (position < 0) return false;
    this.#flags = 0;
    if (this.#timeAfter(position, end)) {
      this.#originEnd = position;
      return true;
    }
    while (position < end && data[position] === SPACE) position++;
    return this.#flagsAndTime(position, end);
  }

  /** Reads `flags time:`, which may stand together: `d..h12962372940646:`. */
  #flagsAndTime(start: number, end: number): boolean {
    const { data } = this.#input;
    let position = start;
    while (position < end && data[position] !== SPACE && data[position] !== COLON) position++;
    if (position === end) return false;
    let flagsEnd = position;
    if (data[position] === COLON) {
      while (flagsEnd > start + MIN_FLAGS && isDigit(data[flagsEnd - 1])) flagsEnd--;
      if (position - flagsEnd < WIDE_TIME) return false;
    }
    if (!this.#timeAfter(flagsEnd, end)) return false;
    this.#originEnd = flagsEnd;
    this.#flags = flagsEnd - start;
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

  /** Lines that are neither events nor comments: lost-event marks, and what trace-cmd report says of the file. */
  #otherLine(at: number, end: number): void {
    const text = this.#input.text(at, Math.min(end, at + 120));
    if (text.trim() === '' && end - at <= 120) return;
    // The name of a buffer, or blanks in its place, may stand before it.
    const lost = /(?:^|\s)CPU:\d+ \[(?:LOST )?(\d{0,15})\s*EVENTS(?: DROPPED)?\]\s*$/.exec(text);
    if (lost !== null) {
      this.#input.losses.droppedEvents += lost[1] === '' ? 1 : Number(lost[1]);
      return;
    }
    if (REMARKS.test(text)) return;
    this.#input.lost(at, end, 'an event line: task-pid [cpu] flags time: event: fields');
  }

  #lostLine(at: number, end: number, next: number, expected: string): number {
    this.#input.lost(at, end, expected);
    this.#input.line++;
    return next;
  }
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;
