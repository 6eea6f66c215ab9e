import type { EventTable } from '../../trace/event-table.ts';
import type { Decompressors } from '../decompressors.ts';
import { PerfettoReader } from './reader.ts';

/** Bytes of a message, part of it, or a field. */
export type Bytes = readonly number[];

/** A number as protobuf writes it: seven bits a byte, the lowest first. Negative ones have 64 bits. */
export function varint(value: number | bigint): Bytes {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    const more = left > 0x7fn ? 0x80 : 0;
    bytes.push(Number(left & 0x7fn) | more);
    left >>= 7n;
  } while (left > 0n);
  return bytes;
}

/** A field with a number, text, or a message. */
export function field(number: number, value: number | bigint | string | Bytes): Bytes {
  if (typeof value === 'number' || typeof value === 'bigint') return [...varint(number * 8), ...varint(value)];
  const content = typeof value === 'string' ? [...new TextEncoder().encode(value)] : value;
  return [...varint(number * 8 + 2), ...varint(content.length), ...content];
}

export const message = (...fields: readonly Bytes[]): Bytes => fields.flat();

/** A packet of a trace; `sequence` is the id of its writer. */
export const packet = (sequence: number, ...fields: readonly Bytes[]): Bytes =>
  field(1, message(...fields, field(10, sequence)));

// Fields of TracePacket.
export const ftraceEvents = (...fields: readonly Bytes[]): Bytes => field(1, message(...fields));
export const processTree = (...fields: readonly Bytes[]): Bytes => field(2, message(...fields));
export const internedData = (...fields: readonly Bytes[]): Bytes => field(12, message(...fields));
export const ftraceStats = (...fields: readonly Bytes[]): Bytes => field(34, message(...fields));
export const systemInfo = (...fields: readonly Bytes[]): Bytes => field(45, message(...fields));
export const compressedPackets = (...packets: readonly Bytes[]): Bytes => field(50, [...STORED, ...packets.flat()]);
export const zstdPackets = (...packets: readonly Bytes[]): Bytes => field(133, [...STORED, ...packets.flat()]);
/** The marker that the service writes every some seconds. */
export const MARKER: Bytes = field(
  36,
  [0x82, 0x47, 0x7a, 0x76, 0xb2, 0x8d, 0x42, 0xba, 0x81, 0xdc, 0x33, 0x32, 0x6d, 0x57, 0xa0, 0x79],
);

/** A bundle of the events of one CPU. */
export const bundle = (cpu: number, ...fields: readonly Bytes[]): Bytes => ftraceEvents(field(1, cpu), ...fields);

/** An event of a bundle: its time in nanoseconds, its task, and its message by field number. */
export const event = (time: number | bigint, pid: number, number: number, ...fields: readonly Bytes[]): Bytes =>
  field(2, message(field(1, time), field(2, pid), field(number, message(...fields))));

// Messages by the numbers that FtraceEvent and protos/perfetto/trace/ftrace/{kmem,sched,task}.proto give them.
export const pageAlloc = (time: number | bigint, pid: number, pfn: number | bigint, order = 0, gfp = 0xcc0): Bytes =>
  event(time, pid, 307, field(1, gfp), field(2, 1), field(3, order), field(5, pfn));
export const kmalloc = (time: number, pid: number, ptr: bigint, site: number | bigint): Bytes =>
  event(time, pid, 299, field(1, 512), field(2, 300), field(3, site), field(4, 0xdc0), field(5, ptr));
export const kfree = (time: number, pid: number, ptr: bigint, site: number | bigint): Bytes =>
  event(time, pid, 298, field(1, site), field(2, ptr));
export const newTask = (time: number, pid: number, child: number, comm: string): Bytes =>
  event(time, pid, 235, field(1, child), field(2, comm), field(3, 0x1200000), field(4, 0));
export const rename = (time: number, pid: number, oldComm: string, newComm: string): Bytes =>
  event(time, pid, 236, field(1, pid), field(2, oldComm), field(3, newComm));

/** What tests compress with: content as it is, behind a magic number. */
const STORED: Bytes = [0x53, 0x54];
function fromStored(data: Uint8Array, maxBytes: number): Uint8Array {
  if (data[0] !== STORED[0] || data[1] !== STORED[1] || data.length - 2 > maxBytes) throw new Error('damaged');
  return data.subarray(2);
}

/** Reads the bytes of a trace in chunks of the given size, or whole. */
export function readBytes(
  data: Uint8Array,
  chunk = data.length,
  strict = false,
  decompressors: Decompressors = { zlib: fromStored, zstd: fromStored },
): EventTable {
  const reader = new PerfettoReader({ name: 'test.pftrace', strict, decompressors });
  for (let at = 0; at < data.length; at += Math.max(1, chunk)) reader.push(data.subarray(at, at + Math.max(1, chunk)));
  return reader.finish();
}

export const readPackets = (...packets: readonly Bytes[]): EventTable => readBytes(Uint8Array.from(packets.flat()));
