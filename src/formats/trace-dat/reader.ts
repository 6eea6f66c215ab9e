import { InputError } from '../../base/errors.ts';
import { TimeMerge } from '../../base/time-merge.ts';
import { EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { EventTable } from '../../trace/event-table.ts';
import type { Recording } from '../../trace/recording.ts';
import { LossLog } from '../../trace/loss-log.ts';
import { EVENT_NOT_KEPT, NO_EVENT, PendingStacks } from '../../trace/pending-stacks.ts';
import type { ByteSource } from '../byte-source.ts';
import type { Decompress } from '../decompressors.ts';
import { FieldReader } from '../field-reader.ts';
import { refuseSeveralBuffers } from '../several-buffers.ts';
import type { BinaryReaderOptions, RandomAccessReader, ReaderOptions } from '../reader.ts';
import { KernelSymbols } from '../symbols/kallsyms.ts';
import { Addresses } from '../tracepoint/addresses.ts';
import { TracepointDecoder, type Tracepoint } from '../tracepoint/decoder.ts';
import { findField, parseEventFormat, type EventFormat } from '../tracepoint/event-format.ts';
import { Origins } from '../tracepoint/origins.ts';
import { RawStacks } from '../tracepoint/raw-stacks.ts';
import { CommandLines } from './command-lines.ts';
import { readFileHeader, type FileHeader } from './file-header.ts';
import { MAX_CPUS, type Layout, type TraceBuffer } from './layout.ts';
import { timesOf, type Clock } from './options.ts';
import { compressedBlocks, plainBlocks } from './page-blocks.ts';
import { pageLayout } from './page-layout.ts';
import { machinePageSize } from './machine-page-size.ts';
import { RingBuffer, type TimeScale } from './ring-buffer.ts';
import { readVersion6 } from './version-6.ts';
import { readVersion7 } from './version-7.ts';

/** Records between two stops. */
const RECORDS_AT_ONCE = 1 << 17;
const SECOND = 1_000_000_000n;

/** A CPU of a buffer, and what is remembered of it from record to record. */
class CpuStream extends RingBuffer {
  readonly buffer: number;
  readonly pending = new PendingStacks(true);
  lastTime = Number.NEGATIVE_INFINITY;

  constructor(buffer: number, ...rest: ConstructorParameters<typeof RingBuffer>) {
    super(...rest);
    this.buffer = buffer;
  }
}

/** Where the fields are that all records have. */
interface CommonFields {
  readonly type: number;
  readonly flags: number;
  readonly pid: number;
  readonly bytes: number;
}

/** How records of stack traces are read. */
interface StackFormat {
  readonly id: number;
  /** Where the addresses begin, and the field that counts them (−1 for none: up to 4.x all ones end them). */
  readonly callers: number;
  readonly count: number;
}

/** Reads trace.dat files of trace-cmd, versions 6 and 7. See docs/formats/trace-dat.md. */
export class TraceDatReader implements RandomAccessReader {
  readonly #options: BinaryReaderOptions;

  constructor(options: BinaryReaderOptions) {
    this.#options = options;
  }

  *read(source: ByteSource): Generator<undefined, EventTable> {
    const { name, strict, decompressors } = this.#options;
    const place = { name };
    const fields = new FieldReader(source, place);
    const header = readFileHeader(fields);
    const decompress = decompressorOf(header, decompressors);
    const layout =
      header.version === 6 ? readVersion6(source, fields, place) : readVersion7(source, header, place, decompress);
    requireBuffers(layout, name);

    const log = new LossLog(name, strict === true);
    const streams = openStreams(source, layout, decompress, name, log);
    const clockName = layout.options.clockName || (layout.buffers.find(({ clock }) => clock !== '')?.clock ?? '');
    const { clock, unit } = timesOf({ clock: layout.options.clock, clockName });
    const { scale, baseSeconds } = timeScale(streams, clock);
    const records = new Records(layout, log, this.#options);
    const merge = new TimeMerge(streams.filter((stream) => stream.begin(scale)));
    const take = (stream: CpuStream): boolean => {
      records.take(stream);
      return stream.advance();
    };
    while (merge.run(RECORDS_AT_ONCE, take)) yield;
    return records.finish(baseSeconds, header.pageSize, { clock: clockName, timeUnit: unit });
  }
}

function decompressorOf(
  { compression }: FileHeader,
  { zlib, zstd }: BinaryReaderOptions['decompressors'],
): Decompress | undefined {
  return compression === 'zlib' ? zlib : compression === 'zstd' ? zstd : undefined;
}

function requireBuffers({ buffers, hasText }: Layout, name: string): void {
  if (buffers.length > 0) return;
  throw new InputError({
    where: name,
    found: hasText ? 'a trace.dat with the text of a latency tracer' : 'a trace.dat without the data of any CPU',
    expected: 'recorded events',
    advice: hasText
      ? 'Turn it into text: `trace-cmd report FILE | tagscope report -`.'
      : 'The recording was not finished: `trace-cmd restore` makes a whole file of what there is.',
  });
}

function openStreams(
  source: ByteSource,
  { headerPage, buffers }: Layout,
  decompress: Decompress | undefined,
  name: string,
  log: LossLog,
): CpuStream[] {
  const cpus = buffers.reduce((sum, buffer) => sum + buffer.cpus.length, 0);
  if (cpus > MAX_CPUS) {
    throw new InputError({
      where: name,
      found: `data of ${cpus} CPUs`,
      expected: `at most ${MAX_CPUS}`,
      advice: 'The file is damaged: copy it again from where it was recorded, or record it again.',
    });
  }
  return buffers.flatMap((buffer: TraceBuffer, number) => {
    const layout = pageLayout(headerPage, buffer.pageBytes, name);
    return buffer.cpus.map((data) => {
      const blocks =
        buffer.compressed && decompress !== undefined
          ? compressedBlocks(source, data, layout.pageBytes, decompress, log)
          : plainBlocks(source, data, layout.pageBytes, cpus, log);
      return new CpuStream(number, data.cpu, blocks, layout, log);
    });
  });
}

/** Times count from the second of the first page. */
function timeScale(
  streams: readonly CpuStream[],
  { mult, shift, offset }: Clock,
): { scale: TimeScale; baseSeconds: number } {
  let zero: bigint | undefined;
  for (const stream of streams) {
    const stamp = stream.firstStamp();
    if (stamp !== undefined && (zero === undefined || stamp < zero)) zero = stamp;
  }
  zero ??= 0n;
  const first = ((zero * mult) >> shift) + offset;
  const seconds = first / SECOND;
  const unit = Number(mult) / 2 ** Number(shift);
  return { scale: { zero, start: Number(first - seconds * SECOND), unit }, baseSeconds: Number(seconds) };
}

/** Makes events of records, which come in order of time. */
class Records {
  readonly #table = new EventTableBuilder();
  readonly #log: LossLog;
  readonly #name: string;
  readonly #layout: Layout;
  readonly #decoder: TracepointDecoder;
  readonly #origins: Origins;
  readonly #stacks: RawStacks;
  readonly #common: CommonFields;
  readonly #kernelStack: StackFormat | undefined;
  readonly #userStack: number;
  readonly #wide: boolean;
  /** Bytes of a page of the ring buffer. */
  readonly #bufferPage: number;
  /** Kept events of each buffer. */
  readonly #kept: number[];
  #totalEvents = 0;
  #stackEntries = 0;

  constructor(layout: Layout, log: LossLog, { name, keepAddresses }: ReaderOptions) {
    this.#layout = layout;
    this.#log = log;
    this.#name = name;
    const addresses = new Addresses(new KernelSymbols(layout.kallsyms), log.losses);
    this.#decoder = new TracepointDecoder(this.#table, log, addresses);
    const commandLines = new CommandLines(layout.commandLines);
    this.#origins = new Origins(this.#table, (pid) => commandLines.of(pid));
    this.#stacks = new RawStacks(this.#table, addresses, keepAddresses === true);
    this.#kept = layout.buffers.map(() => 0);
    const { longBytes, pageBytes } = pageLayout(layout.headerPage, layout.buffers[0].pageBytes, name);
    this.#wide = longBytes === 8;
    this.#bufferPage = pageBytes;
    const formats = layout.formats.map(parseEventFormat).filter((format) => format !== undefined);
    for (const format of formats) this.#decoder.add(format);
    this.#common = commonFields(formats);
    this.#kernelStack = stackFormat(formats);
    this.#userStack = formats.find((format) => format.name === 'user_stack')?.id ?? -1;
  }

  /** Takes the record that a stream stands at. */
  take(stream: CpuStream): void {
    const { view, start, end, time } = stream;
    if (stream.missed > 0) {
      this.#log.losses.droppedEvents += stream.missed;
      stream.missed = 0;
      stream.pending.clear();
    }
    const common = this.#common;
    if (end - start < common.bytes) {
      this.#log.unreadable(stream.offset, `a record of at least ${common.bytes} bytes`, `${end - start} bytes`);
      return;
    }
    const id = view.getUint16(start + common.type, true);
    const origin = this.#origins.find(
      view.getInt32(start + common.pid, true),
      stream.cpu,
      view.getUint8(start + common.flags),
    );
    if (origin < 0) return this.#log.unreadable(stream.offset, 'fewer distinct tasks', 'one more');
    if (id === this.#userStack) {
      this.#stackEntries++;
      return;
    }
    if (this.#kernelStack !== undefined && id === this.#kernelStack.id) {
      this.#stackEntries++;
      return this.#stack(stream, this.#kernelStack, origin);
    }
    this.#event(stream, this.#decoder.find(id), time, origin);
  }

  #event(stream: CpuStream, tracepoint: Tracepoint, time: number, origin: number): void {
    const { data, view, start, end } = stream;
    const before = tracepoint.count;
    const index = this.#decoder.read(tracepoint, data, view, start, end, time, origin, stream.offset);
    stream.pending.push(index, origin);
    if (index >= 0) this.#kept[stream.buffer]++;
    else if (tracepoint.count > before) this.#table.seen(time);
    // Otherwise it could not be read.
    if (tracepoint.count === before) return;
    this.#totalEvents++;
    if (time < stream.lastTime) this.#log.losses.clockBackwards++;
    stream.lastTime = time;
  }

  /** Gives a stack trace to the event that it follows on its CPU, in the same context. */
  #stack({ data, view, start, end, pending }: CpuStream, format: StackFormat, origin: number): void {
    const event = pending.take(origin);
    if (event === EVENT_NOT_KEPT) return;
    const from = start + format.callers;
    const to = this.#endOfStack(view, start, from, end, format.count);
    const stack = event === NO_EVENT || to <= from ? -1 : this.#stacks.find(data, view, from, to, this.#wide);
    if (stack < 0 || !this.#table.setStack(event, stack)) this.#log.losses.orphanStacks++;
  }

  /** Where the addresses end: behind as many as the record says, without all ones, which end them in old kernels. */
  #endOfStack(view: DataView, start: number, from: number, end: number, count: number): number {
    const size = this.#wide ? 8 : 4;
    const frames = count < 0 || start + count + 4 > end ? -1 : view.getInt32(start + count, true);
    if (frames >= 0 && from + frames * size <= end) {
      const to = from + frames * size;
      return frames > 0 && this.#isAllOnes(view, to - size) ? to - size : to;
    }
    let to = from;
    while (to + size <= end && !this.#isAllOnes(view, to)) to += size;
    return to;
  }

  #isAllOnes(view: DataView, at: number): boolean {
    return view.getInt32(at, true) === -1 && (!this.#wide || view.getInt32(at + 4, true) === -1);
  }

  /** @param pageSize what the file calls a page */
  finish(baseSeconds: number, pageSize: number, times: Pick<Recording, 'clock' | 'timeUnit'>): EventTable {
    const { buffers, options } = this.#layout;
    refuseSeveralBuffers(
      this.#name,
      buffers.filter((_, number) => this.#kept[number] > 0).map(({ name }) => name),
    );
    // Pages say what was lost where it was noticed; the statistics also know what was lost last.
    const { losses } = this.#log;
    losses.droppedEvents = Math.max(losses.droppedEvents, options.dropped);
    const table = this.#table.finish({
      byType: this.#decoder.counts(),
      totalEvents: this.#totalEvents,
      baseSeconds,
      losses,
      recording: {
        kernelRelease: options.kernelRelease,
        architecture: options.architecture,
        pageSize: 0,
        ...times,
        recorder: `trace-cmd ${options.recorderVersion}`.trim(),
        notes: [],
        warnings: [],
        unnamedStacks: 0,
        stackEntries: this.#stackEntries,
      },
    });
    const machine = { architecture: options.architecture, pageSize, bufferPage: this.#bufferPage };
    return Object.freeze({ ...table, recording: { ...table.recording, ...machinePageSize(machine, table) } });
  }
}

/** The kernel has these fields in every record, at the same places (struct trace_entry). */
function commonFields(formats: readonly EventFormat[]): CommonFields {
  const place = (name: string, size: number, usual: number): number => {
    const field = formats.length === 0 ? undefined : findField(formats[0], name);
    return field !== undefined && field.size === size && field.offset < 64 ? field.offset : usual;
  };
  const type = place('common_type', 2, 0);
  const flags = place('common_flags', 1, 2);
  const pid = place('common_pid', 4, 4);
  return { type, flags, pid, bytes: Math.max(type + 2, flags + 1, pid + 4) };
}

function stackFormat(formats: readonly EventFormat[]): StackFormat | undefined {
  const format = formats.find(({ name }) => name === 'kernel_stack');
  const callers = format === undefined ? undefined : findField(format, 'caller');
  if (format === undefined || callers === undefined) return undefined;
  const count = findField(format, 'size');
  return { id: format.id, callers: callers.offset, count: count?.size === 4 ? count.offset : -1 };
}
