import type { FieldReader } from '../field-reader.ts';

// What trace-cmd and perf store of tracefs, as parts that are laid out alike: one after the other in version 6 of
// trace.dat and in the tracing data of perf (tools/perf/util/trace-event-info.c:tracing_data_get), each in a section of
// its own in version 7.

/** Bounds of the parts, so that a length in a file is never believed. */
const MAX_BYTES = {
  header: 1 << 16,
  format: 1 << 20,
  name: 1 << 12,
  kallsyms: 1 << 28,
  printk: 1 << 28,
  commandLines: 1 << 26,
} as const;
/** A kernel has some 2000 events in some 200 systems. */
const MAX_EVENTS = 1 << 16;
const MAX_SYSTEMS = 1 << 12;

const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** HEADER INFO: gives events/header_page of tracefs. */
export function readHeaderInfo(fields: FieldReader): string {
  fields.expect('header_page\0', 'name of the page header');
  const page = text(fields.bytes(fields.size64('size of the page header'), MAX_BYTES.header, 'the page header'));
  fields.expect('header_event\0', 'name of the event header');
  fields.bytes(fields.size64('size of the event header'), MAX_BYTES.header, 'the event header');
  return page;
}

/** FTRACE EVENT FORMATS. */
export function readFtraceFormats(fields: FieldReader, formats: string[]): void {
  readFormats(fields, 'ftrace', formats);
}

/** EVENT FORMATS: those of each system. */
export function readEventFormats(fields: FieldReader, formats: string[]): void {
  const systems = count(fields, 'number of event systems', MAX_SYSTEMS);
  for (let left = systems; left > 0; left--) {
    readFormats(fields, fields.string(MAX_BYTES.name, 'name of an event system'), formats);
  }
}

function readFormats(fields: FieldReader, system: string, formats: string[]): void {
  for (let left = count(fields, `number of events of ${system}`, MAX_EVENTS); left > 0; left--) {
    const size = fields.size64(`size of an event format of ${system}`);
    formats.push(text(fields.bytes(size, MAX_BYTES.format, `an event format of ${system}`)));
  }
}

export function readKallsyms(fields: FieldReader): Uint8Array {
  return fields.bytes(fields.u32('size of kallsyms'), MAX_BYTES.kallsyms, 'kallsyms');
}

export function skipPrintk(fields: FieldReader): void {
  fields.bytes(fields.u32('size of the printk formats'), MAX_BYTES.printk, 'the printk formats');
}

export function readCommandLines(fields: FieldReader): string {
  const size = fields.size64('size of the saved command lines');
  return text(fields.bytes(size, MAX_BYTES.commandLines, 'the saved command lines'));
}

/** A number that says how often something follows. */
export function count(fields: FieldReader, field: string, limit: number): number {
  const start = fields.offset;
  const value = fields.u32(field);
  if (value > limit) throw fields.wrong(start, `${field} = ${value}`, `at most ${limit}`);
  return value;
}
