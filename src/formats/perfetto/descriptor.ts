import { WireReader } from '../../base/wire-reader.ts';
import { eventSpec, type EventSpec } from './event-spec.ts';

/** A kernel's event has some dozens of fields, and Perfetto numbers them from 1. */
const MAX_FIELDS = 256;

/** An event that the trace itself describes: `field` is its number in FtraceEvent. */
export interface DescribedEvent {
  readonly field: number;
  readonly spec: EventSpec;
}

/**
 * Reads a GenericEventDescriptor (protos/perfetto/trace/ftrace/ftrace_event_bundle.proto, since Perfetto 50): the number
 * of a field of FtraceEvent, and the DescriptorProto of its message, whose fields have the kernel's names. Undefined if
 * it is malformed.
 */
export function readDescriptor(data: Uint8Array, start: number, end: number): DescribedEvent | undefined {
  const wire = new WireReader();
  wire.open(data, start, end);
  let field = 0;
  let from = 0;
  let to = 0;
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    if (tag === 0x08) field = wire.uint32();
    else if (tag === 0x12) {
      to = wire.bytesEnd();
      from = wire.at;
      wire.at = to;
    } else wire.skip(tag);
  }
  if (wire.failed || field === 0 || to === from) return undefined;
  const decoder = new TextDecoder();
  const text = (): string => {
    const stop = wire.bytesEnd();
    const found = decoder.decode(data.subarray(wire.at, stop));
    wire.at = stop;
    return found;
  };
  // DescriptorProto: name = 1, field = 2.
  let name = '';
  const parts: (readonly [number, number])[] = [];
  wire.open(data, from, to);
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    if (tag === 0x0a) name = text();
    else if (tag === 0x12) {
      const stop = wire.bytesEnd();
      parts.push([wire.at, stop]);
      wire.at = stop;
    } else wire.skip(tag);
  }
  if (wire.failed || name === '' || parts.length > MAX_FIELDS) return undefined;
  // FieldDescriptorProto: name = 1, number = 3.
  const fields = new Map<string, number>();
  for (const [partStart, partEnd] of parts) {
    let fieldName = '';
    let number = 0;
    wire.open(data, partStart, partEnd);
    for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
      if (tag === 0x0a) fieldName = text();
      else if (tag === 0x18) number = wire.uint32();
      else wire.skip(tag);
    }
    if (wire.failed || number > MAX_FIELDS) return undefined;
    if (number > 0) fields.set(fieldName, number);
  }
  return { field, spec: eventSpec(name, fields) };
}
