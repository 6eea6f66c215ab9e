import { MemorySource } from '../byte-source.ts';
import { FieldReader } from '../field-reader.ts';
import { parseEventFormat, type EventFormat } from '../tracepoint/event-format.ts';

/** What perf stores of tracefs. */
export interface TracingData {
  readonly formats: readonly EventFormat[];
  /** /proc/kallsyms, which perf has left empty since 3.17. */
  readonly kallsyms: Uint8Array;
}

/** All formats of a kernel are some MiB. */
export const MAX_TRACING_BYTES = 1 << 28;
const MAX_PART_BYTES = 1 << 20;
const MAX_NAME_BYTES = 256;
/** A kernel has some 2000 events in some 200 groups. */
const MAX_COUNT = 1 << 16;

/**
 * Reads the tracing data (tools/perf/util/trace-event-info.c:tracing_data_get): what a trace.dat of version 6 begins
 * with. They are headers of ring-buffer pages, format files by group, and kallsyms.
 *
 * @param offset of `data` in the input
 * @throws InputError for what is not that
 */
export function parseTracingData(data: Uint8Array, offset: number, name: string): TracingData {
  const fields = new FieldReader(new MemorySource(data), { name, part: `tracing data from byte ${offset} on` });
  fields.expect('\x17\x08\x44tracing', 'beginning of the tracing data');
  fields.string(MAX_NAME_BYTES, 'version');
  const order = fields.u8('byte order');
  if (order !== 0) throw fields.wrong(fields.offset - 1, `byte order ${order}`, '0: a little-endian machine');
  fields.bytes(5, 5, 'sizes of long numbers and pages');
  for (const part of ['header_page', 'header_event']) {
    fields.expect(`${part}\0`, 'name of a header');
    fields.bytes(fields.size64(`size of ${part}`), MAX_PART_BYTES, part);
  }

  const formats: EventFormat[] = [];
  const readFormats = (group: string): void => {
    for (let left = count(fields, `number of events of ${group}`); left > 0; left--) {
      const size = fields.size64(`size of an event format of ${group}`);
      const text = fields.bytes(size, MAX_PART_BYTES, `an event format of ${group}`);
      const format = parseEventFormat(new TextDecoder().decode(text));
      if (format !== undefined) formats.push(format);
    }
  };
  readFormats('ftrace');
  for (let left = count(fields, 'number of groups'); left > 0; left--) {
    readFormats(fields.string(MAX_NAME_BYTES, 'name of a group'));
  }
  return { formats, kallsyms: fields.bytes(fields.u32('size of kallsyms'), MAX_TRACING_BYTES, 'kallsyms') };
}

function count(fields: FieldReader, field: string): number {
  const value = fields.u32(field);
  if (value <= MAX_COUNT) return value;
  throw fields.wrong(fields.offset - 4, `${field} = ${value}`, `at most ${MAX_COUNT}`);
}
