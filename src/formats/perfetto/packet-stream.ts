import { WIRE_PADDING } from '../../base/wire-reader.ts';

/** Perfetto's own writers stay below 1 MiB; only descriptors and the like are larger, and say nothing of memory. */
const MAX_PACKET_BYTES = 1 << 24;
const FIRST_BUFFER_BYTES = 1 << 20;
/** A tag and a length of five bytes. */
const MAX_HEADER_BYTES = 6;
/** Field 1 of Trace: a packet. */
export const PACKET_TAG = 0x0a;
/**
 * The marker that the service writes every some seconds, as the last field of a packet: where reading goes on after
 * what cannot be read (protos/perfetto/trace/trace_packet.proto, synchronization_marker).
 */
const MARKER = Uint8Array.from({ length: 16 }, (_, index) =>
  Number.parseInt('82477a76b28d42ba81dc33326d57a079'.slice(index * 2, index * 2 + 2), 16),
);

/** What is done with the packets of a trace. */
export interface PacketSink {
  /** A packet: `data[start, end)`, which begins at `offset` in the input. Readable for `WIRE_PADDING` bytes more. */
  packet(data: Uint8Array, view: DataView, start: number, end: number, offset: number): void;
  /** Input that is no packet, or one that is too long or cut short. */
  lost(offset: number, expected: string, found: string): void;
}

/** Cuts a stream of bytes into packets, however it comes. */
export class PacketStream {
  readonly #sink: PacketSink;
  #buffer = new Uint8Array(FIRST_BUFFER_BYTES + WIRE_PADDING);
  #view = new DataView(this.#buffer.buffer);
  #used = 0;
  /** Bytes of input before the buffer. */
  #consumed = 0;
  /** Bytes of a packet that is too long, still to come. */
  #skip = 0;
  /** The input is damaged: the next marker is looked for. */
  #searching = false;

  constructor(sink: PacketSink) {
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - from);
        this.#skip -= skipped;
        this.#consumed += skipped;
        from += skipped;
        continue;
      }
      const capacity = this.#buffer.length - WIRE_PADDING;
      if (this.#used === capacity) this.#grow(capacity * 2);
      const room = Math.min(this.#buffer.length - WIRE_PADDING - this.#used, chunk.length - from);
      this.#buffer.set(chunk.subarray(from, from + room), this.#used);
      this.#used += room;
      from += room;
      this.#consume();
    }
  }

  finish(): void {
    this.#consume();
    if (this.#skip > 0) this.#sink.lost(this.#consumed, `${this.#skip} bytes more of a packet`, 'the end of the input');
    else if (this.#used > 0 && !this.#searching) {
      this.#sink.lost(this.#consumed, 'a whole packet', `${this.#used} bytes and the end of the input`);
    }
  }

  #consume(): void {
    let at = 0;
    while (at < this.#used && this.#skip === 0) {
      const next = this.#searching ? this.#search(at) : this.#packet(at);
      if (next < 0) break;
      at = next;
    }
    if (this.#searching) at = Math.max(at, this.#used - MARKER.length + 1);
    at = Math.min(at, this.#used);
    if (at === 0) return;
    this.#buffer.copyWithin(0, at, this.#used);
    this.#used -= at;
    this.#consumed += at;
  }

  /** Reads the packet that begins at `at` and gives where the next one does, or −1 if more input is needed. */
  #packet(at: number): number {
    const data = this.#buffer;
    if (data[at] !== PACKET_TAG) return this.#damaged(at, 'a packet, which begins with byte 0a');
    let length = 0;
    let position = at + 1;
    for (let shift = 0; ; shift += 7) {
      if (position === this.#used) return -1;
      if (position - at >= MAX_HEADER_BYTES) return this.#damaged(at, 'the length of a packet in at most five bytes');
      const byte = data[position++];
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const end = position + length;
    if (length > MAX_PACKET_BYTES) {
      this.#sink.lost(this.#consumed + at, `a packet of at most ${MAX_PACKET_BYTES} bytes`, `one of ${length} bytes`);
      const here = Math.min(end, this.#used);
      this.#skip = end - here;
      return here;
    }
    if (end > this.#used) return -1;
    this.#sink.packet(data, this.#view, position, end, this.#consumed + at);
    return end;
  }

  #damaged(at: number, expected: string): number {
    // No more than the first byte: where the input was cut must not be seen in what is said of it.
    const found = this.#buffer[at].toString(16).padStart(2, '0');
    this.#sink.lost(this.#consumed + at, expected, `byte ${found}`);
    this.#searching = true;
    return at;
  }

  /** Gives where the packet after the next marker begins, or −1. */
  #search(from: number): number {
    const data = this.#buffer.subarray(0, this.#used);
    const last = data.length - MARKER.length;
    for (let at = data.indexOf(MARKER[0], from); at >= 0 && at <= last; at = data.indexOf(MARKER[0], at + 1)) {
      if (!MARKER.every((byte, index) => data[at + index] === byte)) continue;
      this.#searching = false;
      return at + MARKER.length;
    }
    return -1;
  }

  #grow(capacity: number): void {
    const grown = new Uint8Array(capacity + WIRE_PADDING);
    grown.set(this.#buffer);
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}
