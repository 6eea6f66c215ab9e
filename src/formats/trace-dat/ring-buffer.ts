import type { TimedStream } from '../../base/time-merge.ts';
import type { LossLog } from '../../trace/loss-log.ts';
import type { PageBlock } from './page-blocks.ts';
import type { PageLayout } from './page-layout.ts';

// include/linux/ring_buffer.h, enum ring_buffer_type: what the lowest five bits of a record's first word say.
const MAX_DATA_TYPE = 28;
const PADDING = 29;
const TIME_EXTEND = 30;

/** A time stamp in a record has 27 bits; 32 more follow in the word after it (kernel/trace/ring_buffer.c: TS_SHIFT). */
const TIME_UNIT = 2 ** 27;
const TIME_BITS = 27n;
/** An absolute time stamp has 59 bits; the five above them are those of its page. */
const ABSOLUTE_UNITS = 2 ** 32;

/** `commit` in the header of a page: its length, and flags that say that events before the page were lost. */
const COMMIT_MASK = (1 << 27) - 1;
const MISSED_EVENTS = 1 << 31;
/** The number of the lost events stands behind the data. */
const MISSED_STORED = 1 << 30;

/** How stamps of the ring buffer become times. */
export interface TimeScale {
  /** The stamp that times count from. */
  readonly zero: bigint;
  /** Time of that stamp, and nanoseconds in one unit of stamps. */
  readonly start: number;
  readonly unit: number;
}

/** Reads the records of one CPU from pages of its ring buffer. */
export class RingBuffer implements TimedStream {
  readonly cpu: number;
  /** The record that it stands at: `[start, end)` of the data. */
  data: Uint8Array = new Uint8Array(0);
  view = new DataView(this.data.buffer);
  start = 0;
  end = 0;
  /** Nanoseconds since the second in which the trace begins. */
  time = 0;
  /** Events that were lost since the record before. */
  missed = 0;

  readonly #blocks: Iterator<PageBlock>;
  readonly #layout: PageLayout;
  readonly #log: LossLog;
  #scale: TimeScale = { zero: 0n, start: 0, unit: 1 };
  #blockOffset = 0;
  #compressed = false;
  /** Where the next page, and the next record of this one, begin. */
  #nextPage = 0;
  #at = 0;
  #pageEnd = 0;
  /** Stamp of the last record, from zero on; and that of the page in units of 2^27, all of it. */
  #ticks = 0;
  #pageUnits = 0;

  constructor(cpu: number, blocks: Iterator<PageBlock>, layout: PageLayout, log: LossLog) {
    this.cpu = cpu;
    this.#blocks = blocks;
    this.#layout = layout;
    this.#log = log;
  }

  /** The stamp of the first page, or undefined if there is none. Must be called before anything else. */
  firstStamp(): bigint | undefined {
    return this.#nextBlock() && this.data.length >= this.#layout.dataOffset
      ? this.view.getBigUint64(0, true)
      : undefined;
  }

  /** Goes to the first record; false if there is none. */
  begin(scale: TimeScale): boolean {
    this.#scale = scale;
    return this.advance();
  }

  /** Where the record is in the file, or the chunk that it is in. */
  get offset(): number {
    return this.#compressed ? this.#blockOffset : this.#blockOffset + this.start;
  }

  advance(): boolean {
    for (;;) {
      const at = this.#at;
      if (at + 4 > this.#pageEnd) {
        if (!this.#openPage()) return false;
        continue;
      }
      const word = this.view.getInt32(at, true);
      const type = word & 31;
      const delta = word >>> 5;
      let next = at + 4;
      if (type <= MAX_DATA_TYPE) {
        let length = type << 2;
        if (type === 0) {
          // The length stands in a word of its own, which it includes.
          if (at + 8 > this.#pageEnd) {
            this.#badRecord();
            continue;
          }
          length = (this.view.getUint32(next, true) - 1) & ~3;
          next += 4;
        }
        const end = next + length;
        if (length < 0 || end > this.#pageEnd) {
          this.#badRecord();
          continue;
        }
        this.#ticks += delta;
        this.start = next;
        this.end = end;
        this.#at = end;
        this.time = this.#scale.start + this.#ticks * this.#scale.unit;
        return true;
      }
      if (type === PADDING && delta === 0) {
        // Nothing more on this page.
        this.#at = this.#pageEnd;
        continue;
      }
      if (at + 8 > this.#pageEnd) {
        this.#badRecord();
        continue;
      }
      const second = this.view.getUint32(next, true);
      if (type === PADDING) {
        // A record that was discarded after it was written; its time counts.
        this.#ticks += delta;
        next += second;
      } else {
        if (type === TIME_EXTEND) this.#ticks += second * TIME_UNIT + delta;
        else this.#ticks = this.#absolute(second, delta);
        next += 4;
      }
      if (next < at + 8) this.#badRecord();
      else this.#at = next;
    }
  }

  /** An absolute stamp, with the bits that it lacks (kernel/trace/ring_buffer.c:rb_fix_abs_ts), from zero on. */
  #absolute(upper: number, lower: number): number {
    const pageUpper = this.#pageUnits % ABSOLUTE_UNITS;
    let units = this.#pageUnits - pageUpper + upper;
    // Where the upper five bits are in use they may have gone on since the page began.
    if (this.#pageUnits >= ABSOLUTE_UNITS && upper < pageUpper) units += ABSOLUTE_UNITS;
    const { zero } = this.#scale;
    return (units - Number(zero >> TIME_BITS)) * TIME_UNIT + lower - Number(zero & (BigInt(TIME_UNIT) - 1n));
  }

  /** Opens the next page that has records; false if there is none. */
  #openPage(): boolean {
    const { pageBytes, dataOffset, longBytes } = this.#layout;
    for (;;) {
      if (this.#nextPage >= this.data.length) {
        if (!this.#nextBlock()) return false;
        continue;
      }
      const page = this.#nextPage;
      const pageEnd = Math.min(page + pageBytes, this.data.length);
      this.#nextPage = page + pageBytes;
      this.start = page;
      if (pageEnd - page < dataOffset) {
        this.#log.unreadable(this.offset, `a page of ${pageBytes} bytes`, `${pageEnd - page} bytes`);
        continue;
      }
      const commit = this.view.getInt32(page + 8, true);
      const length = commit & COMMIT_MASK;
      const end = page + dataOffset + length;
      if (end > pageEnd) {
        const most = pageEnd - page - dataOffset;
        this.#log.unreadable(this.offset, `a page with at most ${most} bytes of records`, `${length} bytes`);
        continue;
      }
      if ((commit & MISSED_EVENTS) !== 0) this.missed += this.#missedBefore(commit, end, pageEnd, longBytes);
      const stamp = this.view.getBigUint64(page, true);
      this.#ticks = Number(stamp - this.#scale.zero);
      this.#pageUnits = Number(stamp >> TIME_BITS);
      this.#at = page + dataOffset;
      this.#pageEnd = end;
      if (length > 0) return true;
    }
  }

  /** How many events were lost before a page; 1 if only that is known. */
  #missedBefore(commit: number, end: number, pageEnd: number, longBytes: 4 | 8): number {
    if ((commit & MISSED_STORED) === 0 || end + longBytes > pageEnd) return 1;
    const low = this.view.getUint32(end, true);
    const high = longBytes === 8 ? this.view.getUint32(end + 4, true) & 0xffff : 0;
    return Math.max(1, high * 0x1_0000_0000 + low);
  }

  #nextBlock(): boolean {
    const next = this.#blocks.next();
    if (next.done === true) return false;
    const { data, offset, compressed } = next.value;
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.#blockOffset = offset;
    this.#compressed = compressed;
    this.#nextPage = 0;
    this.#at = 0;
    this.#pageEnd = 0;
    return true;
  }

  /** A record that reaches beyond its page: where the next one begins is not known. */
  #badRecord(): void {
    this.start = this.#at;
    this.#log.unreadable(
      this.offset,
      'a record that ends within its page',
      `${this.#pageEnd - this.#at} bytes of page`,
    );
    this.#at = this.#pageEnd;
  }
}
