import { WIRE_PADDING, WireReader } from '../../base/wire-reader.ts';
import { PACKET_TAG } from './packet-stream.ts';

/** How many packets are looked at. */
const PACKETS = 8;

/**
 * Fields of which every packet of a service has one (as tags): the id of its sequence, or packets that are compressed.
 * Other protobuf files have messages in their first field, too.
 */
const SURE_TAGS: ReadonlySet<number> = new Set([10 << 3, (50 << 3) | 2, (133 << 3) | 2]);
/**
 * Ftrace events: enough of a packet that goes on behind the head, whose sequence is not seen; of a whole one if they are a
 * bundle, for what was not written by a service has no sequences.
 */
const FTRACE_EVENTS = 0x0a;
/** Of an FtraceEventBundle: its CPU, and an event, which begins with its time. */
const BUNDLE_CPU = 0x08;
const BUNDLE_EVENT = 0x12;
const EVENT_TIME = 0x08;

/**
 * Whether a file that begins like this is a Perfetto trace. It has no magic number: a trace is a protobuf message of
 * packets, each of them one of well-formed fields. Text that begins with an empty line has the first byte, too.
 */
export function isPerfettoTrace(head: Uint8Array): boolean {
  const data = new Uint8Array(head.length + WIRE_PADDING);
  data.set(head);
  const wire = new WireReader();
  const packet = new WireReader();
  wire.open(data, 0, head.length);
  let seen = 0;
  let isSure = false;
  for (; seen < PACKETS && wire.at < wire.end; seen++) {
    if (wire.tag() !== PACKET_TAG) return false;
    wire.varint();
    const stop = wire.at + wire.lo;
    if (wire.failed || wire.hi !== 0 || stop <= wire.at) return false;
    const isWhole = stop <= head.length;
    packet.open(data, wire.at, Math.min(stop, head.length));
    let fields = 0;
    for (let tag = packet.tag(); tag !== 0; tag = packet.tag()) {
      fields++;
      if (SURE_TAGS.has(tag) || (tag === FTRACE_EVENTS && (!isWhole || isBundle(packet)))) isSure = true;
      packet.skip(tag);
    }
    // The last field of a packet that goes on behind the head cannot be passed over.
    if (isWhole ? packet.failed : fields === 0) return false;
    if (!isWhole) {
      seen++;
      break;
    }
    wire.at = stop;
  }
  return isSure && head.subarray(0, 64).some((byte) => (byte < 0x20 && (byte < 9 || byte > 13)) || byte > 0x7e);
}

/** Whether the message that `wire` stands before is a bundle of one CPU's events. `wire` stays where it is. */
function isBundle(wire: WireReader): boolean {
  const { data, at } = wire;
  const end = wire.bytesEnd();
  const bundle = new WireReader();
  bundle.open(data, wire.at, end);
  wire.at = at;
  let isOfCpu = false;
  for (let tag = bundle.tag(); tag !== 0; tag = bundle.tag()) {
    if (tag === BUNDLE_CPU) isOfCpu = true;
    else if (tag === BUNDLE_EVENT) {
      const stop = bundle.bytesEnd();
      return !bundle.failed && isOfCpu && stop > bundle.at && data[bundle.at] === EVENT_TIME;
    }
    bundle.skip(tag);
  }
  return false;
}
