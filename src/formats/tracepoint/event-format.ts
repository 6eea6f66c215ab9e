/** A field of a raw record, as a `format` file of tracefs describes it. */
export interface EventField {
  readonly name: string;
  /** Offset in the record, in bytes. */
  readonly offset: number;
  /** Size in bytes; of an array, all of it. */
  readonly size: number;
  readonly signed: boolean;
  /**
   * Where the content is: in the field itself, or elsewhere in the record with the field saying where: from the record's
   * beginning (`__data_loc`) or from the field's end (`__rel_loc`).
   */
  readonly place: 'here' | 'data-loc' | 'rel-loc';
}

/** A `format` file of tracefs (/sys/kernel/tracing/events/SYSTEM/EVENT/format). */
export interface EventFormat {
  readonly name: string;
  /** `common_type` of its records. */
  readonly id: number;
  readonly fields: readonly EventField[];
  /** The text after `print fmt:`. */
  readonly printFormat: string;
}

/** More fields than any event has. */
const MAX_FIELDS = 128;
/** A record fits into a page, and pages of the ring buffer are at most some MiB. */
const MAX_OFFSET = 1 << 24;

const FIELD = /^\s*field:([^;]{1,400});\s*offset:(\d{1,9});\s*size:(\d{1,9});(?:\s*signed:(\d);)?/;

/** Reads a `format` file; undefined for text that is none. Lines that say nothing about fields are left out. */
export function parseEventFormat(text: string): EventFormat | undefined {
  const name = /^name: (\S{1,200})$/m.exec(text)?.[1];
  const id = Number(/^ID: (\d{1,5})$/m.exec(text)?.[1]);
  if (name === undefined || !(id <= 0xffff)) return undefined;
  const fields: EventField[] = [];
  const print = text.indexOf('\nprint fmt:');
  for (const line of text.slice(0, print < 0 ? text.length : print).split('\n')) {
    const match = FIELD.exec(line);
    if (match === null || fields.length === MAX_FIELDS) continue;
    const field = fieldOf(match[1], Number(match[2]), Number(match[3]), match[4] === '1');
    if (field !== undefined) fields.push(field);
  }
  return { name, id, fields, printFormat: print < 0 ? '' : text.slice(print + '\nprint fmt:'.length).trim() };
}

/** @param declaration such as `unsigned long call_site`, `char comm[16]` or `__data_loc char[] name` */
function fieldOf(declaration: string, offset: number, size: number, signed: boolean): EventField | undefined {
  const name = /([A-Za-z_]\w*)(?:\[[^\]]*\])?\s*$/.exec(declaration)?.[1];
  if (name === undefined || offset > MAX_OFFSET || size > MAX_OFFSET) return undefined;
  const place = declaration.includes('__data_loc')
    ? 'data-loc'
    : declaration.includes('__rel_loc')
      ? 'rel-loc'
      : 'here';
  return { name, offset, size, signed, place };
}

export const findField = (format: EventFormat, name: string): EventField | undefined =>
  format.fields.find((field) => field.name === name);
