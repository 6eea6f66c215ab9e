import { FULL } from '../../base/byte-interner.ts';
import { TimeMerge } from '../../base/time-merge.ts';
import { WireReader } from '../../base/wire-reader.ts';
import type { EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { EventShape } from '../../trace/event-table.ts';
import { EVENT } from '../../trace/event-type.ts';
import { impossiblePfn, isImpossiblePfn } from '../../trace/bounds.ts';
import { hexAddress, type Addresses } from '../tracepoint/addresses.ts';
import { readCompactSched } from './compact-sched.ts';
import { CpuStream } from './cpu-stream.ts';
import { noValues, readValues, setNumber, shapeOfValues, type ShapeProblem } from './decode-shape.ts';
import { readDescriptor } from './descriptor.ts';
import { EventFields } from './event-fields.ts';
import { EventHead } from './event-head.ts';
import { EventKinds, SHAPE_LIMITS, type EventKind } from './event-kinds.ts';
import { eventSpec, ROLE } from './event-spec.ts';
import { readGenericEvent, type GenericEvent } from './generic-event.ts';
import type { Input } from './input.ts';
import type { InternedSymbols } from './interned-symbols.ts';
import { MAX_ORIGINS, Origins } from './origins.ts';
import { Shapes } from './shapes.ts';
import type { TaskNames } from './task-names.ts';

/** Fields of FtraceEventBundle, as tags (protos/perfetto/trace/ftrace/ftrace_event_bundle.proto). */
const BUNDLE = {
  cpu: 0x08,
  event: 0x12,
  lostEvents: 0x18,
  compactSched: 0x22,
  clock: 0x28,
  error: 0x42,
  descriptor: 0x5a,
};
/** The field of FtraceEvent for events without a message of their own. */
const GENERIC_FIELD = 327;
/** FtraceClock, as tracefs calls the clocks. */
const CLOCKS = ['boot', 'unknown', 'global', 'local', 'mono_raw'];

/** Larger than any kernel's NR_CPUS; more in a file is damage. */
const MAX_CPUS = 1 << 13;
/** Passes over events of less than 128 bytes, which are nearly all: gives where another field begins. */
function afterShortEvents(data: Uint8Array, start: number, end: number): number {
  let at = start;
  for (let next = at; data[at] === BUNDLE.event && data[at + 1] < 0x80; at = next) {
    next = at + 2 + data[at + 1];
    if (next > end) break;
  }
  return at;
}

/**
 * Reads the ftrace events of a trace into its table.
 *
 * Events of a CPU come in the order of its buffer and are gathered apart for each; the streams are merged by time when
 * the trace ends, because nothing bounds how much later those of another CPU may come. The part of an event's message
 * that repeats (sizes, flags, call site) is interned as bytes and decoded once.
 */
export class FtraceEvents {
  /** Clocks of the time stamps. */
  readonly clocks = new Set<string>();
  /** Bundles before which the kernel lost events. */
  flaggedLosses = 0;
  totalEvents = 0;
  readonly #input: Input;
  readonly #table: EventTableBuilder;
  readonly #tasks: TaskNames;
  readonly #symbols: InternedSymbols;
  readonly #addresses: Addresses;
  /** By sequence, which is one recording of ftrace, and CPU. */
  readonly #streams = new Map<number, CpuStream[]>();
  #streamCount = 0;
  readonly #origins = new Origins();
  readonly #kinds = new EventKinds();
  readonly #shapes: Shapes;
  readonly #decoder = new TextDecoder();
  readonly #bundle = new WireReader();
  readonly #message = new WireReader();
  readonly #head = new EventHead();
  readonly #fields = new EventFields();
  /** Time and sequence of the event that is read. */
  #time = 0;
  #sequence = 0;
  /** What times are relative to, and in nanoseconds as halves; not known before the first event. */
  #baseSeconds = Number.NaN;
  #baseHi = 0;
  #baseLo = 0;

  constructor(
    input: Input,
    table: EventTableBuilder,
    tasks: TaskNames,
    symbols: InternedSymbols,
    addresses: Addresses,
  ) {
    this.#addresses = addresses;
    this.#input = input;
    this.#table = table;
    this.#tasks = tasks;
    this.#symbols = symbols;
    this.#shapes = new Shapes(table);
  }

  /** Reads the FtraceEventBundle `[start, end)` of the input's buffer. */
  bundle(start: number, end: number, sequence: number): void {
    const input = this.#input;
    const { data } = input;
    const wire = this.#bundle;
    const stream = this.#bundleHead(start, end, sequence);
    if (stream === undefined) {
      input.lost(start, `a CPU below ${MAX_CPUS}`);
      return;
    }
    this.#sequence = sequence;
    wire.open(data, start, end);
    while (wire.at < end) {
      const { at } = wire;
      const length = data[at + 1];
      // Events of less than 128 bytes, which are nearly all.
      if (data[at] === BUNDLE.event && length < 0x80 && at + 2 + length <= end) {
        wire.at = at + 2 + length;
        this.#event(at + 2, wire.at, stream);
      } else this.#bundleField(wire, stream);
    }
  }

  /** How often each event was read. */
  counts(): Map<string, number> {
    return this.#kinds.counts();
  }

  /** How many recordings of ftrace the trace has: data sources of Perfetto. */
  get sources(): number {
    return this.#streams.size;
  }

  /** Merges the streams into the table, and gives the second that its times are relative to. */
  finish(): number {
    const streams = [...this.#streams.values()].flatMap((byCpu) => byCpu.filter((stream) => stream !== undefined));
    const first = Math.min(...streams.map((stream) => stream.firstTime));
    const shift = Number.isFinite(first) ? Math.floor(first / 1e9) : 0;
    const table = this.#table;
    const origins = this.#origins.names(this.#tasks, table);
    const take = ({ batch, row }: CpuStream): void => {
      const time = batch.time[row];
      const origin = origins[batch.origin[row]].at(time);
      table.add(time - shift * 1e9, origin, batch.shape[row], batch.keyHi[row], batch.keyLo[row]);
    };
    const inOrder = streams
      .filter((stream) => stream.rewind((batch) => table.recycle(batch)))
      .toSorted((a, b) => a.cpu - b.cpu);
    new TimeMerge(inOrder).run(Number.POSITIVE_INFINITY, take);
    return Number.isNaN(this.#baseSeconds) ? 0 : this.#baseSeconds + shift;
  }

  /** Reads what a bundle says of all its events, which may stand behind them; undefined for a CPU that no kernel has. */
  #bundleHead(start: number, end: number, sequence: number): CpuStream | undefined {
    const input = this.#input;
    const wire = this.#bundle;
    let cpu = 0;
    let clock = 0;
    wire.open(input.data, start, end);
    for (;;) {
      wire.at = afterShortEvents(input.data, wire.at, end);
      const tag = wire.tag();
      if (tag === 0) break;
      switch (tag) {
        case BUNDLE.cpu:
          cpu = wire.uint32();
          break;
        case BUNDLE.lostEvents:
          if (wire.uint32() !== 0) this.flaggedLosses++;
          break;
        case BUNDLE.clock:
          clock = wire.uint32();
          break;
        case BUNDLE.error:
          input.lost(wire.at, "a page of the kernel's buffer that Perfetto could read");
          wire.skip(tag);
          break;
        case BUNDLE.descriptor: {
          const stop = wire.bytesEnd();
          this.#describe(wire.at, stop);
          wire.at = stop;
          break;
        }
        default:
          wire.skip(tag);
      }
    }
    if (wire.failed) input.lost(start, 'a bundle of whole events');
    this.clocks.add(CLOCKS[clock] ?? 'unknown');
    return this.#stream(sequence, cpu);
  }

  /** Reads one field of a bundle. */
  #bundleField(wire: WireReader, stream: CpuStream): void {
    const tag = wire.tag();
    if (tag !== BUNDLE.event && tag !== BUNDLE.compactSched) {
      if (tag !== 0) wire.skip(tag);
      return;
    }
    const stop = wire.bytesEnd();
    const start = wire.at;
    if (wire.failed) return;
    wire.at = stop;
    if (tag === BUNDLE.event) this.#event(start, stop, stream);
    else this.#compactSched(start, stop);
  }

  #stream(sequence: number, cpu: number): CpuStream | undefined {
    let streams = this.#streams.get(sequence);
    const known = streams?.[cpu];
    if (known !== undefined) return known;
    if (cpu >= MAX_CPUS || this.#streamCount >= MAX_CPUS) return undefined;
    if (streams === undefined) this.#streams.set(sequence, (streams = []));
    this.#streamCount++;
    const stream = new CpuStream(cpu);
    streams[cpu] = stream;
    return stream;
  }

  #compactSched(start: number, end: number): void {
    const { data, view } = this.#input;
    const counts = readCompactSched(data, view, start, end, this.#tasks, (hi, lo) => this.#timeOf(hi, lo));
    if (counts === undefined) {
      this.#input.lost(start, 'events of the scheduler in columns');
      return;
    }
    this.#kinds.named('sched_switch').count += counts.switches;
    this.#kinds.named('sched_waking').count += counts.wakings;
    this.totalEvents += counts.switches + counts.wakings;
  }

  /** An event that the trace describes: from here on it can be read. */
  #describe(start: number, end: number): void {
    const described = readDescriptor(this.#input.data, start, end);
    if (described === undefined) {
      this.#input.lost(start, 'the description of an event');
      return;
    }
    const { field, spec } = described;
    const before = this.#kinds.describe(field, spec);
    if (before > 0)
      this.#input.lost(start, `the description of ${spec.name} before the first of ${before} such events`);
  }

  #event(start: number, end: number, stream: CpuStream): void {
    const head = this.#head;
    if (!head.read(this.#input.data, start, end)) {
      this.#input.lost(start, 'an event with its fields');
      return;
    }
    this.#time = this.#timeOf(head.hi, head.lo);
    const kind = head.field === GENERIC_FIELD ? this.#generic(stream) : this.#typed(stream);
    if (kind === undefined) return;
    kind.count++;
    this.totalEvents++;
    if (this.#time < stream.lastTime) this.#input.log.losses.clockBackwards++;
    stream.lastTime = this.#time;
  }

  /** Reads an event that has a message of its own; undefined if it cannot be read, which is counted. */
  #typed(stream: CpuStream): EventKind | undefined {
    const kind = this.#kinds.ofField(this.#head.field);
    if (kind.hasNames) this.#taskNames(kind);
    return kind.isKept && !this.#kept(kind, stream) ? undefined : kind;
  }

  #kept(kind: EventKind, stream: CpuStream): boolean {
    const input = this.#input;
    const { data, view } = input;
    const { start, end } = this.#head;
    const fields = this.#fields;
    const state = this.#symbols.hasNames ? this.#symbols.state(this.#sequence) : 0;
    let shape = -1;
    // What a kernel did before it often does again, in the same order.
    const expected = kind.keyTag === 0 ? -1 : kind.keys.nextAt(view, start, end, state);
    if (expected >= 0 && fields.readKeyAt(data, start + kind.keys.lengthOf(expected), end, kind.keyTag)) {
      kind.keys.accept(expected);
      shape = kind.shapes[expected];
    }
    if (shape < 0) {
      if (!fields.read(data, start, end, kind.spec.roles) || !fields.hasKey) {
        input.lost(start, `the fields of ${kind.spec.name}`);
        return false;
      }
      const { start1, end1, start2, end2 } = fields;
      const key = kind.keys.intern2(data, view, start1, end1, start2, end2, state);
      if (key === FULL) {
        input.lost(start, `at most ${SHAPE_LIMITS.keys} distinct combinations of call site, size and flags`);
        return false;
      }
      shape = key >= 0 ? kind.shapes[key] : this.#newShape(kind, ~key);
      if (shape < 0) {
        input.lost(start, kind.problems.get(key >= 0 ? key : ~key)?.expected ?? `the fields of ${kind.spec.name}`);
        return false;
      }
    }
    const { keyHi, keyLo } = fields;
    if (kind.spec.type <= EVENT.mm_page_free_batched) this.#checkPfn(keyHi, keyLo);
    return this.#add(stream, shape, keyHi, keyLo);
  }

  #add(stream: CpuStream, shape: number, keyHi: number, keyLo: number): boolean {
    const origin = this.#origins.number(this.#head.pid, stream);
    if (origin < 0) {
      this.#input.lost(this.#head.start, `at most ${MAX_ORIGINS} distinct tasks`);
      return false;
    }
    this.#input.log.losses.unrecordedFlags += this.#shapes.lacksFlags(shape);
    stream.add(this.#time, origin, shape, keyHi, keyLo);
    return true;
  }

  /** Decodes the shape of the message that was read last. */
  #newShape(kind: EventKind, key: number): number {
    const { start1, end1, start2, end2 } = this.#fields;
    const { data } = this.#input;
    const values = noValues();
    const wire = this.#message;
    const symbol = (hi: number, lo: number): string => this.#callSite(hi, lo);
    wire.open(data, start1, end1);
    let whole = readValues(wire, kind.spec, values, symbol, this.#decoder);
    wire.open(data, start2, end2);
    whole = readValues(wire, kind.spec, values, symbol, this.#decoder) && whole;
    const decoded = whole
      ? shapeOfValues(kind.spec.type, values, () => this.#input.where(start1))
      : { expected: `the fields of ${kind.spec.name}` };
    const shape = this.#shape(decoded);
    if ('expected' in decoded) kind.problems.set(key, decoded);
    kind.shapes.push(shape);
    return shape;
  }

  #shape(decoded: EventShape | ShapeProblem): number {
    return 'expected' in decoded ? -1 : this.#shapes.number(decoded);
  }

  /** The function that an event names by its number or its address. */
  #callSite(hi: number, lo: number): string {
    const name = hi === 0 ? this.#symbols.name(this.#sequence, lo) : undefined;
    return name ?? this.#addresses.functionAt(hi, lo) ?? hexAddress(hi, lo);
  }

  #checkPfn(hi: number, lo: number): void {
    if (isImpossiblePfn(hi, lo)) throw impossiblePfn(this.#input.where(this.#head.start), hexAddress(hi, lo));
  }

  /** Reads an event without a message of its own: few events are, so that it may cost more. */
  #generic(stream: CpuStream): EventKind | undefined {
    const { start, end } = this.#head;
    this.#message.open(this.#input.data, start, end);
    const event = readGenericEvent(this.#message, this.#decoder);
    if (event === undefined) {
      this.#input.lost(start, 'a generic event with its fields');
      return undefined;
    }
    const kind = this.#kinds.named(event.name);
    return kind.isKept && !this.#genericKept(event, stream) ? undefined : kind;
  }

  #genericKept({ name, fields }: GenericEvent, stream: CpuStream): boolean {
    const { start } = this.#head;
    const numbers = new Map([...fields.keys()].map((field, index) => [field, index + 1]));
    const { type, roles } = eventSpec(name, numbers);
    const values = noValues();
    let key: { readonly hi: number; readonly lo: number } | undefined;
    for (const [field, value] of fields) {
      const role = roles[numbers.get(field) ?? 0];
      if (role === ROLE.key) key = value;
      else if (role === ROLE.cache) values.cache = value.text;
      else setNumber(values, role, value.hi, value.lo, (hi, lo) => this.#callSite(hi, lo));
    }
    const decoded: EventShape | ShapeProblem =
      key === undefined
        ? { expected: `the fields of ${name}` }
        : shapeOfValues(type, values, () => this.#input.where(start));
    const shape = this.#shape(decoded);
    if (key === undefined || shape < 0) {
      this.#input.lost(start, 'expected' in decoded ? decoded.expected : 'fewer distinct events');
      return false;
    }
    if (type <= EVENT.mm_page_free_batched) this.#checkPfn(key.hi, key.lo);
    return this.#add(stream, shape, key.hi, key.lo);
  }

  /** Takes the names of tasks from an event. */
  #taskNames({ spec }: EventKind): void {
    const { data, view } = this.#input;
    const { start, end, pid } = this.#head;
    const wire = this.#message;
    const tasks = this.#tasks;
    for (const fields of spec.names) {
      let task = -1;
      let from = 0;
      let to = 0;
      wire.open(data, start, end);
      for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
        if (tag === fields.pid << 3) {
          wire.varint();
          task = wire.lo;
        } else if (tag === ((fields.comm << 3) | 2)) {
          to = wire.bytesEnd();
          from = wire.at;
          wire.at = to;
        } else wire.skip(tag);
      }
      if (wire.failed || task < 0 || to === from) continue;
      const name = tasks.intern(data, view, from, to);
      if (!fields.before) tasks.set(task, this.#time, name);
      else if (!tasks.knows(task)) tasks.set(task, Number.NEGATIVE_INFINITY, name);
      // kernel/fork.c:copy_process copies the name: whoever forks is called as its child is.
      if (spec.childComm === fields.comm) tasks.list(pid, name);
    }
  }

  /** Nanoseconds since the base, which the first time stamp sets. */
  #timeOf(hi: number, lo: number): number {
    if (this.#baseSeconds !== this.#baseSeconds) {
      const nanoseconds = (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
      const seconds = nanoseconds / 1_000_000_000n;
      this.#baseSeconds = Number(seconds);
      this.#baseHi = Number((seconds * 1_000_000_000n) >> 32n);
      this.#baseLo = Number((seconds * 1_000_000_000n) & 0xffff_ffffn);
    }
    return ((hi >>> 0) - this.#baseHi) * 0x1_0000_0000 + ((lo >>> 0) - this.#baseLo);
  }
}
