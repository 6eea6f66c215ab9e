import { ByteInterner, FULL } from '../../base/byte-interner.ts';
import type { EventTableBuilder } from '../../trace/event-table-builder.ts';
import { hexAddress, type Addresses } from './addresses.ts';

/** Distinct stacks: far more than real traces have, and a bound on what a hostile one can fill. */
const STACK_LIMITS = { keys: 1 << 19, bytes: 1 << 27 };
/** More frames than the kernel records; the rest of a stack is cut. */
const MAX_FRAMES = 512;

/** Stack traces that are runs of addresses, innermost first. */
export class RawStacks {
  readonly #table: EventTableBuilder;
  readonly #addresses: Addresses;
  readonly #keepAddresses: boolean;
  readonly #keys = new ByteInterner(STACK_LIMITS);

  /** @param keepAddresses whether a frame without a name is kept as its address; see `ReaderOptions` */
  constructor(table: EventTableBuilder, addresses: Addresses, keepAddresses = false) {
    this.#table = table;
    this.#addresses = addresses;
    this.#keepAddresses = keepAddresses;
  }

  /**
   * The number of the stack whose addresses are `data[start, end)`, or −1 if there are too many.
   *
   * @param wide whether an address has 8 bytes, else 4
   */
  find(data: Uint8Array, view: DataView, start: number, end: number, wide: boolean): number {
    const key = this.#keys.intern(data, view, start, end);
    if (key >= 0) return key;
    return key === FULL ? -1 : this.#table.stacks.add(this.#frames(view, start, end, wide));
  }

  #frames(view: DataView, start: number, end: number, wide: boolean): string[] {
    const frames: string[] = [];
    const size = wide ? 8 : 4;
    for (let at = start; at + size <= end && frames.length < MAX_FRAMES; at += size) {
      const lo = view.getInt32(at, true);
      const hi = wide ? view.getInt32(at + 4, true) : 0;
      const name = this.#addresses.functionAt(hi, lo);
      if (name !== undefined) frames.push(name);
      else if (this.#keepAddresses) frames.push(hexAddress(hi, lo));
    }
    return frames;
  }
}
