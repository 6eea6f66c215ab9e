import { FULL } from '../../base/byte-interner.ts';
import { TimeMerge } from '../../base/time-merge.ts';
import { WireReader } from '../../base/wire-reader.ts';
import type { EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { EventShape } from '../../trace/event-table.ts';
import { EVENT } from '../../trace/event-type.ts';
import { isImpossiblePfn, POSSIBLE_PFN } from '../../trace/bounds.ts';
import { hexAddress, type Addresses } from '../tracepoint/addresses.ts';
import { readCompactSched } from './compact-sched.ts';
import { CpuStream } from './cpu-stream.ts';
import { noValues, readValues, setNumber, shapeOfValues } from './decode-shape.ts';
import type { ShapeProblem } from '../../trace/impossible-shape.ts';
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
import { BUNDLE } from './tags.ts';
import type { TaskNames } from './task-names.ts';
import { TimeBase } from './time-base.ts';
import { UsualEvents } from './usual-events.ts';

/** The field of FtraceEvent for events without a message of their own. */
const GENERIC_FIELD = 327;
/** FtraceClock, as tracefs calls the clocks. */
const CLOCKS = ['boot', 'unknown', 'global', 'local', 'mono_raw'];

/** Larger than any kernel's NR_CPUS; more in a file is damage. */
const MAX_CPUS = 1 << 13;

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
  readonly #base = new TimeBase();
  readonly #usual: UsualEvents;
  readonly #decoder = new TextDecoder();
  readonly #bundle = new WireReader();
  readonly #message = new WireReader();
  readonly #head = new EventHead();
  readonly #fields = new EventFields();
  /** Time and sequence of the event that is read. */
  #time = 0;
  #sequence = 0;
  /** Number of the clock of the bundle that is read. */
  #clock = 0;
  /** What describes events in the rest of the bundle has been read. */
  #lookedAhead = false;
  /** What interned symbols mean while the bundle is read. */
  #symbolState = 0;
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
    this.#usual = new UsualEvents(this.#kinds, this.#origins, this.#shapes, this.#base);
  }

  /** Reads the FtraceEventBundle `[start, end)` of the input's buffer. */
  bundle(start: number, end: number, sequence: number): void {
    const input = this.#input;
    const { data, view } = input;
    const stream = this.#stream(sequence, this.#cpuOf(start, end));
    if (stream === undefined) {
      input.lost(start, `a CPU below ${MAX_CPUS}`);
      return;
    }
    this.#sequence = sequence;
    this.#symbolState = this.#symbols.hasNames ? this.#symbols.state(sequence) : 0;
    this.#clock = 0;
    this.#lookedAhead = false;
    const wire = this.#bundle;
    wire.open(data, start, end);
    while (wire.at < end) {
      wire.at = this.#usual.read(data, view, wire.at, end, this.#symbolState, stream);
      this.#bundleField(wire, stream);
    }
    if (wire.failed) input.lost(start, 'a bundle of whole events');
    this.clocks.add(CLOCKS[this.#clock] ?? 'unknown');
  }

  /** How often each event was read. */
  counts(): Map<string, number> {
    return this.#kinds.counts();
  }

  get totalEvents(): number {
    return [...this.counts().values()].reduce((sum, count) => sum + count, 0);
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
    const { losses } = this.#input.log;
    for (const { clockBackwards, unrecordedFlags } of streams) {
      losses.clockBackwards += clockBackwards;
      losses.unrecordedFlags += unrecordedFlags;
    }
    const inOrder = streams
      .filter((stream) => stream.rewind((batch) => table.recycle(batch)))
      .toSorted((a, b) => a.cpu - b.cpu);
    new TimeMerge(inOrder).runAll((stream, before) => stream.moveTo(table, origins, shift * 1e9, before));
    for (const names of origins) names.addOne();
    for (const { firstTime, lastTime, lastSchedTime } of streams) {
      if (!Number.isFinite(firstTime)) continue;
      table.seen(firstTime - shift * 1e9);
      table.seen(Math.max(lastTime, lastSchedTime) - shift * 1e9);
    }
    return this.#base.isKnown ? this.#base.seconds + shift : 0;
  }

  /** The CPU of a bundle: Perfetto writes it first, but it may stand behind the events. */
  #cpuOf(start: number, end: number): number {
    const wire = this.#bundle;
    wire.open(this.#input.data, start, end);
    let cpu = 0;
    for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
      if (tag !== BUNDLE.cpu) {
        wire.skip(tag);
        continue;
      }
      const isFirst = wire.at === start + 1;
      cpu = wire.uint32();
      if (isFirst) break;
    }
    return cpu;
  }

  /** Reads one field of a bundle, if there is one more. */
  #bundleField(wire: WireReader, stream: CpuStream): void {
    const input = this.#input;
    const tag = wire.tag();
    switch (tag) {
      case 0:
        return;
      case BUNDLE.lostEvents:
        if (wire.uint32() !== 0) this.flaggedLosses++;
        return;
      case BUNDLE.clock:
        this.#clock = wire.uint32();
        return;
      case BUNDLE.error:
        input.lost(wire.at, "a page of the kernel's buffer that Perfetto could read");
        wire.skip(tag);
        return;
      case BUNDLE.event:
      case BUNDLE.compactSched:
      case BUNDLE.descriptor: {
        const stop = wire.bytesEnd();
        const start = wire.at;
        if (wire.failed) return;
        wire.at = stop;
        if (tag === BUNDLE.event) this.#event(start, stop, stream);
        else if (tag === BUNDLE.compactSched) this.#compactSched(start, stop, stream);
        else this.#describe(start, stop);
        return;
      }
      default:
        wire.skip(tag);
    }
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

  #compactSched(start: number, end: number, stream: CpuStream): void {
    const { data, view } = this.#input;
    const counts = readCompactSched(data, view, start, end, this.#tasks, (hi, lo) => this.#base.since(hi, lo));
    if (counts === undefined) {
      this.#input.lost(start, 'events of the scheduler in columns');
      return;
    }
    stream.firstTime = Math.min(stream.firstTime, counts.firstTime);
    stream.lastSchedTime = Math.max(stream.lastSchedTime, counts.lastTime);
    this.#kinds.named('sched_switch').count += counts.switches;
    this.#kinds.named('sched_waking').count += counts.wakings;
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

  /** Descriptions stand behind the events of their bundle: takes those that come in what `#bundle` is open on. */
  #lookAhead(): void {
    this.#lookedAhead = true;
    const { at, end, data } = this.#bundle;
    const wire = new WireReader();
    wire.open(data, at, end);
    for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
      if (tag !== BUNDLE.descriptor) {
        wire.skip(tag);
        continue;
      }
      const stop = wire.bytesEnd();
      if (!wire.failed) this.#describe(wire.at, stop);
      wire.at = stop;
    }
  }

  #event(start: number, end: number, stream: CpuStream): void {
    const head = this.#head;
    if (!head.read(this.#input.data, start, end)) {
      this.#input.lost(start, 'an event with its fields');
      return;
    }
    this.#time = this.#base.since(head.hi, head.lo);
    const kind = head.field === GENERIC_FIELD ? this.#generic(stream) : this.#typed(stream);
    if (kind !== undefined) this.#count(kind, stream);
  }

  #count(kind: EventKind, stream: CpuStream): void {
    kind.count++;
    this.#origins.number(this.#head.pid, stream);
    if (this.#time < stream.firstTime) stream.firstTime = this.#time;
    if (this.#time < stream.lastTime) stream.clockBackwards++;
    stream.lastTime = this.#time;
  }

  /** Reads an event that has a message of its own; undefined if it cannot be read, which is counted. */
  #typed(stream: CpuStream): EventKind | undefined {
    const { field } = this.#head;
    if (!this.#lookedAhead && this.#kinds.isUnknown(field)) this.#lookAhead();
    const kind = this.#kinds.ofField(field);
    if (kind.hasNames) this.#taskNames(kind);
    return kind.isKept && !this.#kept(kind, stream) ? undefined : kind;
  }

  #kept(kind: EventKind, stream: CpuStream): boolean {
    const input = this.#input;
    const { data, view } = input;
    const { start, end } = this.#head;
    const fields = this.#fields;
    if (!fields.read(data, start, end, kind.spec.roles) || !fields.hasKey) {
      input.lost(start, `the fields of ${kind.spec.name}`);
      return false;
    }
    const { start1, end1, start2, end2, keyHi, keyLo } = fields;
    const key = kind.keys.intern2(data, view, start1, end1, start2, end2, this.#symbolState);
    if (key === FULL) {
      input.lost(start, `at most ${SHAPE_LIMITS.keys} distinct combinations of call site, size and flags`);
      return false;
    }
    const shape = key >= 0 ? kind.shapes[key] : this.#newShape(kind, ~key);
    if (shape < 0) {
      input.lost(start, kind.problems.get(key >= 0 ? key : ~key)?.expected ?? `the fields of ${kind.spec.name}`);
      return false;
    }
    if (kind.hasPfns && !this.#isPfn(keyHi, keyLo)) return false;
    return this.#add(stream, shape, keyHi, keyLo);
  }

  #add(stream: CpuStream, shape: number, keyHi: number, keyLo: number): boolean {
    const origin = this.#origins.number(this.#head.pid, stream);
    if (origin < 0) {
      this.#input.lost(this.#head.start, `at most ${MAX_ORIGINS} distinct tasks`);
      return false;
    }
    stream.unrecordedFlags += this.#shapes.lacksFlags(shape);
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
    const decoded = whole ? shapeOfValues(kind.spec.type, values) : { expected: `the fields of ${kind.spec.name}` };
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

  /** Whether that can be a pfn; an event with one that cannot is counted as lost. */
  #isPfn(hi: number, lo: number): boolean {
    if (!isImpossiblePfn(hi, lo)) return true;
    this.#input.lost(this.#head.start, POSSIBLE_PFN);
    return false;
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
      key === undefined ? { expected: `the fields of ${name}` } : shapeOfValues(type, values);
    const shape = this.#shape(decoded);
    if (key === undefined || shape < 0) {
      this.#input.lost(start, 'expected' in decoded ? decoded.expected : 'fewer distinct events');
      return false;
    }
    if (type <= EVENT.mm_page_free_batched && !this.#isPfn(key.hi, key.lo)) return false;
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
}
