import { ByteInterner } from '../../base/byte-interner.ts';
import { EVENT } from '../../trace/event-type.ts';
import type { ShapeProblem } from '../../trace/impossible-shape.ts';
import { EVENT_NAMES } from './event-names.ts';
import { eventSpec, ROLE, typedEventSpec, type EventSpec } from './event-spec.ts';

/** Distinct shapes of one event: far more than real traces have, and a bound on what a hostile one can fill. */
export const SHAPE_LIMITS = { keys: 1 << 17, bytes: 1 << 24 };
/** A kernel has some thousand tracepoints. */
const MAX_KINDS = 1 << 13;
/** Those that are kept are few, but a trace may describe them over and over. */
const MAX_KEPT_KINDS = 64;
/** Numbers of fields up to here are looked up in an array. */
const DIRECT = 1024;

/** One tracepoint: how it is read, how often it was, and the shapes that it had. */
export class EventKind {
  readonly spec: EventSpec;
  readonly isKept: boolean;
  readonly hasNames: boolean;
  /** What of its messages is their shape, as bytes; of those that are not kept, nothing. */
  readonly keys: ByteInterner;
  /** Shape number of each key, −1 for one that cannot be decoded. */
  readonly shapes: number[] = [];
  readonly problems = new Map<number, ShapeProblem>();
  count = 0;
  /** Its key is a page. */
  readonly hasPfns: boolean;
  /** The tag of the key, if it is one byte; else 0. */
  readonly keyTag: number;

  constructor(spec: EventSpec, keys: ByteInterner) {
    this.spec = spec;
    this.keys = keys;
    this.isKept = spec.type >= 0;
    this.hasNames = spec.names.length > 0;
    this.hasPfns = this.isKept && spec.type <= EVENT.mm_page_free_batched;
    const keyField = spec.roles.indexOf(ROLE.key);
    this.keyTag = keyField > 0 && keyField < 16 ? keyField << 3 : 0;
  }
}

/** The tracepoints of a trace. */
export class EventKinds {
  /** In order of first appearance. */
  readonly #all: EventKind[] = [];
  readonly #byField: (EventKind | undefined)[] = [];
  /** Numbers of fields that the trace describes. */
  readonly #described = new Set<number>();
  /** Those of `#byField` that are read for their key and shape alone. */
  readonly #usual: (EventKind | undefined)[] = [];
  readonly #byRareField = new Map<number, EventKind>();
  readonly #byName = new Map<string, EventKind>();
  /** Events whose kinds come after those that there is room for. */
  readonly #others: EventKind;
  readonly #noKeys = new ByteInterner({ keys: 0, bytes: 0 });
  #kept = 0;

  constructor() {
    this.#others = new EventKind(eventSpec('(other events)', new Map()), this.#noKeys);
  }

  /** The kind of event that has the field `field` in FtraceEvent. */
  ofField(field: number): EventKind {
    return this.#known(field) ?? this.#new(field);
  }

  /** The kind of event with that field, if such events are kept for their key alone and its field has a tag of one byte. */
  usual(field: number): EventKind | undefined {
    return field < DIRECT ? this.#usual[field] : undefined;
  }

  /** The kind of an event that Perfetto has a message for, or none that the trace would describe. */
  named(name: string): EventKind {
    let kind = this.#byName.get(name);
    if (kind === undefined) {
      kind = this.#add(typedEventSpec(name));
      if (kind !== this.#others) this.#byName.set(name, kind);
    }
    return kind;
  }

  /** From here on, events with this field are read so. Gives how many could not be, because they came before. */
  describe(field: number, spec: EventSpec): number {
    const known = this.#known(field);
    if (known?.spec.name === spec.name) return 0;
    const kind = this.#add(spec);
    if (kind !== this.#others) {
      this.#setField(field, kind);
      this.#described.add(field);
    }
    return kind.isKept && known !== undefined ? known.count : 0;
  }

  /** Whether nothing has said what events with this field are. */
  isUnknown(field: number): boolean {
    return !EVENT_NAMES.has(field) && !this.#described.has(field);
  }

  /** How often each was read. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { spec, count } of [...this.#all, this.#others]) {
      if (count > 0) counts.set(spec.name, (counts.get(spec.name) ?? 0) + count);
    }
    return counts;
  }

  #known(field: number): EventKind | undefined {
    return field < DIRECT ? this.#byField[field] : this.#byRareField.get(field);
  }

  #new(field: number): EventKind {
    const name = EVENT_NAMES.get(field);
    const kind = name === undefined ? this.#add(eventSpec(`(event ${field})`, new Map())) : this.named(name);
    if (kind !== this.#others) this.#setField(field, kind);
    return kind;
  }

  #setField(field: number, kind: EventKind): void {
    if (field < DIRECT) {
      this.#byField[field] = kind;
      this.#usual[field] = kind.isKept && kind.keyTag !== 0 && !kind.hasNames ? kind : undefined;
    } else this.#byRareField.set(field, kind);
  }

  #add(spec: EventSpec): EventKind {
    const isKept = spec.type >= 0;
    if (this.#all.length >= MAX_KINDS || (isKept && this.#kept >= MAX_KEPT_KINDS)) return this.#others;
    if (isKept) this.#kept++;
    const kind = new EventKind(spec, isKept ? new ByteInterner(SHAPE_LIMITS) : this.#noKeys);
    this.#all.push(kind);
    return kind;
  }
}
