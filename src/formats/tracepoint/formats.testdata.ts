import { parseEventFormat, type EventFormat } from './event-format.ts';

/** The format of an event in the text of several format files, one after the other. */
export function formatIn(files: string, event: string): EventFormat {
  const text = files.split(/^(?=name: )/m).find((candidate) => candidate.startsWith(`name: ${event}\n`));
  const format = text === undefined ? undefined : parseEventFormat(text);
  if (format === undefined) throw new Error(`no ${event}`);
  return format;
}

/** A field of a made format. */
export type Field = readonly [declaration: string, offset: number, size: number, signed?: boolean];

const COMMON: readonly Field[] = [
  ['unsigned short common_type', 0, 2],
  ['unsigned char common_flags', 2, 1],
  ['unsigned char common_preempt_count', 3, 1],
  ['int common_pid', 4, 4, true],
];

/** The text of a format file, as the kernel writes it (kernel/trace/trace_events.c:f_show). */
export function formatText(name: string, id: number, fields: readonly Field[], printFormat = '""'): string {
  const line = ([declaration, offset, size, signed = false]: Field): string =>
    `\tfield:${declaration};\toffset:${offset};\tsize:${size};\tsigned:${Number(signed)};`;
  return [
    `name: ${name}`,
    `ID: ${id}`,
    'format:',
    ...COMMON.map(line),
    '',
    ...fields.map(line),
    '',
    `print fmt: ${printFormat}`,
    '',
  ].join('\n');
}
