import { WireReader } from '../../base/wire-reader.ts';

/** What a SystemInfo message says of the machine (protos/perfetto/common/system_info.proto). */
export interface SystemInfo {
  readonly kernelRelease: string;
  readonly architecture: string;
  readonly pageSize: number;
  readonly recorder: string;
}

const MAX_TEXT = 256;

/** Reads a SystemInfo message; undefined if it is malformed. */
export function readSystemInfo(data: Uint8Array, start: number, end: number): SystemInfo | undefined {
  const wire = new WireReader();
  const decoder = new TextDecoder();
  let release = '';
  let machine = '';
  let pageSize = 0;
  let recorder = '';
  let from = 0;
  let to = 0;
  const text = (): string => {
    const stop = wire.bytesEnd();
    const found = decoder.decode(data.subarray(wire.at, Math.min(stop, wire.at + MAX_TEXT)));
    wire.at = stop;
    return found;
  };
  wire.open(data, start, end);
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    // utsname = 1, tracing_service_version = 4, page_size = 6
    if (tag === 0x0a) {
      to = wire.bytesEnd();
      from = wire.at;
      wire.at = to;
    } else if (tag === 0x22) recorder = text();
    else if (tag === 0x30) pageSize = wire.uint32();
    else wire.skip(tag);
  }
  if (wire.failed) return undefined;
  wire.open(data, from, to);
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    // Utsname: release = 3, machine = 4
    if (tag === 0x1a) release = text();
    else if (tag === 0x22) machine = text();
    else wire.skip(tag);
  }
  return wire.failed ? undefined : { kernelRelease: release, architecture: machine, pageSize, recorder };
}
