import { quoted } from '../../base/errors.ts';
import { MemorySource, type ByteSource } from '../byte-source.ts';
import type { Decompress } from '../decompressors.ts';
import { FieldReader, type Place } from '../field-reader.ts';
import type { FileHeader } from './file-header.ts';
import { MAX_BUFFERS, MAX_CPUS, MAX_NAME_BYTES, MAX_OPTION_BYTES, type Layout, type TraceBuffer } from './layout.ts';
import {
  count,
  readCommandLines,
  readEventFormats,
  readFtraceFormats,
  readHeaderInfo,
  readKallsyms,
} from '../tracepoint/format-files.ts';
import { noOptions, OPTION, readOption } from './options.ts';

const MAX_OPTION_SECTIONS = 1 << 12;
const COMPRESSED = 1;
/** Sections with metadata; the greatest has kallsyms. */
const MAX_SECTION = 1 << 28;
/** Text compresses well, but not beyond all measure. */
const MAX_RATIO = 200;
const MAX_UNSUSPECTED = 1 << 20;

const SECTION_NAMES: ReadonlyMap<number, string> = new Map([
  [OPTION.DONE, 'options'],
  [OPTION.HEADER_INFO, 'header info'],
  [OPTION.FTRACE_EVENTS, 'ftrace event formats'],
  [OPTION.EVENT_FORMATS, 'event formats'],
  [OPTION.KALLSYMS, 'kallsyms'],
  [OPTION.CMDLINES, 'saved command lines'],
]);

/** Reads what a file of version 7 consists of (trace-cmd.dat.v7(5)): sections anywhere, which options point to. */
export function readVersion7(
  source: ByteSource,
  header: FileHeader,
  place: Place,
  decompress: Decompress | undefined,
): Layout {
  const options = noOptions();
  const sections = new Map<number, number>();
  const buffers: TraceBuffer[] = [];
  let hasText = false;
  const read = new Set<number>();
  for (let next = header.optionsOffset; next !== 0;) {
    if (read.has(next) || read.size === MAX_OPTION_SECTIONS) {
      const fields = new FieldReader(source, place);
      throw fields.wrong(next, 'a section of options that comes again', 'each section of options once');
    }
    read.add(next);
    const fields = section(source, next, OPTION.DONE, header, place, decompress);
    const at = next;
    next = 0;
    for (let done = false; !done;) {
      const id = fields.u16('number of an option');
      const data = fields.bytes(fields.u32('size of an option'), MAX_OPTION_BYTES, `option ${id}`);
      const where = { ...place, part: `option ${id} of the options at byte ${at}` };
      const own = new FieldReader(new MemorySource(data), where);
      if (id === OPTION.DONE) {
        next = data.length >= 8 ? own.size64('offset of the next options') : 0;
        done = true;
      } else if (id === OPTION.BUFFER) {
        if (buffers.length < MAX_BUFFERS) buffers.push(readBuffer(source, own, place));
      } else if (id === OPTION.BUFFER_TEXT) {
        hasText = true;
      } else if (SECTION_NAMES.has(id)) {
        sections.set(id, own.size64('offset of a section'));
      } else {
        readOption(id, data, options, where);
      }
    }
  }

  const open = (id: number): FieldReader | undefined => {
    const offset = sections.get(id);
    return offset === undefined ? undefined : section(source, offset, id, header, place, decompress);
  };
  const formats: string[] = [];
  const headerInfo = open(OPTION.HEADER_INFO);
  const ftraceFormats = open(OPTION.FTRACE_EVENTS);
  if (ftraceFormats !== undefined) readFtraceFormats(ftraceFormats, formats);
  const eventFormats = open(OPTION.EVENT_FORMATS);
  if (eventFormats !== undefined) readEventFormats(eventFormats, formats);
  const kallsyms = open(OPTION.KALLSYMS);
  const commandLines = open(OPTION.CMDLINES);
  return {
    headerPage: headerInfo === undefined ? '' : readHeaderInfo(headerInfo),
    formats,
    kallsyms: kallsyms === undefined ? new Uint8Array(0) : readKallsyms(kallsyms),
    commandLines: commandLines === undefined ? '' : readCommandLines(commandLines),
    options,
    buffers,
    hasText,
  };
}

/** The content of the section at `offset`, decompressed. */
function section(
  source: ByteSource,
  offset: number,
  id: number,
  { compression }: FileHeader,
  place: Place,
  decompress: Decompress | undefined,
): FieldReader {
  const name = SECTION_NAMES.get(id) ?? `section ${id}`;
  const fields = new FieldReader(source, place, offset);
  const { id: found, compressed, size } = sectionHeader(fields);
  if (found !== id) throw fields.wrong(offset, `section ${found}`, `section ${id}, ${name}`);
  if (!compressed) return new FieldReader(source, place, fields.offset);
  const stored = fields.u32('compressed size');
  const start = fields.offset;
  const bytes = fields.u32('uncompressed size');
  const data = fields.bytes(stored, size, `the section ${name}`);
  if (bytes > MAX_SECTION || bytes > Math.max(MAX_UNSUSPECTED, MAX_RATIO * stored)) {
    throw fields.wrong(
      start,
      `${stored} bytes that become ${bytes}`,
      `at most ${MAX_RATIO}-fold, and ${MAX_SECTION} bytes`,
    );
  }
  if (decompress === undefined) {
    throw fields.wrong(
      start,
      `the compression ${quoted(compression)}`,
      'none, zlib or zstd',
      'Convert it: `trace-cmd convert --compression none -i FILE -o NEW`.',
    );
  }
  const content = tryDecompress(decompress, data, bytes);
  if (content === undefined)
    throw fields.wrong(start, `the section ${name}, damaged`, `${bytes} bytes of ${compression}`);
  return new FieldReader(new MemorySource(content), { ...place, part: `section ${name}` });
}

/** What was compressed, or undefined if it is damaged or has another size. */
export function tryDecompress(decompress: Decompress, data: Uint8Array, bytes: number): Uint8Array | undefined {
  try {
    const content = decompress(data, bytes);
    return content.length === bytes ? content : undefined;
  } catch {
    return undefined;
  }
}

function sectionHeader(fields: FieldReader): { id: number; compressed: boolean; size: number } {
  const id = fields.u16('number of a section');
  const flags = fields.u16('flags of a section');
  fields.u32('description of a section');
  return { id, compressed: (flags & COMPRESSED) !== 0, size: fields.size64('size of a section') };
}

/** @param option the data of an option BUFFER */
function readBuffer(source: ByteSource, option: FieldReader, place: Place): TraceBuffer {
  const offset = option.size64('offset of a buffer');
  const name = option.string(MAX_NAME_BYTES, 'name of a buffer');
  const clock = option.string(MAX_NAME_BYTES, 'clock of a buffer');
  const pageBytes = option.u32('page size of a buffer');
  const cpus = count(option, 'number of CPUs of a buffer', MAX_CPUS);
  const data = Array.from({ length: cpus }, () => {
    const cpu = count(option, 'number of a CPU', MAX_CPUS - 1);
    return {
      cpu,
      offset: option.size64(`offset of the data of CPU ${cpu}`),
      size: option.size64(`size of the data of CPU ${cpu}`),
    };
  });
  const { compressed } = sectionHeader(new FieldReader(source, place, offset));
  return { name, clock, pageBytes, compressed, cpus: data };
}
