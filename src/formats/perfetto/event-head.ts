import { WireReader } from '../../base/wire-reader.ts';
import { EVENT_HEAD } from './tags.ts';

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
    const wire = this.#wire;
    this.hi = this.lo = this.pid = this.field = 0;
    wire.open(data, start, end);
    for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
      if (tag === EVENT_HEAD.timestamp) {
        wire.varint();
        this.hi = wire.hi;
        this.lo = wire.lo;
      } else if (tag === EVENT_HEAD.pid) {
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
