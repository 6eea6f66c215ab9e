import type { StreamDecompressor } from '../decompressors.ts';
import { MemorySource } from '../byte-source.ts';
import { readAtOnce } from '../reader.ts';
import type { EventTable } from '../../trace/event-table.ts';
import { formatText, type Field } from '../tracepoint/formats.testdata.ts';
import { RECORD, SAMPLE } from './abi.ts';
import { PerfDataReader } from './reader.ts';
import type { RecordingOptions } from './recording.ts';

/** For files that are not compressed. */
const noZstd = (): StreamDecompressor => ({
  push: () => {
    throw new Error('no zstd');
  },
});

export const readFile = (data: Uint8Array, options: Partial<RecordingOptions> = {}): EventTable =>
  readAtOnce(new PerfDataReader({ name: 'perf.data', zstdStream: noZstd, ...options }), new MemorySource(data));

/** A number and how many bytes it has, or bytes as they are. */
type Part = readonly [size: 1 | 2 | 4 | 8, value: number | bigint] | Uint8Array | string;

/** Little-endian numbers, bytes and text, one after the other. */
export function bytes(...parts: readonly Part[]): Uint8Array {
  const pieces = parts.map((part) => {
    if (part instanceof Uint8Array) return part;
    if (typeof part === 'string') return new TextEncoder().encode(part);
    const [size, value] = part;
    const piece = new Uint8Array(8);
    new DataView(piece.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
    return piece.subarray(0, size);
  });
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

const padded = (data: Uint8Array, to: number): Uint8Array =>
  bytes(data, new Uint8Array((to - (data.length % to)) % to));

export const record = (type: number, payload: Uint8Array, misc = 0): Uint8Array =>
  bytes([4, type], [2, misc], [2, 8 + payload.length], payload);

/** What `perf record -a -g` asks for with tracepoints, several of them. */
export const USUAL_SAMPLE =
  SAMPLE.IP | SAMPLE.TID | SAMPLE.TIME | SAMPLE.CALLCHAIN | SAMPLE.ID | SAMPLE.CPU | SAMPLE.PERIOD | SAMPLE.RAW;

export interface MadeAttribute {
  readonly type?: number;
  readonly config?: number;
  readonly sampleType?: number;
  readonly readFormat?: number;
  readonly ids?: readonly number[];
  /** `clockid`, if one was asked for. */
  readonly clockid?: number;
}

const SAMPLE_ID_ALL = 1 << 18;
const USE_CLOCKID = 1 << 25;

/** A `struct perf_event_attr` of 128 bytes. */
export const attribute = ({
  type = 2,
  config = 0,
  sampleType = USUAL_SAMPLE,
  readFormat = 0,
  clockid,
}: MadeAttribute): Uint8Array =>
  bytes(
    [4, type],
    [4, 128],
    [8, config],
    [8, 1],
    [8, sampleType],
    [8, readFormat],
    [8, clockid === undefined ? SAMPLE_ID_ALL : SAMPLE_ID_ALL + USE_CLOCKID],
    new Uint8Array(44),
    [4, clockid ?? 0],
    new Uint8Array(32),
  );

const KFREE_FIELDS: readonly Field[] = [
  ['unsigned long call_site', 8, 8],
  ['const void * ptr', 16, 8],
];
const RSS_FIELDS: readonly Field[] = [['long size', 8, 8, true]];
export const KFREE = 100;
export const RSS_STAT = 101;

/** Tracing data with the formats of kfree, which is kept, and rss_stat, which is not. */
export function tracingData(kallsyms = ''): Uint8Array {
  const sized = (text: string): Uint8Array => bytes([8, text.length], text);
  return bytes(
    '\x17\x08\x44tracing0.6\0',
    [1, 0],
    [1, 8],
    [4, 4096],
    'header_page\0',
    sized('page'),
    'header_event\0',
    sized('event'),
    [4, 0],
    [4, 1],
    'kmem\0',
    [4, 2],
    sized(formatText('kfree', KFREE, KFREE_FIELDS)),
    sized(formatText('rss_stat', RSS_STAT, RSS_FIELDS)),
    [4, kallsyms.length],
    kallsyms,
    [4, 0],
    [8, 0],
  );
}

export interface MadeSample {
  readonly time: number | bigint;
  readonly tid?: number;
  readonly cpu?: number;
  readonly id?: number;
  readonly period?: number;
  readonly callchain?: readonly bigint[];
  /** The raw record; by default a kfree of `ptr`. */
  readonly raw?: Uint8Array;
  readonly ptr?: number | bigint;
  readonly flags?: number;
  readonly commonPid?: number;
  readonly callSite?: bigint;
}

export const KERNEL = -128n;
export const USER = -512n;

export const kfree = ({ ptr = 1, flags = 0, commonPid = 7, callSite = 0n }: Omit<MadeSample, 'time'>): Uint8Array =>
  bytes([2, KFREE], [1, flags], [1, 0], [4, commonPid], [8, callSite], [8, ptr]);

/** A sample with the fields that `sampleType` names, in the order of kernel/events/core.c:perf_output_sample. */
export function sample(made: MadeSample, sampleType = USUAL_SAMPLE, read: Uint8Array = new Uint8Array(0)): Uint8Array {
  const { time, tid = 7, cpu = 0, id = 1, period = 1, callchain = [], raw = kfree(made) } = made;
  const has = (bit: number, ...parts: readonly Part[]): Uint8Array =>
    (sampleType & bit) === 0 ? new Uint8Array(0) : bytes(...parts);
  // The size of the raw record counts its padding.
  const rawSize = Math.ceil((raw.length + 4) / 8) * 8 - 4;
  return record(
    RECORD.SAMPLE,
    padded(
      bytes(
        has(SAMPLE.IDENTIFIER, [8, id]),
        has(SAMPLE.IP, [8, 0xffff_ffff_8100_0000n]),
        has(SAMPLE.TID, [4, tid], [4, tid]),
        has(SAMPLE.TIME, [8, time]),
        has(SAMPLE.ADDR, [8, 0]),
        has(SAMPLE.ID, [8, id]),
        has(SAMPLE.STREAM_ID, [8, id]),
        has(SAMPLE.CPU, [4, cpu], [4, 0]),
        has(SAMPLE.PERIOD, [8, period]),
        has(SAMPLE.READ, read),
        has(SAMPLE.CALLCHAIN, [8, callchain.length], ...callchain.map((address): Part => [8, address])),
        has(SAMPLE.RAW, [4, rawSize], raw, new Uint8Array(rawSize - raw.length)),
      ),
      8,
    ),
  );
}

/** The fields of `USUAL_SAMPLE` that other records end with: tid, time, id, CPU. */
const sampleId = (time: number | bigint): Uint8Array => bytes([4, 7], [4, 7], [8, time], [8, 1], [8, 0]);

export const comm = (tid: number, name: string, time: number | bigint): Uint8Array =>
  record(RECORD.COMM, bytes([4, tid], [4, tid], padded(bytes(name, '\0'), 8), sampleId(time)));

export const fork = (tid: number, parent: number, time: number | bigint): Uint8Array =>
  record(RECORD.FORK, bytes([4, tid], [4, parent], [4, tid], [4, parent], [8, time], sampleId(time)));

export const round = (): Uint8Array => record(RECORD.FINISHED_ROUND, new Uint8Array(0));

export interface MadeFile {
  readonly attributes?: readonly MadeAttribute[];
  readonly tracing?: Uint8Array | null;
  readonly records: readonly Uint8Array[];
}

/** A perf.data of a pipe. */
export function pipeFile({ attributes = [{ ids: [1] }], tracing = tracingData(), records }: MadeFile): Uint8Array {
  const attrs = attributes.map((made) =>
    record(RECORD.HEADER_ATTR, bytes(attribute(made), ...(made.ids ?? []).map((id): Part => [8, id]))),
  );
  const formats = tracing === null ? new Uint8Array(0) : padded(tracing, 8);
  const announced =
    tracing === null ? [] : [bytes([4, RECORD.HEADER_TRACING_DATA], [2, 0], [2, 12], [4, formats.length])];
  return bytes('PERFILE2', [8, 16], ...attrs, ...announced, formats, ...records);
}

export interface MadeFileParts extends MadeFile {
  /** Bits of features that have a section of no bytes, besides the tracing data. */
  readonly features?: readonly number[];
  /** What the header says of the size of the records; by default the truth. */
  readonly dataSize?: number;
}

/** A perf.data in file mode: header, numbers of events, attributes, records, sections of features. */
export function diskFile({
  attributes = [{ ids: [1] }],
  tracing = tracingData(),
  features = [],
  records,
  dataSize,
}: MadeFileParts): Uint8Array {
  const HEADER = 104;
  const ids = attributes.map((made) => bytes(...(made.ids ?? []).map((id): Part => [8, id])));
  const idBytes = ids.reduce((sum, { length }) => sum + length, 0);
  let idsAt = HEADER;
  const attrs = attributes.map((made, index) => {
    const entry = bytes(attribute(made), [8, idsAt], [8, ids[index].length]);
    idsAt += ids[index].length;
    return entry;
  });
  const attrsAt = HEADER + idBytes;
  const attrsBytes = attrs.length * 144;
  const dataAt = attrsAt + attrsBytes;
  const data = bytes(...records);
  const present = [...(tracing === null ? [] : [1]), ...features].toSorted((a, b) => a - b);
  const bits = new Uint8Array(32);
  for (const feature of present) bits[feature >> 3] |= 1 << (feature & 7);
  const featuresAt = dataAt + data.length;
  const bodyAt = featuresAt + present.length * 16;
  const sections = present.map((feature) => bytes([8, bodyAt], [8, feature === 1 ? (tracing?.length ?? 0) : 0]));
  return bytes(
    'PERFILE2',
    [8, HEADER],
    [8, 144],
    [8, attrsAt],
    [8, attrsBytes],
    [8, dataAt],
    [8, dataSize ?? data.length],
    [8, 0],
    [8, 0],
    bits,
    ...ids,
    ...attrs,
    data,
    ...(dataSize === 0 ? [] : sections),
    ...(tracing === null || dataSize === 0 ? [] : [tracing]),
  );
}
