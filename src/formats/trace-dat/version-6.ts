import type { ByteSource } from '../byte-source.ts';
import { FieldReader, type Place } from '../field-reader.ts';
import {
  MAX_BUFFERS,
  MAX_CPUS,
  MAX_NAME_BYTES,
  MAX_OPTION_BYTES,
  type CpuData,
  type Layout,
  type TraceBuffer,
} from './layout.ts';
import {
  count,
  readCommandLines,
  readEventFormats,
  readFtraceFormats,
  readHeaderInfo,
  readKallsyms,
  skipPrintk,
} from '../tracepoint/format-files.ts';
import { noOptions, OPTION, readOption, type FileOptions } from './options.ts';

const KIND_BYTES = 10;

/**
 * Reads what a file of version 6 consists of (trace-cmd.dat.v6(5)): parts that follow each other.
 *
 * @param fields standing behind the initial format
 */
export function readVersion6(source: ByteSource, fields: FieldReader, place: Place): Layout {
  const headerPage = readHeaderInfo(fields);
  const formats: string[] = [];
  readFtraceFormats(fields, formats);
  readEventFormats(fields, formats);
  const kallsyms = readKallsyms(fields);
  skipPrintk(fields);
  const commandLines = readCommandLines(fields);
  const announced = count(fields, 'number of CPUs', MAX_CPUS);

  const options = noOptions();
  const instances: { name: string; offset: number }[] = [];
  const kind = readKind(fields, options, instances, place);
  // An option corrects the number where CPUs are offline.
  const cpus = options.cpus > 0 && options.cpus <= MAX_CPUS ? options.cpus : announced;
  const buffers: TraceBuffer[] = [];
  if (kind === 'flyrecord') buffers.push(buffer('', readCpus(fields, cpus)));
  for (const { name, offset } of instances) {
    const instance = new FieldReader(source, place, offset);
    if (readKind(instance, options, [], place) === 'flyrecord') buffers.push(buffer(name, readCpus(instance, cpus)));
  }
  return { headerPage, formats, kallsyms, commandLines, options, buffers, hasText: kind === 'latency' };
}

const buffer = (name: string, cpus: readonly CpuData[]): TraceBuffer => ({
  name,
  clock: '',
  pageBytes: 0,
  compressed: false,
  cpus,
});

/** Reads the options, if they come first, and says what kind of data follows. */
function readKind(
  fields: FieldReader,
  options: FileOptions,
  instances: { name: string; offset: number }[],
  place: Place,
): 'latency' | 'flyrecord' {
  let at = fields.offset;
  let kind = kindAt(fields);
  if (kind === 'options') {
    readOptions(fields, options, instances, place);
    at = fields.offset;
    kind = kindAt(fields);
  }
  if (kind === 'latency' || kind === 'flyrecord') return kind;
  throw fields.wrong(at, `"${kind.replace(/[^ -~]/g, '?')}"`, '"flyrecord", "latency" or "options"');
}

const kindAt = (fields: FieldReader): string =>
  String.fromCharCode(...fields.bytes(KIND_BYTES, KIND_BYTES, 'the kind of data')).replace(/[ \0]+$/, '');

function readOptions(
  fields: FieldReader,
  options: FileOptions,
  instances: { name: string; offset: number }[],
  place: Place,
): void {
  for (;;) {
    const id = fields.u16('number of an option');
    if (id === OPTION.DONE) return;
    const size = fields.u32('size of an option');
    const end = fields.offset + size;
    if (id === OPTION.BUFFER && size > 8 && instances.length < MAX_BUFFERS) {
      const offset = fields.size64('offset of a buffer');
      instances.push({ offset, name: fields.string(Math.min(size - 8, MAX_NAME_BYTES), 'name of a buffer') });
      fields.offset = end;
    } else {
      const part = `option ${id} at byte ${fields.offset}`;
      readOption(id, fields.bytes(size, MAX_OPTION_BYTES, `option ${id}`), options, { ...place, part });
    }
  }
}

function readCpus(fields: FieldReader, cpus: number): readonly CpuData[] {
  return Array.from({ length: cpus }, (_, cpu) => ({
    cpu,
    offset: fields.size64(`offset of the data of CPU ${cpu}`),
    size: fields.size64(`size of the data of CPU ${cpu}`),
  }));
}
