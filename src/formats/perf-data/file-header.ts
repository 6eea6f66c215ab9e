import { InputError } from '../../base/errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { FEATURE, MAX_FEATURES } from './abi.ts';
import { decodeAttribute, MAX_ATTR_BYTES, MIN_ATTR_BYTES, type Attribute } from './attribute.ts';
import { uint64At } from './uint64.ts';

/** A part of the file. */
export interface Section {
  readonly offset: number;
  readonly size: number;
}

/** What the beginning of a perf.data says. */
export interface FileHeader {
  /** Written to a pipe: all else is in records. */
  readonly pipe: boolean;
  /** The records. */
  readonly data: Section;
  readonly attributes: readonly Attribute[];
  /** By number, see `FEATURE`. */
  readonly features: ReadonlyMap<number, Section>;
}

/** `struct perf_pipe_file_header` and `struct perf_file_header`. */
const PIPE_HEADER_BYTES = 16;
const FILE_HEADER_BYTES = 104;
/** More events than can be opened, and numbers than they can have on all CPUs. */
const MAX_ATTRIBUTES = 1 << 16;
const MAX_IDS = 1 << 22;

const DAMAGED = 'The file was changed or cut after it was recorded: copy it again, or record again.';
/** How to make one file of it, for what is recorded in ways that are not read. */
const TEXT = 'Turn it into text where it was recorded: `perf script --show-lost-events | tagscope report -`.';

/**
 * Reads the header, the attributes and where the features are.
 *
 * @throws InputError for a file that cannot be read, saying why
 */
export function readFileHeader(source: ByteSource, name: string): FileHeader {
  const head = source.read(0, Math.min(FILE_HEADER_BYTES, source.size));
  const magic = String.fromCharCode(...head.subarray(0, 8));
  const refuse = (offset: number, found: string, expected: string, advice: string): InputError =>
    new InputError({ where: `${name}, byte ${offset}`, found, expected, advice });
  if (magic === '2ELIFREP') {
    throw refuse(0, 'a perf.data file of a big-endian machine', 'one of a little-endian machine', TEXT);
  }
  if (magic === 'PERFFILE') {
    throw refuse(0, 'a perf.data file of version 1 (perf before 2.6.33)', 'version 2', TEXT);
  }
  if (magic !== 'PERFILE2' || head.length < PIPE_HEADER_BYTES) {
    throw refuse(0, 'something else', 'a perf.data file, which begins with PERFILE2', DAMAGED);
  }
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const headerBytes = uint64At(view, 8);
  if (headerBytes === PIPE_HEADER_BYTES) {
    const data = { offset: PIPE_HEADER_BYTES, size: source.size - PIPE_HEADER_BYTES };
    return { pipe: true, data, attributes: [], features: new Map() };
  }
  if (headerBytes !== FILE_HEADER_BYTES || head.length < FILE_HEADER_BYTES) {
    throw refuse(8, `a header of ${headerBytes} bytes`, '16 bytes, from a pipe, or 104', DAMAGED);
  }

  const section = (at: number): Section => ({ offset: uint64At(view, at), size: uint64At(view, at + 8) });
  const data = section(40);
  if (data.offset > source.size) {
    throw refuse(40, `records at byte ${data.offset}`, `a place within the file of ${source.size} bytes`, DAMAGED);
  }
  // perf writes the size when it ends; a file that it did not close has 0.
  const closed = data.size > 0;
  const features = closed ? readFeatures(source, view, data.offset + data.size) : new Map<number, Section>();
  if (features.has(FEATURE.DIR_FORMAT)) {
    throw refuse(72, 'one file of a directory (perf record --threads)', 'a recording in one file', TEXT);
  }
  const attributes = readAttributes(source, section(24), uint64At(view, 16), name);
  return { pipe: false, data: closed ? data : { ...data, size: source.size - data.offset }, attributes, features };
}

/** Sections of features stand after the records, in the order of their numbers. Those that lie elsewhere are left out. */
function readFeatures(source: ByteSource, header: DataView, at: number): Map<number, Section> {
  const features = new Map<number, Section>();
  const numbers = Array.from({ length: MAX_FEATURES }, (_, feature) => feature).filter(
    (feature) => (header.getUint8(72 + (feature >> 3)) & (1 << (feature & 7))) !== 0,
  );
  const bytes = numbers.length * 16;
  if (at + bytes > source.size) return features;
  const table = source.read(at, bytes);
  const view = new DataView(table.buffer, table.byteOffset, bytes);
  for (const [index, feature] of numbers.entries()) {
    const section = { offset: uint64At(view, index * 16), size: uint64At(view, index * 16 + 8) };
    if (section.offset + section.size <= source.size) features.set(feature, section);
  }
  return features;
}

/** `struct perf_file_attr`: an attribute, and where the numbers of its event are. */
function readAttributes(source: ByteSource, section: Section, entryBytes: number, name: string): Attribute[] {
  const wrong = (found: string, expected: string): InputError =>
    new InputError({ where: `${name}, byte 16`, found, expected, advice: DAMAGED });
  if (entryBytes < MIN_ATTR_BYTES + 16 || entryBytes > MAX_ATTR_BYTES) {
    throw wrong(`attributes of ${entryBytes} bytes`, `${MIN_ATTR_BYTES + 16} to ${MAX_ATTR_BYTES}`);
  }
  const count = Math.floor(section.size / entryBytes);
  if (section.offset + section.size > source.size || count > MAX_ATTRIBUTES) {
    throw wrong(`attributes up to byte ${section.offset + section.size}`, 'a place within the file, and fewer of them');
  }
  const data = source.read(section.offset, section.size);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let room = MAX_IDS;
  return Array.from({ length: count }, (_, index) => {
    const at = index * entryBytes;
    const ids = { offset: uint64At(view, at + entryBytes - 16), size: uint64At(view, at + entryBytes - 8) };
    room -= ids.size / 8;
    const readable = ids.offset + ids.size <= source.size && room >= 0;
    return decodeAttribute(view, at, readable ? readIds(source, ids) : []);
  });
}

function readIds(source: ByteSource, { offset, size }: Section): number[] {
  const data = source.read(offset, size);
  const view = new DataView(data.buffer, data.byteOffset, size);
  return Array.from({ length: Math.floor(size / 8) }, (_, index) => uint64At(view, index * 8));
}
