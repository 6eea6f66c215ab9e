import { WireReader } from '../../base/wire-reader.ts';

/** Fields of FtraceEvent that are not events, as tags (protos/perfetto/trace/ftrace/ftrace_event.proto). */
const TIMESTAMP = 0x08;
const PID = 0x10;

const MORE = 0x80;

/** What stands before the message of an event: when it was, whose it is, and which message it is. */
export class EventHead {
  /** The time stamp, as signed halves. */
  hi = 0;
  lo = 0;
  /** `common_pid`: the task that ran. */
  pid = 0;
  /** The number of the field that holds the message: which event it is. 0 for none. */
  field = 0;
  /** The message. */
  start = 0;
  end = 0;
  readonly #wire = new WireReader();

  /** Reads the FtraceEvent `data[start, end)`; false if it is malformed. */
  read(data: Uint8Array, start: number, end: number): boolean {
    return this.#readUsual(data, start, end) || this.#readAny(data, start, end);
  }

  /**
   * Reads what Perfetto writes for nearly every event: a time stamp of five to nine bytes, the task, and the message
   * last, with a field number of two bytes and a length of one. Half of the time of the general way goes into calls.
   */
  #readUsual(data: Uint8Array, start: number, end: number): boolean {
    let at = start + 5;
    const a = data[start + 1];
    const b = data[start + 2];
    const c = data[start + 3];
    const d = data[start + 4];
    if (data[start] !== TIMESTAMP || (a & b & c & d & MORE) === 0) return false;
    let byte = data[at++];
    this.lo = (a & 0x7f) | ((b & 0x7f) << 7) | ((c & 0x7f) << 14) | ((d & 0x7f) << 21) | (byte << 28);
    let hi = (byte & 0x7f) >>> 4;
    for (let shift = 3; byte >= MORE; shift += 7) {
      if (shift > 24) return false;
      byte = data[at++];
      hi |= (byte & 0x7f) << shift;
    }
    this.hi = hi;
    if (data[at++] !== PID) return false;
    byte = data[at++];
    let pid = byte & 0x7f;
    for (let shift = 7; byte >= MORE; shift += 7) {
      if (shift > 21) return false;
      byte = data[at++];
      pid |= (byte & 0x7f) << shift;
    }
    this.pid = pid;
    const tag = data[at];
    const tagEnd = data[at + 1];
    const length = data[at + 2];
    // Wire type 2, one more byte of the tag, one byte of length, and nothing behind the message.
    if ((tag & 0x87) !== 0x82 || tagEnd >= MORE || length >= MORE || at + 3 + length !== end) return false;
    this.field = ((tag & 0x7f) | (tagEnd << 7)) >>> 3;
    this.start = at + 3;
    this.end = end;
    return true;
  }

  #readAny(data: Uint8Array, start: number, end: number): boolean {
    const wire = this.#wire;
    this.hi = this.lo = this.pid = this.field = 0;
    wire.open(data, start, end);
    for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
      if (tag === TIMESTAMP) {
        wire.varint();
        this.hi = wire.hi;
        this.lo = wire.lo;
      } else if (tag === PID) {
        wire.varint();
        this.pid = Math.max(0, wire.lo);
      } else if ((tag & 7) === 2) {
        this.field = tag >>> 3;
        this.end = wire.bytesEnd();
        this.start = wire.at;
        wire.at = this.end;
      } else wire.skip(tag);
    }
    return !wire.failed && this.field !== 0;
  }
}
