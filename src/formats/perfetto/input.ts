import { LossLog } from '../../trace/loss-log.ts';
import type { ReaderOptions } from '../reader.ts';

/** The bytes that are read, where in the input they stand, and what of them cannot be used. */
export class Input {
  readonly log: LossLog;
  /** The buffer in which the packet that is read stands. */
  data: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  /** The packet is one of several that were compressed together; offsets are those of the packet that holds them. */
  isUnpacked = false;
  #packetStart = 0;
  #packetEnd = 0;
  #packetOffset = 0;

  constructor({ name, strict = false }: ReaderOptions) {
    this.log = new LossLog(name, strict);
  }

  /** Goes on to the packet `[start, end)` of a buffer, which begins at `offset` of the input. */
  open(data: Uint8Array, view: DataView, start: number, end: number, offset: number): void {
    this.#packetEnd = end;
    this.data = data;
    this.view = view;
    this.#packetStart = start;
    if (!this.isUnpacked) this.#packetOffset = offset;
  }

  /** What begins at `at` of the buffer is not what was expected. */
  lost(at: number, expected: string): void {
    // What stands behind the packet depends on how the input was cut.
    const shown = this.data.subarray(at, Math.min(at + 4, this.#packetEnd));
    const found = Array.from(shown, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    this.log.unreadable(this.#offsetOf(at), expected, `bytes ${found}`);
  }

  /** What begins at `at` of the buffer, for messages. */
  where(at: number): string {
    return `${this.log.where(this.#offsetOf(at))}${this.isUnpacked ? ', in compressed packets' : ''}`;
  }

  #offsetOf(at: number): number {
    return this.isUnpacked ? this.#packetOffset : this.#packetOffset + at - this.#packetStart;
  }
}
