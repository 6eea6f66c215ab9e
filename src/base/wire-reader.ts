/** Wire types of protobuf (protobuf.dev, "Encoding"). */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Bytes that must be readable after the end of what a `WireReader` reads: a number is at most ten bytes long. */
export const WIRE_PADDING = 16;

/** The bit of a byte of a number that says that it goes on. */
export const MORE = 0x80;

/** Of four bytes of a number, the bits that say that it goes on. */
export const MORE_4 = 0x8080_8080 | 0;

/** The 28 bits of a number that are in four bytes of it. */
export const bits28 = (word: number): number =>
  (word & 0x7f) | ((word >>> 1) & 0x3f80) | ((word >>> 2) & 0x1f_c000) | ((word >>> 3) & 0xfe0_0000);

/**
 * Reads the wire format of protobuf, without schema and without objects: the caller looks at tags and takes what it
 * knows.
 *
 * It never throws and never reads beyond `end`: at the first thing that is malformed `failed` is set and `at` is `end`,
 * so that loops over fields come to their end. Whoever cares looks at `failed` then.
 */
export class WireReader {
  /** Has at least `WIRE_PADDING` bytes after `end`, of any value: so that numbers are read without a check per byte. */
  data: Uint8Array = new Uint8Array(WIRE_PADDING);
  at = 0;
  end = 0;
  failed = false;
  /** The number that was read last, as two signed halves. */
  hi = 0;
  lo = 0;

  /** Turns to `data[start, end)`. */
  open(data: Uint8Array, start: number, end: number): void {
    this.data = data;
    this.at = start;
    this.end = end;
    this.failed = false;
  }

  /** The next tag: field number times 8 plus wire type; 0 at the end. */
  tag(): number {
    if (this.at >= this.end) return 0;
    const { data } = this;
    const first = data[this.at];
    let tag = first;
    if (first < 0x80) {
      this.at++;
    } else {
      const second = data[this.at + 1];
      if (second < 0x80) {
        tag = (first & 0x7f) | (second << 7);
        this.at += 2;
      } else {
        this.varint();
        // Field numbers have 29 bits.
        tag = this.hi === 0 ? this.lo >>> 0 : 0;
      }
    }
    // 0 is no field number.
    if (tag >>> 3 === 0 || this.at > this.end) this.fail();
    return this.failed ? 0 : tag;
  }

  /** Reads a number into `hi` and `lo`. */
  varint(): void {
    const { data } = this;
    let at = this.at;
    let byte = data[at++];
    let lo = byte & 0x7f;
    let hi = 0;
    done: if (byte >= 0x80) {
      byte = data[at++];
      lo |= (byte & 0x7f) << 7;
      if (byte < 0x80) break done;
      byte = data[at++];
      lo |= (byte & 0x7f) << 14;
      if (byte < 0x80) break done;
      byte = data[at++];
      lo |= (byte & 0x7f) << 21;
      if (byte < 0x80) break done;
      byte = data[at++];
      lo |= byte << 28;
      hi = (byte & 0x7f) >>> 4;
      if (byte < 0x80) break done;
      byte = data[at++];
      hi |= (byte & 0x7f) << 3;
      if (byte < 0x80) break done;
      byte = data[at++];
      hi |= (byte & 0x7f) << 10;
      if (byte < 0x80) break done;
      byte = data[at++];
      hi |= (byte & 0x7f) << 17;
      if (byte < 0x80) break done;
      byte = data[at++];
      hi |= (byte & 0x7f) << 24;
      if (byte < 0x80) break done;
      byte = data[at++];
      hi |= byte << 31;
      if (byte > 1) at = this.end + 1;
    }
    this.at = at;
    this.hi = hi;
    this.lo = lo;
    if (at > this.end) this.fail();
  }

  /** Reads a number of which the lower half is wanted, unsigned. */
  uint32(): number {
    this.varint();
    return this.lo >>> 0;
  }

  /** Reads a number as a double: exact below 2^53. */
  uint(): number {
    this.varint();
    return (this.hi >>> 0) * 0x1_0000_0000 + (this.lo >>> 0);
  }

  /** Reads a length and gives where what has it ends; it begins at `at`. */
  bytesEnd(): number {
    this.varint();
    const length = this.lo;
    if (this.hi !== 0 || length < 0 || length > this.end - this.at) {
      this.fail();
      return this.end;
    }
    return this.at + length;
  }

  /** Passes over the value of a field. */
  skip(tag: number): void {
    switch (tag & 7) {
      case WIRE.varint:
        this.varint();
        return;
      case WIRE.bytes:
        this.at = this.bytesEnd();
        return;
      case WIRE.fixed64:
        this.at += 8;
        break;
      case WIRE.fixed32:
        this.at += 4;
        break;
      default:
        // Groups are not used any more.
        this.fail();
        return;
    }
    if (this.at > this.end) this.fail();
  }

  /** Marks what is read as malformed, and ends it. */
  fail(): void {
    this.failed = true;
    this.at = this.end;
  }
}
