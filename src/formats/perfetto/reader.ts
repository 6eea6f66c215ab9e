import { quoted } from '../../base/errors.ts';
import { WIRE_PADDING, WireReader } from '../../base/wire-reader.ts';
import { EventTableBuilder } from '../../trace/event-table-builder.ts';
import type { EventTable } from '../../trace/event-table.ts';
import type { Decompress } from '../decompressors.ts';
import type { BinaryReaderOptions, StreamReader } from '../reader.ts';
import { NO_SYMBOLS } from '../symbols/symbol-table.ts';
import { Addresses } from '../tracepoint/addresses.ts';
import { FtraceEvents } from './ftrace-events.ts';
import { FtraceStats } from './ftrace-stats.ts';
import { Input } from './input.ts';
import { InternedSymbols } from './interned-symbols.ts';
import { Packet, type Part } from './packet.ts';
import { PACKET_TAG, PacketStream, type PacketSink } from './packet-stream.ts';
import { readProcessTree } from './process-tree.ts';
import { readSystemInfo, type SystemInfo } from './system-info.ts';
import { TaskNames } from './task-names.ts';

/** The service compresses batches of less than 1 MiB; zlib makes at most 1 of 1032 bytes. */
const MAX_UNPACKED_BYTES = 1 << 25;
const MAX_UNPACKED_RATIO = 1100;
const MIN_UNPACKED_BOUND = 1 << 20;
/** A sequence is a thread that writes packets. */
const MAX_SEQUENCES = 1 << 16;

const isThere = ({ start, end }: Part): boolean => end > start;

/**
 * Reads a Perfetto trace: a stream of packets, of which those with ftrace events are kept
 * (protos/perfetto/trace/trace_packet.proto). Push-driven: however the input is cut, the table is the same.
 */
export class PerfettoReader implements StreamReader, PacketSink {
  readonly #options: BinaryReaderOptions;
  readonly #input: Input;
  readonly #stream = new PacketStream(this);
  readonly #table = new EventTableBuilder();
  readonly #tasks = new TaskNames();
  readonly #symbols = new InternedSymbols();
  readonly #stats = new FtraceStats();
  readonly #events: FtraceEvents;
  readonly #packet = new Packet();
  readonly #wire = new WireReader();
  /** Sequences of which a packet was seen. */
  readonly #sequences = new Set<number>();
  #system: SystemInfo | undefined;
  /** Packets that were lost between the recorder's threads and the file. */
  #gaps = 0;
  #otherMachines = false;

  constructor(options: BinaryReaderOptions) {
    this.#options = options;
    this.#input = new Input(options);
    const addresses = new Addresses(NO_SYMBOLS, this.#input.log.losses);
    this.#events = new FtraceEvents(this.#input, this.#table, this.#tasks, this.#symbols, addresses);
  }

  push(chunk: Uint8Array): void {
    this.#stream.push(chunk);
  }

  finish(): EventTable {
    this.#stream.finish();
    const baseSeconds = this.#events.finish();
    const { losses } = this.#input.log;
    // The kernel's counters tell how many events were lost, marks in the stream only that some were.
    losses.droppedEvents += Math.max(this.#stats.lostEvents, this.#events.flaggedLosses) + this.#gaps;
    return this.#table.finish({
      byType: this.#events.counts(),
      totalEvents: this.#events.totalEvents,
      baseSeconds,
      losses,
      recording: {
        kernelRelease: this.#system?.kernelRelease ?? '',
        architecture: this.#system?.architecture ?? '',
        pageSize: this.#system?.pageSize ?? 0,
        recorder: this.#system?.recorder ?? '',
        clock: [...this.#events.clocks].join(', '),
        timeUnit: 'nanoseconds',
        notes: this.#notes(),
        warnings: [],
        unnamedStacks: 0,
        stackEntries: 0,
      },
    });
  }

  #notes(): string[] {
    const missing = this.#stats.missingEvents.map((name) => quoted(name, 60));
    const { sources } = this.#events;
    return [
      ...(missing.length > 0 ? [`Asked for and not recorded: ${missing.join(', ')}.`] : []),
      ...(sources > 1
        ? [`${sources} data sources recorded ftrace: an event that several of them recorded is counted as often.`]
        : []),
      ...(this.#otherMachines ? ['Packets of other machines, such as guests, were left out.'] : []),
    ];
  }

  packet(data: Uint8Array, view: DataView, start: number, end: number, offset: number): void {
    const input = this.#input;
    const packet = this.#packet;
    input.open(data, view, start, end, offset);
    this.#wire.open(data, start, end);
    if (!packet.read(this.#wire)) input.lost(start, 'a packet of whole fields');
    if (packet.machineId !== 0) {
      this.#otherMachines = true;
      return;
    }
    // The first packet of a sequence has the mark in any case; older producers do not say that it is the first.
    if (!this.#sequences.has(packet.sequenceId)) {
      packet.afterLoss = false;
      if (this.#sequences.size < MAX_SEQUENCES) this.#sequences.add(packet.sequenceId);
    }
    this.#sideData(packet);
    const { ftraceEvents, compressed, zstdCompressed } = packet;
    if (isThere(ftraceEvents)) {
      if (packet.afterLoss) this.#gaps++;
      this.#events.bundle(ftraceEvents.start, ftraceEvents.end, packet.sequenceId);
    }
    const { zlib, zstd } = this.#options.decompressors;
    // A packet has one of these; what is unpacked takes the place of the buffer, so that none can be looked at after it.
    if (isThere(compressed)) this.#unpack(compressed, zlib, 'zlib');
    else if (isThere(zstdCompressed)) this.#unpack(zstdCompressed, zstd, 'zstd');
  }

  lost(offset: number, expected: string, found: string): void {
    this.#input.log.unreadable(offset, expected, found);
  }

  /** Reads what a packet has beside events: it holds for the events of the same packet, too. */
  #sideData({ sequenceId, stateCleared, afterLoss, internedData, processTree, ftraceStats, systemInfo }: Packet): void {
    const input = this.#input;
    const { data, view } = input;
    if (stateCleared || afterLoss) this.#symbols.clear(sequenceId);
    if (isThere(internedData)) {
      this.#wire.open(data, internedData.start, internedData.end);
      if (!this.#symbols.read(sequenceId, this.#wire)) input.lost(internedData.start, 'interned data');
    }
    if (isThere(systemInfo)) {
      const read = readSystemInfo(data, systemInfo.start, systemInfo.end);
      if (read === undefined) input.lost(systemInfo.start, 'a description of the machine');
      this.#system ??= read;
    }
    if (isThere(processTree) && !readProcessTree(data, view, processTree.start, processTree.end, this.#tasks)) {
      input.lost(processTree.start, 'a list of processes');
    }
    if (isThere(ftraceStats) && !this.#stats.read(data, ftraceStats.start, ftraceStats.end)) {
      input.lost(ftraceStats.start, 'statistics of ftrace');
    }
  }

  /** Reads the packets that a packet holds in compressed form: they are a trace of their own. */
  #unpack({ start, end }: Part, decompress: Decompress, format: string): void {
    const input = this.#input;
    if (input.isUnpacked) {
      input.lost(start, 'no compressed packets within compressed ones');
      return;
    }
    const bound = Math.min(MAX_UNPACKED_BYTES, Math.max(MIN_UNPACKED_BOUND, (end - start) * MAX_UNPACKED_RATIO));
    let content: Uint8Array;
    try {
      content = decompress(input.data.subarray(start, end), bound);
    } catch {
      input.lost(start, `${format} data of at most ${bound} bytes when decompressed`);
      return;
    }
    const data = new Uint8Array(content.length + WIRE_PADDING);
    data.set(content);
    const view = new DataView(data.buffer);
    const wire = new WireReader();
    wire.open(data, 0, content.length);
    input.isUnpacked = true;
    for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
      const stop = tag === PACKET_TAG ? wire.bytesEnd() : 0;
      if (stop === 0) wire.fail();
      if (wire.failed) break;
      this.packet(data, view, wire.at, stop, 0);
      wire.at = stop;
    }
    input.open(data, view, 0, content.length, 0);
    if (wire.failed) input.lost(0, 'whole packets in compressed ones');
    input.isUnpacked = false;
  }
}
