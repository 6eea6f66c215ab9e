import { ByteInterner, FULL } from '../../base/byte-interner.ts';
import { findByte } from '../../base/find-byte.ts';
import { InputError, quoted } from '../../base/errors.ts';
import { impossiblePfn, isImpossiblePfn } from '../../trace/bounds.ts';
import { EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { EventTable } from '../../trace/event-table.ts';
import { EVENT_TYPES } from '../../trace/event-type.ts';
import { MAX_LOSS_SAMPLES, noLosses, type ReadLosses } from '../../trace/losses.ts';
import type { ReaderOptions, StreamReader } from '../reader.ts';
import { EventNames } from './event-names.ts';
import type { EventSpec } from './event-specs.ts';
import { decodeOrigin } from './origin.ts';
import { EVENT_NOT_KEPT, NO_EVENT, PendingStacks } from '../../trace/pending-stacks.ts';
import { decodeShape, type ShapeProblem } from './shape.ts';
import { scanKey, type ScannedKey } from './scan-key.ts';
import { scanTime, type ScannedTime } from './scan-time.ts';
import { decodeFrames } from './stack-frames.ts';

/**
 * The longest line that is read, and how much is read of an event's stack trace. The kernel's trace_seq is 8 KiB; a
 * stack has at most some hundred lines.
 */
const MAX_RECORD_BYTES = 1 << 16;
/** How far into a line the CPU number may stand. A command has 15 characters (TASK_COMM_LEN), in trace-cmd some more. */
const MAX_TASK_BYTES = 128;
/** Text is gathered to this size before it is parsed, so that parsing has whole records and few calls. */
const BUFFER_BYTES = 1 << 20;
// Distinct tasks, shapes (of each event type) and stacks: far more than real traces have, and a bound on what a hostile
// one can fill.
const ORIGIN_LIMITS = { keys: 1 << 20, bytes: 1 << 26 };
const SHAPE_LIMITS = { keys: 1 << 17, bytes: 1 << 25 };
const STACK_LIMITS = { keys: 1 << 19, bytes: 1 << 27 };

const NEWLINE = 0x0a;
const RETURN = 0x0d;
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
const LETTER_P = 0x70;
const LETTER_S = 0x73;
const LETTER_V = 0x76;

/** The shapes of one event type that were met. */
interface KnownShapes {
  readonly keys: ByteInterner;
  /** Shape number of each key, −1 for text that cannot be decoded. */
  readonly shapes: number[];
  readonly problems: Map<number, ShapeProblem>;
  /** Where the key was in the event of this type before. */
  keyOffset: number;
}

/** What is remembered of a CPU from line to line. */
interface CpuState {
  readonly pending: PendingStacks;
  lastTime: number;
}

/**
 * Reads ftrace text as the kernel prints it (`trace`, `trace_pipe`) and as `trace-cmd report` prints it.
 *
 * Push-driven and chunk-agnostic: however the input is cut, the table is the same. Nothing is held but the table and a
 * buffer of fixed size. A line is taken apart once into what repeats (task and place, sizes and flags, stack) and what
 * does not (time, key); only the first of equal pieces is decoded, see `ByteInterner`.
 */
export class FtraceTextReader implements StreamReader {
  readonly #options: ReaderOptions;
  readonly #table = new EventTableBuilder();
  readonly #losses: ReadLosses = noLosses();
  readonly #decoder = new TextDecoder();
  readonly #names = new EventNames();
  readonly #originKeys = new ByteInterner(ORIGIN_LIMITS);
  /** CPU of each origin, −1 for text that is none. */
  readonly #originCpu: number[] = [];
  /** By event type: an event is often equal to the last one of its type. */
  readonly #kinds = EVENT_TYPES.map((): KnownShapes => ({
    keys: new ByteInterner(SHAPE_LIMITS),
    shapes: [],
    problems: new Map(),
    keyOffset: 0,
  }));
  readonly #stackKeys = new ByteInterner(STACK_LIMITS);
  readonly #cpus: CpuState[] = [];
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  readonly #words = new Int32Array(this.#buffer.buffer);
  #used = 0;
  /** Bytes of input before the buffer. */
  #consumed = 0;
  #line = 0;
  /** Inside a record that is too long: everything up to the next newline is dropped. */
  #skipping = false;
  #baseSeconds = Number.NaN;
  #totalEvents = 0;
  #stackEntries = 0;
  #announcedEntries = 0;
  /** Where the CPU column was in the line before; it seldom moves. */
  #bracketColumn = 25;
  // What `#cpuAndTime` has read.
  #originEnd = 0;
  #timeEnd = 0;
  readonly #time: ScannedTime = { seconds: 0, nanoseconds: 0 };
  readonly #key: ScannedKey = { hi: 0, lo: 0, unprinted: false };

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Takes the next bytes of the input; any size, any cut. */
  push(chunk: Uint8Array): void {
    // Nothing can be complete before a newline, or before a line has become too long.
    const complete = chunk.includes(NEWLINE);
    let from = 0;
    while (from < chunk.length) {
      const room = Math.min(BUFFER_BYTES - this.#used, chunk.length - from);
      this.#buffer.set(chunk.subarray(from, from + room), this.#used);
      this.#used += room;
      from += room;
      if (this.#used === BUFFER_BYTES || (from === chunk.length && (complete || this.#used > MAX_RECORD_BYTES))) {
        this.#consume(false);
      }
    }
  }

  /** Ends the input. */
  finish(): EventTable {
    this.#consume(true);
    const found = this.#totalEvents + this.#stackEntries;
    if (this.#announcedEntries > found) this.#losses.missingEntries += this.#announcedEntries - found;
    return this.#table.finish({
      byType: this.#names.counts(),
      totalEvents: this.#totalEvents,
      baseSeconds: Number.isNaN(this.#baseSeconds) ? 0 : this.#baseSeconds,
      losses: this.#losses,
    });
  }

  /** Parses all complete records in the buffer and keeps the rest, which is never more than two lines' length. */
  #consume(final: boolean): void {
    const data = this.#buffer;
    const used = this.#used;
    let at = 0;
    while (at < used) {
      const newline = findByte(data, this.#words, NEWLINE, at, used);
      const tooLong = newline - at > MAX_RECORD_BYTES;
      // The same rule for a line that is in the buffer and for one that is not yet, so that cuts do not matter.
      if (tooLong && !this.#skipping) this.#lost(at, newline, `a line of at most ${MAX_RECORD_BYTES} bytes`);
      if (newline === used && !final) {
        if (tooLong) {
          this.#skipping = true;
          at = used;
        }
        break;
      }
      if (tooLong || this.#skipping) {
        this.#skipping = false;
        this.#line++;
        at = newline + 1;
        continue;
      }
      // Files that went through Windows end lines with a carriage return as well.
      const end = newline > at && data[newline - 1] === RETURN ? newline - 1 : newline;
      const next = this.#record(at, end, newline + 1, used, final);
      if (next < 0) break;
      at = next;
    }
    at = Math.min(at, used);
    data.copyWithin(0, at, used);
    this.#used = used - at;
    this.#consumed += at;
  }

  /**
   * Reads the record whose first line is [at, end), and the next line begins at `next`. Gives where the next record
   * begins, or −1 if this one is incomplete.
   */
  #record(at: number, end: number, next: number, used: number, final: boolean): number {
    const data = this.#buffer;
    if (end === at) {
      this.#line++;
      return next;
    }
    const first = data[at];
    if (first === HASH) {
      this.#header(at, end);
      this.#line++;
      return next;
    }
    if (this.#isFrame(at, end)) {
      // A frame outside a stack trace: the beginning was cut off.
      this.#line++;
      return next;
    }

    if (!this.#place(at, end)) {
      this.#otherLine(at, end);
      this.#line++;
      return next;
    }
    const { seconds, nanoseconds } = this.#time;
    if (this.#baseSeconds !== this.#baseSeconds) this.#baseSeconds = seconds;
    const time = (seconds - this.#baseSeconds) * 1_000_000_000 + nanoseconds;
    let position = this.#timeEnd + 1;
    while (position < end && data[position] === SPACE) position++;
    if (position === end) return this.#lostLine(at, end, next, 'an event name');

    const originKey = this.#originKeys.intern(data, this.#view, at, this.#originEnd);
    if (originKey === FULL) return this.#lostLine(at, end, next, `at most ${ORIGIN_LIMITS.keys} distinct tasks`);
    const origin = originKey >= 0 ? originKey : this.#newOrigin(~originKey, at, this.#originEnd);
    const cpu = this.#originCpu[origin];
    if (cpu === undefined || cpu < 0) return this.#lostLine(at, end, next, 'a task such as bash-123, and a CPU number');
    const state = (this.#cpus[cpu] ??= { pending: new PendingStacks(), lastTime: Number.NEGATIVE_INFINITY });

    if (data[position] === LESS) {
      // `<stack trace>`, or `<user stack trace>`, which is none of the kernel's.
      const kernel = position + 1 < end && data[position + 1] === LETTER_S;
      return this.#stack(at, next, used, final, kernel ? state.pending : undefined, origin);
    }

    const nameStart = position;
    const endOfSame = this.#names.endOfLast(data, this.#view, position, end);
    if (endOfSame > 0) position = endOfSame;
    else while (position < end && data[position] !== COLON) position++;
    if (position === end) {
      const text = this.#text(nameStart, Math.min(end, nameStart + 256));
      if (text.startsWith('kernel_stack')) return this.#stack(at, next, used, final, state.pending, origin);
      if (!text.includes(' <-')) return this.#lostLine(at, end, next, 'an event name followed by a colon');
      this.#names.functions.count++;
      this.#totalEvents++;
      this.#line++;
      return next;
    }
    const event = endOfSame > 0 ? this.#names.last : this.#names.find(data, this.#view, nameStart, position);
    position++;
    while (position < end && data[position] === SPACE) position++;
    if (event.name === 'kernel_stack' || event.name === 'user_stack') {
      return this.#stack(at, next, used, final, event.name === 'kernel_stack' ? state.pending : undefined, origin);
    }

    if (event.spec === undefined) {
      state.pending.push(EVENT_NOT_KEPT, origin);
    } else {
      const index = this.#event(event.spec, at, position, end, time, origin);
      state.pending.push(index, origin);
      if (index < 0) {
        // Its stack trace, if one follows, is lost with it: no other event may get it.
        this.#line++;
        return next;
      }
    }
    event.count++;
    this.#totalEvents++;
    if (time < state.lastTime) this.#losses.clockBackwards++;
    state.lastTime = time;
    this.#line++;
    return next;
  }

  /** Reads the fields of a kept event and gives its index; `EVENT_NOT_KEPT` if they cannot be read, which is counted. */
  #event(spec: EventSpec, line: number, start: number, end: number, time: number, origin: number): number {
    const data = this.#buffer;
    const view = this.#view;
    const kind = this.#kinds[spec.type];
    // Text before a pfn has the same length in most lines; other text varies.
    let position = start;
    const guess = start + kind.keyOffset;
    if (!spec.before && guess + 4 <= end && view.getInt32(guess, true) === spec.keyWord && data[guess - 1] === SPACE)
      position = guess;
    for (const last = end - 4; ; position++) {
      if (position > last) {
        this.#lost(line, end, 'the field that says what the event is about (pfn=, ptr=, va_start or pid=)');
        return EVENT_NOT_KEPT;
      }
      // A field begins the text or follows a blank.
      if (data[position] !== LETTER_P && data[position] !== LETTER_V) continue;
      if (view.getInt32(position, true) === spec.keyWord && (position === start || data[position - 1] === SPACE)) break;
    }
    const beforeEnd = position;
    kind.keyOffset = position - start;
    position += spec.keyLength;
    while (position < end && (data[position] === COLON || data[position] === SPACE || data[position] === EQUALS))
      position++;
    const key = this.#key;
    const after = scanKey(data, position, end, spec.keyRadix, key);
    if (after < 0) {
      this.#lost(line, end, 'a number or a pointer');
      return EVENT_NOT_KEPT;
    }
    if (spec.keyWord === PFN_WORD && isImpossiblePfn(key.hi, key.lo)) {
      throw impossiblePfn(this.#where(line), quoted(this.#text(position, after)));
    }

    const found = kind.keys.intern2(
      data,
      view,
      start,
      spec.before ? beforeEnd : start,
      spec.after ? after : end,
      end,
      spec.type,
    );
    if (found === FULL) {
      this.#lost(line, end, `at most ${SHAPE_LIMITS.keys} distinct combinations of call site, size and flags`);
      return EVENT_NOT_KEPT;
    }
    const shapeKey = found >= 0 ? found : ~found;
    const shape =
      found >= 0 ? kind.shapes[shapeKey] : this.#newShape(kind, shapeKey, spec, line, start, beforeEnd, after, end);
    if (shape < 0) {
      this.#lost(line, end, kind.problems.get(shapeKey)?.expected ?? 'the fields of the event');
      return EVENT_NOT_KEPT;
    }
    if (key.unprinted) this.#losses.unprintedPointers++;
    return this.#table.add(time, origin, shape, key.hi, key.lo);
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
    const data = this.#buffer;
    const words = this.#words;
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
    this.#line += lines;
    const start = Math.min(first, used);
    const stop = Math.min(next, used);
    if (pending === undefined) return next;
    const event = pending.take(origin);
    if (event === NO_EVENT) this.#losses.orphanStacks++;
    if (event < 0) return next;
    const key = this.#stackKeys.intern(data, this.#view, start, stop);
    if (key === FULL) {
      this.#losses.orphanStacks++;
      return next;
    }
    const stack =
      key >= 0 ? key : this.#table.stacks.add(decodeFrames(this.#text(start, stop), this.#options.keepAddresses));
    if (!this.#table.setStack(event, stack)) this.#losses.orphanStacks++;
    return next;
  }

  /** A frame line: ` => function` in tracefs, `=> function (address)` from trace-cmd. */
  #isFrame(at: number, end: number): boolean {
    const data = this.#buffer;
    const first = data[at] === SPACE ? at + 1 : at;
    return first + 1 < end && data[first] === EQUALS && data[first + 1] === GREATER;
  }

  /** Finds the CPU and the time of the line [at, end) and reads the time; false if the line has none. */
  #place(at: number, end: number): boolean {
    const data = this.#buffer;
    // Mostly the same task goes on, on the same CPU, and all that is new is the time.
    const same = this.#originKeys.lastAt(this.#view, at, end);
    if (same > 0 && this.#timeAfter(at + same, end)) {
      this.#originEnd = at + same;
      return true;
    }
    const guess = at + this.#bracketColumn;
    if (guess < end && data[guess] === OPEN_BRACKET && this.#cpuAndTime(guess, end)) return true;
    const stop = Math.min(end, at + MAX_TASK_BYTES);
    for (let position = at + 2; position < stop; position++) {
      if (data[position] !== OPEN_BRACKET || data[position - 1] !== SPACE) continue;
      // A command may have brackets with a number in them; what is not followed by a time was one.
      if (this.#cpuAndTime(position, end)) {
        this.#bracketColumn = position - at;
        return true;
      }
    }
    return false;
  }

  /** Reads ` time:`. */
  #timeAfter(start: number, end: number): boolean {
    const data = this.#buffer;
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
    const data = this.#buffer;
    let position = this.#digitsInBrackets(open, end);
    if (position < 0) return false;
    if (this.#timeAfter(position, end)) {
      this.#originEnd = position;
      return true;
    }
    // Then flags stand between the two.
    while (position < end && data[position] === SPACE) position++;
    while (position < end && data[position] !== SPACE && data[position] !== COLON) position++;
    if (position === end || data[position] === COLON || !this.#timeAfter(position, end)) return false;
    this.#originEnd = position;
    return true;
  }

  #digitsInBrackets(open: number, end: number): number {
    const data = this.#buffer;
    let position = open + 1;
    while (position < end && data[position] >= ZERO && data[position] <= NINE) position++;
    return position > open + 1 && position < end && data[position] === CLOSE_BRACKET ? position + 1 : -1;
  }

  #newOrigin(key: number, start: number, end: number): number {
    const origin = decodeOrigin(this.#text(start, end));
    // A number is used up either way, so that keys and origins stay in step.
    this.#table.addOrigin(origin ?? { comm: '', pid: 0, cpu: 0, softirq: false, hardirq: false });
    this.#originCpu.push(origin?.cpu ?? -1);
    return key;
  }

  #newShape(
    kind: KnownShapes,
    key: number,
    spec: EventSpec,
    line: number,
    start: number,
    beforeEnd: number,
    after: number,
    end: number,
  ): number {
    const text = (spec.before ? this.#text(start, beforeEnd) : '') + (spec.after ? this.#text(after, end) : '');
    const decoded = decodeShape(spec.type, text, () => this.#where(line));
    const unreadable = 'expected' in decoded;
    if (unreadable) kind.problems.set(key, decoded);
    const shape = unreadable ? -1 : this.#table.addShape(decoded);
    kind.shapes.push(shape);
    return shape;
  }

  /** `# entries-in-buffer/entries-written: 16532/16532   #P:1` */
  #header(at: number, end: number): void {
    if (end - at > 200) return;
    const match = /entries-in-buffer\/entries-written:\s*(\d{1,15})\/(\d{1,15})/.exec(this.#text(at, end));
    if (match === null) return;
    const inBuffer = Number(match[1]);
    this.#announcedEntries += inBuffer;
    if (Number(match[2]) > inBuffer) this.#losses.droppedEvents += Number(match[2]) - inBuffer;
  }

  /** Lines that are neither events nor comments: lost-event marks, and what trace-cmd report says of the file. */
  #otherLine(at: number, end: number): void {
    const text = this.#text(at, Math.min(end, at + 120));
    if (text.trim() === '' && end - at <= 120) return;
    const lost = /^CPU:\d+ \[(?:LOST )?(\d{0,15})\s*EVENTS(?: DROPPED)?\]/.exec(text);
    if (lost !== null) {
      this.#losses.droppedEvents += lost[1] === '' ? 1 : Number(lost[1]);
      return;
    }
    if (/^(?:cpus=\d+|version = \d+|CPU \d+ is empty|\s*(?:TASK-PID|\| \|).*)\s*$/.test(text)) return;
    this.#lost(at, end, 'an event line: task-pid [cpu] flags time: event: fields');
  }

  #lostLine(at: number, end: number, next: number, expected: string): number {
    this.#lost(at, end, expected);
    this.#line++;
    return next;
  }

  #lost(at: number, end: number, expected: string): void {
    const losses = this.#losses;
    const found = this.#text(at, Math.min(end, at + 160));
    if (this.#options.strict === true) {
      throw new InputError({
        where: this.#where(at),
        found: quoted(found),
        expected,
        advice: 'Without --strict such lines are counted as losses and skipped.',
      });
    }
    losses.truncatedLines++;
    if (losses.samples.length < MAX_LOSS_SAMPLES) {
      losses.samples.push({ line: this.#line + 1, offset: this.#consumed + at, expected, found });
    }
  }

  #where(at: number): string {
    return `${this.#options.name}, line ${this.#line + 1}, byte ${this.#consumed + at}`;
  }

  #text(start: number, end: number): string {
    return this.#decoder.decode(this.#buffer.subarray(start, end));
  }
}

/** `pfn=` as `EventSpec.keyWord` has it. */
const PFN_WORD = 0x3d6e6670;
