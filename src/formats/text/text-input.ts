import { findByte } from '../../base/find-byte.ts';
import { InputError, quoted } from '../../base/errors.ts';
import { addLosses, MAX_LOSS_SAMPLES, noLosses, type ReadLosses } from '../../trace/losses.ts';
import type { ReaderOptions } from '../reader.ts';

/**
 * The longest line that is read, and how much is read of an event's stack trace. The kernel's trace_seq is 8 KiB; a
 * stack has at most some hundred lines.
 */
export const MAX_RECORD_BYTES = 1 << 16;
/** Text is gathered to this size before it is parsed, so that parsing has whole records and few calls. */
const BUFFER_BYTES = 1 << 20;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** What a reader of text does with each record. */
export interface RecordReader {
  /**
   * Reads the record whose first line is [at, end) of the buffer and whose next line begins at `next`; what is in the
   * buffer ends at `used`. Counts the lines that it takes.
   *
   * @param final whether the input ends there
   * @returns where the next record begins, or −1 if more must be seen of this one
   */
  record(at: number, end: number, next: number, used: number, final: boolean): number;
  /** Whether a line that is too long is none of the text, and nothing is lost with it. */
  ignoresLongLine?(): boolean;
}

/** What was read of a part of a text, and how the part begins and ends. Places in the losses are those in the part. */
export interface InputPart {
  readonly bytes: number;
  readonly lines: number;
  readonly losses: Readonly<ReadLosses>;
  /** It begins with a blank or a tab. */
  readonly beginsWithBlank: boolean;
  /** It ends with the end of a line. */
  readonly endsLine: boolean;
  /** Its last record has several lines, and might have more if there were any. */
  readonly endsOpen: boolean;
}

/**
 * Text that comes in chunks of any size, handed on as records; however it is cut, the records are the same. Nothing is
 * held but a buffer of fixed size. Also says where in the text something stands, and counts what cannot be read.
 */
export class TextInput {
  /** The buffer, as bytes, as a view and as words: all the same memory. */
  readonly data = new Uint8Array(BUFFER_BYTES);
  readonly view = new DataView(this.data.buffer);
  readonly words = new Int32Array(this.data.buffer);
  readonly losses: ReadLosses = noLosses();
  /** Lines before the record that is being read. */
  line = 0;
  readonly #options: ReaderOptions;
  readonly #decoder = new TextDecoder();
  #used = 0;
  /** Bytes of input before the buffer. */
  #consumed = 0;
  /** Inside a record that is too long: everything up to the next newline is dropped. */
  #skipping = false;
  #firstByte = -1;
  #lastByte = -1;
  #endsOpen = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Takes the next bytes and hands the records in them to `reader`. */
  push(chunk: Uint8Array, reader: RecordReader): void {
    // Nothing can be complete before a newline, or before a line has become too long.
    const complete = chunk.includes(NEWLINE);
    if (chunk.length > 0) {
      if (this.#firstByte < 0) this.#firstByte = chunk[0];
      this.#lastByte = chunk[chunk.length - 1];
    }
    let from = 0;
    while (from < chunk.length) {
      const room = Math.min(BUFFER_BYTES - this.#used, chunk.length - from);
      this.data.set(chunk.subarray(from, from + room), this.#used);
      this.#used += room;
      from += room;
      if (this.#used === BUFFER_BYTES || (from === chunk.length && (complete || this.#used > MAX_RECORD_BYTES))) {
        this.#consume(reader, false);
      }
    }
  }

  /** Ends the input, and hands the last records to `reader`. */
  finish(reader: RecordReader): void {
    this.#endsOpen = this.#used > 0;
    this.#consume(reader, true);
  }

  /** Everything that was pushed, as a part of a text; before `finish`, without what is still in the buffer. */
  part(): InputPart {
    const isFinished = this.#used === 0;
    return {
      bytes: this.#consumed,
      lines: this.line,
      losses: this.losses,
      beginsWithBlank: this.#firstByte === SPACE || this.#firstByte === TAB,
      endsLine: this.#lastByte === NEWLINE,
      endsOpen: isFinished ? this.#endsOpen : true,
    };
  }

  /** Goes on as if the text of the part, which others have read, had been pushed and finished. */
  join({ bytes, lines, losses }: InputPart): void {
    const samples = losses.samples.map((sample) => ({
      ...sample,
      line: sample.line + this.line,
      offset: sample.offset + this.#consumed,
    }));
    addLosses(this.losses, { ...losses, samples });
    this.#consumed += bytes;
    this.line += lines;
  }

  /** Parses all complete records in the buffer and keeps the rest, which is never more than two lines' length. */
  #consume(reader: RecordReader, final: boolean): void {
    const { data, words } = this;
    const used = this.#used;
    let at = 0;
    while (at < used) {
      const newline = findByte(data, words, NEWLINE, at, used);
      const tooLong = newline - at > MAX_RECORD_BYTES;
      // The same rule for a line that is in the buffer and for one that is not yet, so that cuts do not matter.
      if (tooLong && !this.#skipping && reader.ignoresLongLine?.() !== true)
        this.lost(at, newline, `a line of at most ${MAX_RECORD_BYTES} bytes`);
      if (newline === used && !final) {
        if (tooLong) {
          this.#skipping = true;
          at = used;
        }
        break;
      }
      if (tooLong || this.#skipping) {
        this.#skipping = false;
        this.line++;
        at = newline + 1;
        continue;
      }
      // Files that went through Windows end lines with a carriage return as well.
      const end = newline > at && data[newline - 1] === RETURN ? newline - 1 : newline;
      const next = reader.record(at, end, newline + 1, used, final);
      if (next < 0) break;
      at = next;
    }
    at = Math.min(at, used);
    data.copyWithin(0, at, used);
    this.#used = used - at;
    this.#consumed += at;
  }

  /** Counts the line [at, end) as one that cannot be read; with `strict` throws instead. */
  lost(at: number, end: number, expected: string): void {
    const { losses } = this;
    const found = this.text(at, Math.min(end, at + 160));
    if (this.#options.strict === true) {
      throw new InputError({
        where: this.where(at),
        found: quoted(found),
        expected,
        advice: 'Without --strict such lines are counted as losses and skipped.',
      });
    }
    losses.truncatedLines++;
    if (losses.samples.length < MAX_LOSS_SAMPLES) {
      losses.samples.push({ line: this.line + 1, offset: this.#consumed + at, expected, found });
    }
  }

  /** The place of position `at` of the buffer, for messages. */
  where(at: number): string {
    return `${this.#options.name}, line ${this.line + 1}, byte ${this.#consumed + at}`;
  }

  text(start: number, end: number): string {
    return this.#decoder.decode(this.data.subarray(start, end));
  }
}
