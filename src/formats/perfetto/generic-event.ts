import type { WireReader } from '../../base/wire-reader.ts';

/** More fields than any tracepoint has. */
const MAX_FIELDS = 256;

/** The value of a field of a generic event. */
export interface GenericValue {
  readonly hi: number;
  readonly lo: number;
  readonly text: string | undefined;
}

/** An event that Perfetto had no message for: its name, and its fields by the kernel's names. */
export interface GenericEvent {
  readonly name: string;
  readonly fields: ReadonlyMap<string, GenericValue>;
}

/**
 * Reads a GenericFtraceEvent that `wire` is open on (protos/perfetto/trace/ftrace/generic.proto). Undefined if it is
 * malformed.
 */
export function readGenericEvent(
  wire: WireReader,
  decoder: { decode(data: Uint8Array): string },
): GenericEvent | undefined {
  let name = '';
  const fields = new Map<string, GenericValue>();
  const text = (): string => {
    const stop = wire.bytesEnd();
    const found = decoder.decode(wire.data.subarray(wire.at, stop));
    wire.at = stop;
    return found;
  };
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    if (tag === 0x0a) name = text();
    else if (tag === 0x12) {
      const end = wire.bytesEnd();
      let field = '';
      let hi = 0;
      let lo = 0;
      let string: string | undefined;
      while (wire.at < end) {
        const inner = wire.tag();
        if (inner === 0x0a) field = text();
        else if (inner === 0x1a) string = text();
        else if (inner === 0x20 || inner === 0x28) {
          wire.varint();
          ({ hi, lo } = wire);
        } else wire.skip(inner);
      }
      if (wire.at > end || fields.size === MAX_FIELDS) wire.fail();
      fields.set(field, { hi, lo, text: string });
    } else wire.skip(tag);
  }
  return wire.failed || name === '' ? undefined : { name, fields };
}
