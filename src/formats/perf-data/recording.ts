import { InputError } from '../../base/errors.ts';
import { EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { EventTable, KernelReference } from '../../trace/event-table.ts';
import { LossLog } from '../../trace/loss-log.ts';
import type { ByteSource } from '../byte-source.ts';
import type { StreamDecompressor } from '../decompressors.ts';
import type { ReaderOptions } from '../reader.ts';
import { KernelSymbols } from '../symbols/kallsyms.ts';
import { unnamedStacksWarning } from '../symbols/unnamed-stacks.ts';
import { NO_SYMBOLS, type SymbolTable } from '../symbols/symbol-table.ts';
import { Addresses } from '../tracepoint/addresses.ts';
import { TracepointDecoder } from '../tracepoint/decoder.ts';
import { RawStacks } from '../tracepoint/raw-stacks.ts';
import {
  FEATURE,
  isRecordType,
  isSimpleperfRecord,
  MISC_LOST_SAMPLES_BPF,
  RECORD,
  RECORD_HEADER_BYTES,
  recordName,
} from './abi.ts';
import { decodeAttribute, MIN_ATTR_BYTES } from './attribute.ts';
import { CompressedRecords } from './compressed-records.ts';
import { parseEventDesc } from './event-desc.ts';
import { OpenedEvents } from './opened-events.ts';
import { OrderedEvents } from './ordered-events.ts';
import { SampleReader } from './sample-reader.ts';
import { Tasks } from './tasks.ts';
import { MAX_TRACING_BYTES, parseTracingData, type TracingData } from './tracing-data.ts';
import { uint64At } from './uint64.ts';

export interface RecordingOptions extends ReaderOptions {
  /** Begins a zstd frame whose pieces are records. */
  readonly zstdStream: () => StreamDecompressor;
}

/** Longer than any name that is looked at. */
const MAX_TEXT = 128;
/** The map of the kernel itself is named after a symbol, whose address it has as its offset. */
const KERNEL_REFERENCE = /^\[kernel\.kallsyms\](\S+)$/;

/** The types of records that are looked at, and how long they are at least. */
const LEAST_BYTES: ReadonlyMap<number, number> = new Map([
  [RECORD.MMAP, 41],
  [RECORD.MMAP2, 73],
  [RECORD.LOST, 24],
  [RECORD.COMM, 17],
  [RECORD.FORK, 32],
  [RECORD.LOST_SAMPLES, 16],
  [RECORD.HEADER_ATTR, 8 + MIN_ATTR_BYTES],
  [RECORD.HEADER_TRACING_DATA, 12],
  [RECORD.FINISHED_ROUND, 8],
  [RECORD.AUXTRACE, 16],
  [RECORD.HEADER_FEATURE, 16],
  [RECORD.COMPRESSED, 8],
  [RECORD.COMPRESSED2, 16],
  [RECORD.SIMPLEPERF_KERNEL_SYMBOL, 12],
  [RECORD.SIMPLEPERF_TRACING_DATA, 12],
]);

/**
 * What the records of a perf.data say, as they come. Attributes and tracing data must be known before the first sample
 * that needs them.
 */
export class Recording {
  /** What attributes say; to be filled before the records that need them. */
  readonly events = new OpenedEvents();
  readonly #name: string;
  readonly #log: LossLog;
  readonly #table = new EventTableBuilder();
  readonly #ordered: OrderedEvents;
  readonly #decoder: TracepointDecoder;
  readonly #samples: SampleReader;
  readonly #compressed: CompressedRecords;
  /** Those in the file. */
  #symbols: SymbolTable = NO_SYMBOLS;
  #reference: KernelReference | undefined;
  #keepsAddresses: boolean;
  readonly #keepsAddressesOf: ((kernelRelease: string) => boolean) | undefined;
  #lostRecords = 0;
  #lostSamples = 0;
  #hasFormats = false;
  /** What the features say of the machine and of perf. */
  #kernelRelease = '';
  #architecture = '';
  #version = '';
  #isOfSimpleperf = false;
  #pageSize = 0;
  /** Records by type that are passed over. */
  readonly #passedOver = new Map<number, number>();
  /** Where the records cannot be followed any more. */
  #broken = false;

  constructor({ name, strict = false, keepAddresses = false, keepsAddressesOf, zstdStream }: RecordingOptions) {
    this.#name = name;
    const log = new LossLog(name, strict);
    const tasks = new Tasks(this.#table);
    const ordered = new OrderedEvents(this.#table, tasks, log);
    // Symbols come with the tracing data.
    const symbols = { size: 0, functionAt: (hi: number, lo: number) => this.#symbols.functionAt(hi, lo) };
    const addresses = new Addresses(symbols, log.losses);
    const decoder = new TracepointDecoder(ordered, log, addresses);
    const stacks = new RawStacks(this.#table, addresses, keepAddresses || keepsAddressesOf !== undefined);
    this.#keepsAddresses = keepAddresses;
    this.#keepsAddressesOf = keepsAddressesOf;
    const hasNames = (): boolean => this.#keepsAddresses || this.#symbols.size > 0;
    this.#samples = new SampleReader({ log, events: this.events, tasks, ordered, decoder, stacks, hasNames });
    this.#compressed = new CompressedRecords(zstdStream(), (data, view, start, end, offset) =>
      this.consume(data, view, start, end, offset, undefined),
    );
    this.#log = log;
    this.#ordered = ordered;
    this.#decoder = decoder;
  }

  /** Whether nothing more can be read. */
  get broken(): boolean {
    return this.#broken;
  }

  /** A feature that is a text, behind its length (tools/perf/util/header.c:do_write_string); others are left out. */
  addText(feature: number, data: Uint8Array): void {
    const text = textAt(data, 4, data.length);
    if (feature === FEATURE.OSRELEASE) {
      this.#kernelRelease = text;
      this.#keepsAddresses ||= this.#keepsAddressesOf?.(text) === true;
    } else if (feature === FEATURE.ARCH) this.#architecture = text;
    else if (feature === FEATURE.VERSION) this.#version = text;
  }

  addTracingData({ formats, kallsyms, pageSize }: TracingData): void {
    this.#hasFormats = true;
    this.#pageSize = pageSize;
    for (const format of formats) this.#decoder.add(format);
    if (kallsyms.length > 0) this.#symbols = new KernelSymbols(kallsyms);
  }

  /**
   * Reads the whole records in `data[start, end)`.
   *
   * @param view of the memory of `data`, from its beginning
   * @param offset of `start` in the input
   * @param source the input, where records may have something after them; undefined for records that were compressed
   * @returns where the first record begins that is not whole; beyond `end` where something is to be skipped
   */
  consume(
    data: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    offset: number,
    source: ByteSource | undefined,
  ): number {
    const shift = offset - start;
    let at = start;
    while (at + RECORD_HEADER_BYTES <= end) {
      if (this.#broken) return end;
      const type = view.getUint32(at, true);
      const size = view.getUint16(at + 6, true);
      if (size < RECORD_HEADER_BYTES) {
        this.#log.unreadableBytes(
          data,
          at,
          end,
          at + shift,
          `a record of ${RECORD_HEADER_BYTES} bytes or more; nothing after it is read`,
        );
        this.#broken = true;
        return end;
      }
      const next = at + size;
      if (next > end) break;
      if (type === RECORD.SAMPLE) this.#samples.read(data, view, at, next, at + shift);
      else at += this.#other(type, data, view, at, next, at + shift, source);
      at += size;
    }
    return at;
  }

  /** @param left bytes at the end that are no whole record, and where they are */
  finish(left: number, offset: number): EventTable {
    const cut = left > 0 ? left : this.#compressed.left;
    if (cut > 0 && !this.#broken) this.#log.unreadable(offset, 'a whole record', `${cut} bytes of one`);
    this.#ordered.finish();
    const byType = this.#decoder.counts();
    this.events.addCounts(byType);
    const { losses } = this.#log;
    // Kernels from 6.1 on count lost samples per event besides writing LOST records: the same loss, twice.
    losses.droppedEvents += Math.max(this.#lostRecords, this.#lostSamples);
    return this.#table.finish({
      byType,
      totalEvents: [...byType.values()].reduce((sum, count) => sum + count, 0),
      baseSeconds: this.#ordered.baseSeconds,
      losses,
      reference: this.#reference,
      unusable: this.events.unusable(this.#hasFormats),
      recording: {
        kernelRelease: this.#kernelRelease,
        architecture: this.#architecture,
        pageSize: this.#pageSize,
        clock: this.events.first?.attribute.clock ?? '',
        timeUnit: 'nanoseconds',
        recorder: this.#isOfSimpleperf ? 'simpleperf' : `perf ${this.#version}`.trim(),
        notes: this.#notes(),
        warnings: this.#warnings(),
        unnamedStacks: this.#samples.unnamedStacks,
        stackEntries: 0,
      },
    });
  }

  #warnings(): string[] {
    const count = this.#samples.unnamedStacks;
    return count === 0 ? [] : [unnamedStacksWarning(count)];
  }

  /** What was left out says nothing of memory, or it was counted: but whoever compares counts should know. */
  #notes(): string[] {
    const kinds = [...this.#passedOver].toSorted(([a], [b]) => a - b);
    if (kinds.length === 0) return [];
    const counts = kinds.map(([type, count]) => `${count} ${recordName(type)}`);
    return [`Records that say nothing of tracepoints were passed over: ${counts.join(', ')}.`];
  }

  /** Reads a record that is no sample, and gives how many bytes after it belong to it. */
  #other(
    type: number,
    data: Uint8Array,
    view: DataView,
    at: number,
    end: number,
    offset: number,
    source: ByteSource | undefined,
  ): number {
    if (isSimpleperfRecord(type)) this.#isOfSimpleperf = true;
    const needed = LEAST_BYTES.get(type);
    if (needed === undefined) {
      if (isRecordType(type)) this.#passedOver.set(type, (this.#passedOver.get(type) ?? 0) + 1);
      else this.#log.unreadableBytes(data, at, end, offset, 'a type of record that perf has');
      return 0;
    }
    if (end - at < needed) {
      this.#log.unreadableBytes(data, at, end, offset, `a record of type ${type} of at least ${needed} bytes`);
      return 0;
    }
    switch (type) {
      case RECORD.FINISHED_ROUND:
        this.#ordered.finishRound();
        return 0;
      case RECORD.COMM:
        this.#ordered.rename(this.#timeAtEnd(view, at, end), view.getInt32(at + 12, true), textAt(data, at + 16, end));
        return 0;
      case RECORD.FORK:
        this.#ordered.fork(this.#timeAt(view, at + 24), view.getInt32(at + 16, true), view.getInt32(at + 20, true));
        return 0;
      case RECORD.MMAP:
        this.#map(view, data, at, 40, end);
        return 0;
      case RECORD.MMAP2:
        // Since 6.17 perf asks for build ids, which come in these.
        this.#map(view, data, at, 72, end);
        return 0;
      case RECORD.SIMPLEPERF_KERNEL_SYMBOL: {
        const text = data.slice(at + 12, Math.min(end, at + 12 + view.getUint32(at + 8, true)));
        this.#symbols = new KernelSymbols(text);
        return 0;
      }
      case RECORD.SIMPLEPERF_TRACING_DATA: {
        const start = at + 12;
        const stop = Math.min(end, start + view.getUint32(at + 8, true));
        this.addTracingData(parseTracingData(data.subarray(start, stop), offset + 12, this.#name));
        return 0;
      }
      case RECORD.LOST:
        this.#lostRecords += bounded(uint64At(view, at + 16));
        return 0;
      case RECORD.LOST_SAMPLES:
        if ((view.getUint16(at + 4, true) & MISC_LOST_SAMPLES_BPF) === 0) {
          this.#lostSamples += bounded(uint64At(view, at + 8));
        }
        return 0;
      case RECORD.HEADER_ATTR:
        this.#headerAttr(data, view, at, end, offset);
        return 0;
      case RECORD.HEADER_FEATURE:
        if (view.getUint32(at + 8, true) === FEATURE.EVENT_DESC)
          this.events.describe(parseEventDesc(data.subarray(at + 16, end)));
        else this.addText(view.getUint32(at + 8, true), data.subarray(at + 16, end));
        return 0;
      case RECORD.HEADER_TRACING_DATA:
        return this.#headerTracingData(view.getUint32(at + 8, true), offset, offset + end - at, source);
      case RECORD.COMPRESSED:
      case RECORD.COMPRESSED2: {
        const start = at + (type === RECORD.COMPRESSED ? 8 : 16);
        const stop = type === RECORD.COMPRESSED ? end : start + uint64At(view, at + 8);
        if (source === undefined || stop > end)
          this.#log.unreadableBytes(data, at, end, offset, 'compressed records within the record');
        else this.#compressed.push(data.subarray(start, stop), this.#log.where(offset));
        return 0;
      }
      case RECORD.AUXTRACE:
        return source === undefined ? 0 : uint64At(view, at + 8);
      default:
        return 0;
    }
  }

  /** A map, which may be that of the kernel. @param name where in the record its name is */
  #map(view: DataView, data: Uint8Array, at: number, name: number, end: number): void {
    const reference = KERNEL_REFERENCE.exec(textAt(data, at + name, end));
    if (reference !== null) this.#reference = { symbol: reference[1], address: view.getBigUint64(at + 32, true) };
  }

  /** An attribute and the numbers of its event, from a pipe. */
  #headerAttr(data: Uint8Array, view: DataView, at: number, end: number, offset: number): void {
    const size = view.getUint32(at + 12, true);
    if (size < MIN_ATTR_BYTES || at + 8 + size > end) {
      this.#log.unreadableBytes(data, at, end, offset, 'an attribute that ends within the record');
      return;
    }
    const ids = Array.from({ length: (end - at - 8 - size) >> 3 }, (_, index) =>
      uint64At(view, at + 8 + size + index * 8),
    );
    this.events.add(decodeAttribute(view, at + 8, ids));
  }

  /** Tracing data, which stand after their record. */
  #headerTracingData(size: number, offset: number, from: number, source: ByteSource | undefined): number {
    if (source === undefined || size > MAX_TRACING_BYTES || from + size > source.size) {
      throw new InputError({
        where: this.#log.where(offset),
        found: `${size} bytes of tracing data`,
        expected: 'some that end within the file',
        advice: 'The file was cut short or damaged: copy it again, or record again.',
      });
    }
    this.addTracingData(parseTracingData(source.read(from, size), from, this.#name));
    return size;
  }

  /** The time of a record that is no sample; undefined if it has none. */
  #timeAtEnd(view: DataView, at: number, end: number): number | undefined {
    const fromEnd = this.events.first?.layout.timeFromEnd ?? -1;
    return fromEnd < 0 || end - fromEnd < at + 16 ? undefined : this.#timeAt(view, end - fromEnd);
  }

  /** What perf makes up of tasks that were there before has the time 0. */
  #timeAt(view: DataView, at: number): number {
    const hi = view.getInt32(at + 4, true);
    const lo = view.getInt32(at, true);
    return hi === 0 && lo === 0 ? Number.NEGATIVE_INFINITY : this.#ordered.timeOf(hi, lo);
  }
}

function textAt(data: Uint8Array, start: number, end: number): string {
  const limit = Math.min(end, start + MAX_TEXT);
  let stop = start;
  while (stop < limit && data[stop] !== 0) stop++;
  return new TextDecoder().decode(data.subarray(start, stop));
}

/** A count that can be added to others without an end. */
const bounded = (count: number): number => Math.min(count, 2 ** 40);
