import { WIRE, type WireReader } from '../../base/wire-reader.ts';

/** Tag of a field: its number times 8, plus its wire type. */
const varint = (field: number): number => (field << 3) | WIRE.varint;
const bytes = (field: number): number => (field << 3) | WIRE.bytes;

/** The fields of TracePacket that are read (protos/perfetto/trace/trace_packet.proto). */
const PACKET = {
  ftraceEvents: bytes(1),
  processTree: bytes(2),
  sequenceId: varint(10),
  internedData: bytes(12),
  sequenceFlags: varint(13),
  ftraceStats: bytes(34),
  incrementalStateCleared: varint(41),
  previousPacketDropped: varint(42),
  systemInfo: bytes(45),
  compressedPackets: bytes(50),
  firstPacketOnSequence: varint(87),
  machineId: varint(98),
  zstdCompressedPackets: bytes(133),
} as const;

const STATE_CLEARED = 1;

/** A part of the bytes that are read; no part if it ends where it begins. */
export interface Part {
  start: number;
  end: number;
}

const noPart = (): Part => ({ start: 0, end: 0 });

/** A packet, taken apart into what is read of it. One object serves all packets. */
export class Packet {
  sequenceId = 0;
  /** What was interned on the sequence before this packet holds no longer. */
  stateCleared = false;
  /** Packets of the sequence were lost before this one. */
  afterLoss = false;
  /** The machine whose kernel is meant: 0 is the one that recorded. */
  machineId = 0;
  readonly ftraceEvents = noPart();
  readonly processTree = noPart();
  readonly internedData = noPart();
  readonly ftraceStats = noPart();
  readonly systemInfo = noPart();
  readonly compressed = noPart();
  readonly zstdCompressed = noPart();

  /** Takes apart what `wire` is open on; false if it is malformed. */
  read(wire: WireReader): boolean {
    this.sequenceId = 0;
    this.stateCleared = false;
    this.machineId = 0;
    let dropped = false;
    let first = false;
    for (const part of this.#parts) part.start = part.end = 0;
    for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
      switch (tag) {
        case PACKET.ftraceEvents:
          take(wire, this.ftraceEvents);
          break;
        case PACKET.processTree:
          take(wire, this.processTree);
          break;
        case PACKET.internedData:
          take(wire, this.internedData);
          break;
        case PACKET.ftraceStats:
          take(wire, this.ftraceStats);
          break;
        case PACKET.systemInfo:
          take(wire, this.systemInfo);
          break;
        case PACKET.compressedPackets:
          take(wire, this.compressed);
          break;
        case PACKET.zstdCompressedPackets:
          take(wire, this.zstdCompressed);
          break;
        case PACKET.sequenceId:
          this.sequenceId = wire.uint32();
          break;
        case PACKET.sequenceFlags:
          if ((wire.uint32() & STATE_CLEARED) !== 0) this.stateCleared = true;
          break;
        case PACKET.incrementalStateCleared:
          if (wire.uint32() !== 0) this.stateCleared = true;
          break;
        case PACKET.previousPacketDropped:
          dropped = wire.uint32() !== 0;
          break;
        case PACKET.firstPacketOnSequence:
          first = wire.uint32() !== 0;
          break;
        case PACKET.machineId:
          this.machineId = wire.uint32();
          break;
        default:
          wire.skip(tag);
      }
    }
    this.afterLoss = dropped && !first;
    return !wire.failed;
  }

  readonly #parts: readonly Part[] = [
    this.ftraceEvents,
    this.processTree,
    this.internedData,
    this.ftraceStats,
    this.systemInfo,
    this.compressed,
    this.zstdCompressed,
  ];
}

function take(wire: WireReader, part: Part): void {
  part.end = wire.bytesEnd();
  part.start = wire.at;
  wire.at = part.end;
}
