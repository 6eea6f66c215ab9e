import type { WireReader } from '../../base/wire-reader.ts';

/** InternedData.kernel_symbols (protos/perfetto/trace/interned_data/interned_data.proto). */
const KERNEL_SYMBOLS_TAG = (26 << 3) | 2;
const MAX_SYMBOLS = 1 << 20;
/** Indices begin at 1 and go up; an address of the kernel is never so small. */
const MAX_INDEX = 1 << 24;

/** The symbols of one packet sequence. */
interface Sequence {
  /** Numbers each state of each sequence; 0 is that in which nothing is interned. */
  state: number;
  readonly names: Map<number, string>;
}

/**
 * Names of kernel functions that events refer to by number, because addresses would give away where the kernel is
 * loaded (`symbolize_ksyms`). Numbers hold for one packet sequence, until it begins anew.
 */
export class InternedSymbols {
  readonly #decoder = new TextDecoder();
  readonly #sequences = new Map<number, Sequence>();
  #states = 0;
  #count = 0;

  /** What was interned on the sequence is not valid any more. */
  clear(sequence: number): void {
    const known = this.#sequences.get(sequence);
    if (known === undefined || known.names.size === 0) return;
    known.names.clear();
    known.state = ++this.#states;
  }

  /** Takes the symbols of an InternedData message that `wire` is open on; false if it is malformed. */
  read(sequence: number, wire: WireReader): boolean {
    for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
      if (tag === KERNEL_SYMBOLS_TAG) {
        const end = wire.bytesEnd();
        this.#symbol(sequence, wire, end);
      } else wire.skip(tag);
    }
    return !wire.failed;
  }

  /** Whether any were met: most traces have none. */
  get hasNames(): boolean {
    return this.#count > 0;
  }

  /** A number that differs for each meaning that numbers of symbols have had. */
  state(sequence: number): number {
    return this.#sequences.get(sequence)?.state ?? 0;
  }

  /** The symbol of a value, if it is the number of one. */
  name(sequence: number, value: number): string | undefined {
    return value > 0 && value < MAX_INDEX ? this.#sequences.get(sequence)?.names.get(value) : undefined;
  }

  /** InternedString: iid, str. */
  #symbol(sequence: number, wire: WireReader, end: number): void {
    let index = 0;
    let name = '';
    while (wire.at < end) {
      const tag = wire.tag();
      if (tag === 0x08) index = wire.uint();
      else if (tag === 0x12) {
        const stop = wire.bytesEnd();
        name = this.#decoder.decode(wire.data.subarray(wire.at, stop));
        wire.at = stop;
      } else wire.skip(tag);
    }
    if (wire.at > end) wire.fail();
    if (wire.failed || this.#count >= MAX_SYMBOLS || index >= MAX_INDEX) return;
    let known = this.#sequences.get(sequence);
    if (known === undefined) this.#sequences.set(sequence, (known = { state: ++this.#states, names: new Map() }));
    known.names.set(index, name);
    this.#count++;
  }
}
