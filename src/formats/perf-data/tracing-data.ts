import { MemorySource } from '../byte-source.ts';
import { FieldReader } from '../field-reader.ts';
import { parseEventFormat, type EventFormat } from '../tracepoint/event-format.ts';
import { readEventFormats, readFtraceFormats, readHeaderInfo, readKallsyms } from '../tracepoint/format-files.ts';

/** What perf stores of tracefs. */
export interface TracingData {
  readonly formats: readonly EventFormat[];
  /** /proc/kallsyms, which perf has left empty since 3.17. */
  readonly kallsyms: Uint8Array;
  /** Bytes of a page. */
  readonly pageSize: number;
}

/** All formats of a kernel are some MiB. */
export const MAX_TRACING_BYTES = 1 << 28;
const MAX_NAME_BYTES = 256;

/**
 * Reads the tracing data (tools/perf/util/trace-event-info.c:tracing_data_get): what a trace.dat of version 6 begins
 * with, up to kallsyms.
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
  fields.u8('bytes in a long');
  const pageSize = fields.u32('page size');
  readHeaderInfo(fields);
  const formats: string[] = [];
  readFtraceFormats(fields, formats);
  readEventFormats(fields, formats);
  return {
    formats: formats.map(parseEventFormat).filter((format) => format !== undefined),
    kallsyms: readKallsyms(fields),
    pageSize,
  };
}
