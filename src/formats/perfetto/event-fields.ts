import { MORE, WireReader } from '../../base/wire-reader.ts';
import { ROLE } from './event-spec.ts';

/** Tag and value of a field with a number. */
const MAX_FIELD_BYTES = 11;

/**
 * What of an event's message is its key, and which bytes are its shape: two runs of fields. What stands between a
 * second run and a third joins them, which costs no more than that fewer events are found to be equal.
 */
export class EventFields {
  hasKey = false;
  keyHi = 0;
  keyLo = 0;
  start1 = 0;
  end1 = 0;
  start2 = 0;
  end2 = 0;
  readonly #wire = new WireReader();

  /** Reads the message `data[start, end)`, whose fields have these roles; false if it is malformed. */
  read(data: Uint8Array, start: number, end: number, roles: Uint8Array): boolean {
    this.hasKey = false;
    this.start1 = this.end1 = this.start2 = this.end2 = start;
    let at = start;
    while (at < end) {
      const from = at;
      const tag = data[at++];
      const field = tag >>> 3;
      // Field numbers of one byte, and values that are numbers: else in the general way, from here on.
      if ((tag & 0x87) !== 0 || field >= roles.length || field === 0) return this.#readAny(data, from, end, roles);
      const role = roles[field];
      if (role === ROLE.key) {
        at = this.#key(data, at);
      } else {
        while (at < end && data[at] >= MORE) at++;
        at++;
        if (role > ROLE.key) this.#shape(from, at);
      }
      if (at - from > MAX_FIELD_BYTES) return false;
    }
    return at === end;
  }

  #readAny(data: Uint8Array, start: number, end: number, roles: Uint8Array): boolean {
    const wire = this.#wire;
    wire.open(data, start, end);
    for (;;) {
      const from = wire.at;
      const tag = wire.tag();
      if (tag === 0) break;
      const role = roles[tag >>> 3] ?? ROLE.none;
      if (role === ROLE.key && (tag & 7) === 0) {
        wire.varint();
        this.keyHi = wire.hi;
        this.keyLo = wire.lo;
        this.hasKey = true;
      } else {
        wire.skip(tag);
        if (role > ROLE.key) this.#shape(from, wire.at);
      }
    }
    return !wire.failed;
  }

  /** Adds a field to the shape. */
  #shape(from: number, to: number): void {
    if (this.end1 === this.start1) {
      this.start1 = from;
      this.end1 = to;
    } else if (this.end2 === this.start2 && this.end1 === from) {
      this.end1 = to;
    } else {
      if (this.end2 === this.start2) this.start2 = from;
      this.end2 = to;
    }
  }

  /** Reads the number at `at`, which may have any size, and gives where it ends. */
  #key(data: Uint8Array, start: number): number {
    let at = start;
    let byte = data[at++];
    let lo = byte & 0x7f;
    for (let shift = 7; byte >= MORE && shift < 28; shift += 7) {
      byte = data[at++];
      lo |= (byte & 0x7f) << shift;
    }
    let hi = 0;
    if (byte >= MORE) {
      byte = data[at++];
      lo |= byte << 28;
      hi = (byte & 0x7f) >>> 4;
      for (let shift = 3; byte >= MORE && shift < 32; shift += 7) {
        byte = data[at++];
        hi |= (byte & 0x7f) << shift;
      }
      // A tenth byte has one bit.
      if (byte > 1 && at - start === 10) return at + MAX_FIELD_BYTES;
    }
    this.hasKey = true;
    this.keyHi = hi;
    this.keyLo = lo;
    return at;
  }
}
