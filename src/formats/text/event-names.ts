import { ByteInterner, FULL, runOf, type InternedRuns } from '../../base/byte-interner.ts';
import type { EventSpec } from './event-specs.ts';

const COLON = 0x3a;
/** Distinct tracepoints that are counted by name. A kernel has some thousand. */
const NAME_LIMITS = { keys: 1 << 14, bytes: 1 << 20 };

/** What is known of an event name: its count, and how it is read if it is kept. */
export interface NamedEvent {
  readonly name: string;
  readonly spec: EventSpec | undefined;
  count: number;
}

/** The names of a part of a text, and the counts of each, then those of `functions`. */
export interface NamesPart {
  readonly names: InternedRuns;
  readonly counts: Float64Array<ArrayBuffer>;
}

/** What an event that stands in a trace under some name is called, and how it is read if it is kept. */
export type NameMeaning = (text: string) => Pick<NamedEvent, 'name' | 'spec'>;

/** The names of events, as they stand in the trace, and how often each was read. */
export class EventNames {
  readonly #meaning: NameMeaning;
  readonly #decoder = new TextDecoder();
  readonly #names = new ByteInterner(NAME_LIMITS);
  readonly #events: NamedEvent[] = [];
  /** Events whose names come after those that there is room for. */
  readonly #others: NamedEvent = { name: '(other events)', spec: undefined, count: 0 };
  /** What the function tracer writes: no event, but an entry that the header counts. */
  readonly functions: NamedEvent = { name: 'function', spec: undefined, count: 0 };

  constructor(meaning: NameMeaning) {
    this.#meaning = meaning;
  }

  /** The event whose name is `data[start, end)`. */
  find(data: Uint8Array, view: DataView, start: number, end: number): NamedEvent {
    const id = this.#names.intern(data, view, start, end);
    if (id >= 0) return this.#events[id];
    return id === FULL ? this.#others : this.#add(data.subarray(start, end));
  }

  /** Where the name ends if the event that was found last stands at `start` once more, or −1. */
  endOfLast(data: Uint8Array, view: DataView, start: number, end: number): number {
    const length = this.#names.lastAt(view, start, end - 1);
    return length > 0 && data[start + length] === COLON ? start + length : -1;
  }

  /** The event that was found last. */
  get last(): NamedEvent {
    return this.#events[this.#names.last];
  }

  /** How often each was read, in order of first appearance. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { name, count } of [...this.#events, this.functions, this.#others]) {
      // Names that are not text may differ and yet read the same.
      if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
    }
    return counts;
  }

  part(): NamesPart {
    const events = [...this.#events, this.functions];
    return { names: this.#names.runs(), counts: Float64Array.from(events, ({ count }) => count) };
  }

  /** Whether `join` can take all of these. */
  hasRoomFor(parts: readonly NamesPart[]): boolean {
    return this.#names.hasRoomFor(parts.map(({ names }) => names));
  }

  /** Adds the counts of a part. */
  join({ names, counts }: NamesPart): void {
    for (const [number, id] of this.#names.internAll(names).entries()) {
      if (id === this.#events.length) this.#add(runOf(names, number));
      this.#events[id].count += counts[number];
    }
    this.functions.count += counts[names.count];
  }

  #add(name: Uint8Array): NamedEvent {
    const event = { ...this.#meaning(this.#decoder.decode(name)), count: 0 };
    this.#events.push(event);
    return event;
  }
}
