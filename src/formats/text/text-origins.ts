import { ByteInterner, FULL, runOf, type InternedRuns } from '../../base/byte-interner.ts';
import type { EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { EventOrigin } from '../../trace/event-table.ts';

/** Distinct tasks: far more than real traces have, and a bound on what a hostile one can fill. */
const LIMITS = { keys: 1 << 20, bytes: 1 << 26 };
/** What is wrong with a line when there is no room for its task. */
export const TOO_MANY_ORIGINS = `at most ${LIMITS.keys} distinct tasks`;

/** What stands before the time of an event, as it stands in the text: who was running, where. */
export class TextOrigins {
  readonly #table: EventTableBuilder;
  readonly #decode: (text: string) => EventOrigin | undefined;
  readonly #decoder = new TextDecoder();
  readonly #keys = new ByteInterner(LIMITS);
  readonly #cpus: number[] = [];

  /** @param decode undefined for text that is none */
  constructor(table: EventTableBuilder, decode: (text: string) => EventOrigin | undefined) {
    this.#table = table;
    this.#decode = decode;
  }

  /** The number of the origin `data[start, end)`, or `FULL`. */
  find(data: Uint8Array, view: DataView, start: number, end: number): number {
    const key = this.#keys.intern(data, view, start, end);
    if (key >= 0 || key === FULL) return key;
    this.#add(data.subarray(start, end));
    return ~key;
  }

  /** CPU of an origin, −1 for text that is none. */
  cpu(origin: number): number {
    return this.#cpus[origin];
  }

  /** The length of the origin that was found last, if its text stands at `start` once more, or −1. */
  lastAt(view: DataView, start: number, end: number): number {
    return this.#keys.lastAt(view, start, end);
  }

  /** The origin that was found last. */
  get last(): number {
    return this.#keys.last;
  }

  part(): InternedRuns {
    return this.#keys.runs();
  }

  /** Whether `join` can take all of these. */
  hasRoomFor(parts: readonly InternedRuns[]): boolean {
    return this.#keys.hasRoomFor(parts);
  }

  /** Adds what is new in a part, and gives the number of each origin here. */
  join(part: InternedRuns): Int32Array {
    const numbers = this.#keys.internAll(part);
    for (const [number, origin] of numbers.entries()) {
      if (origin === this.#cpus.length) this.#add(runOf(part, number));
    }
    return numbers;
  }

  #add(text: Uint8Array): void {
    const origin = this.#decode(this.#decoder.decode(text));
    // A number is used up either way, so that keys and origins stay in step.
    this.#table.addOrigin(origin ?? { comm: '', pid: 0, cpu: 0, softirq: false, hardirq: false });
    this.#cpus.push(origin?.cpu ?? -1);
  }
}
