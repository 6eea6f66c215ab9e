// trace.dat files made by hand, for what recordings seldom have. Layouts: trace-cmd.dat.v6(5), trace-cmd.dat.v7(5), and
// include/linux/ring_buffer.h of the kernel.

import { formatText } from '../tracepoint/formats.testdata.ts';

export const u16 = (value: number): Uint8Array => little(BigInt(value), 2);
export const u32 = (value: number): Uint8Array => little(BigInt(value), 4);
export const u64 = (value: number | bigint): Uint8Array => little(BigInt(value), 8);
export const text = (value: string): Uint8Array => Uint8Array.from(value, (character) => character.charCodeAt(0));
export const zeroes = (length: number): Uint8Array => new Uint8Array(length);

function little(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, byte) => Number((value >> BigInt(8 * byte)) & 0xffn));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const FREE_ID = 300;
const STACK_ID = 4;
const USER_STACK_ID = 13;

/** Format files of the events that the records below are of. */
export const FORMATS = {
  ftrace: [
    formatText('kernel_stack', STACK_ID, [
      ['int size', 8, 4, true],
      ['unsigned long caller[8]', 16, 64],
    ]),
    formatText('user_stack', USER_STACK_ID, [
      ['unsigned int tgid', 8, 4],
      ['unsigned long caller[8]', 16, 64],
    ]),
  ],
  events: [
    formatText('mm_page_free', FREE_ID, [
      ['unsigned long pfn', 8, 8],
      ['unsigned int order', 16, 4],
    ]),
    formatText('other', 301, [['int x', 8, 4, true]]),
  ],
};

export interface Task {
  readonly pid?: number;
  readonly flags?: number;
}

const common = (id: number, { pid = 44, flags = 0 }: Task): Uint8Array =>
  join(u16(id), Uint8Array.of(flags, 0), u32(pid));

/** The free of a page of order 0. */
export const free = (pfn: number | bigint, task: Task = {}): Uint8Array =>
  join(common(FREE_ID, task), u64(pfn), u32(0));
/** An event that is not kept. */
export const other = (task: Task = {}): Uint8Array => join(common(301, task), u32(7));
export const kernelStack = (addresses: readonly bigint[], task: Task = {}): Uint8Array =>
  join(common(STACK_ID, task), u32(addresses.length), u32(0), ...addresses.map(u64));
export const userStack = (addresses: readonly bigint[], task: Task = {}): Uint8Array =>
  join(common(USER_STACK_ID, task), u32(9), u32(0), ...addresses.map(u64));

const word = (type: number, delta: number): Uint8Array => u32(((delta << 5) | type) >>> 0);

/** A record whose length stands in its first word, in units of four bytes. */
export const record = (delta: number, data: Uint8Array): Uint8Array => join(word(data.length / 4, delta), data);
/** A record whose length has a word of its own, as long ones have it. */
export const longRecord = (delta: number, data: Uint8Array): Uint8Array =>
  join(word(0, delta), u32(data.length + 4), data, zeroes(-data.length & 3));
export const discarded = (delta: number, length: number): Uint8Array =>
  join(word(29, delta), u32(length), zeroes(length - 4));
export const restOfPage = (length: number): Uint8Array => join(word(29, 0), zeroes(length - 4));
export const timeExtend = (delta: number): Uint8Array =>
  join(word(30, delta % 2 ** 27), u32(Math.floor(delta / 2 ** 27)));
/** An absolute time stamp: the lower 59 bits. */
export const timeStamp = (stamp: bigint): Uint8Array =>
  join(word(31, Number(stamp % 2n ** 27n)), u32(Number((stamp >> 27n) & 0xffffffffn)));

export interface Page {
  readonly stamp: bigint;
  readonly records: readonly Uint8Array[];
  /** Events lost before it: how many, or true where that is not known. */
  readonly missed?: number | true;
}

/** A page of the ring buffer. */
export function page({ stamp, records, missed }: Page, pageBytes = 4096, longBytes = 8): Uint8Array {
  const data = join(...records);
  const flags = missed === undefined ? 0 : missed === true ? 2 ** 31 : 2 ** 31 + 2 ** 30;
  const commit = longBytes === 8 ? u64(data.length + flags) : u32(data.length + flags);
  const count = typeof missed === 'number' ? (longBytes === 8 ? u64(missed) : u32(missed)) : zeroes(0);
  const used = join(u64(stamp), commit, data, count);
  return join(used, zeroes(pageBytes - used.length));
}

export interface Buffer {
  readonly name: string;
  /** By CPU. */
  readonly cpus: readonly (readonly Page[])[];
}

export interface DatFile {
  readonly buffers: readonly Buffer[];
  readonly kallsyms?: string;
  readonly commandLines?: string;
  readonly options?: readonly (readonly [id: number, data: Uint8Array])[];
  readonly pageBytes?: number;
  readonly longBytes?: number;
}

const sized8 = (data: Uint8Array): Uint8Array => join(u64(data.length), data);
const sized4 = (data: Uint8Array): Uint8Array => join(u32(data.length), data);
const option = ([id, data]: readonly [number, Uint8Array]): Uint8Array => join(u16(id), sized4(data));

const headerInfo = (pageBytes: number, longBytes: number): Uint8Array =>
  join(
    text('header_page\0'),
    sized8(
      text(
        `\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n\tfield: local_t commit;\toffset:8;\tsize:${longBytes};\tsigned:1;\n\tfield: char data;\toffset:${8 + longBytes};\tsize:${pageBytes - 8 - longBytes};\tsigned:1;\n`,
      ),
    ),
    text('header_event\0'),
    sized8(text('# compressed entry header\n')),
  );

const formats = (list: readonly string[]): Uint8Array =>
  join(u32(list.length), ...list.map((each) => sized8(text(each))));
const eventFormats = (): Uint8Array => join(u32(1), text('kmem\0'), formats(FORMATS.events));

/** Puts data at the next multiple of a page, and says where. */
function place(file: Uint8Array, data: Uint8Array, pageBytes: number): { file: Uint8Array; offset: number } {
  const offset = Math.ceil(file.length / pageBytes) * pageBytes;
  return { file: join(file, zeroes(offset - file.length), data), offset };
}

/** A file of version 6; the first buffer is the top one. */
export function version6({
  buffers,
  kallsyms = '',
  commandLines = '',
  options = [],
  pageBytes = 4096,
  longBytes = 8,
}: DatFile): Uint8Array {
  const [top, ...instances] = buffers;
  const cpus = top.cpus.length;
  const head = join(
    text('\x17\x08\x44tracing6\0\0'),
    Uint8Array.of(longBytes),
    u32(pageBytes),
    headerInfo(pageBytes, longBytes),
    formats(FORMATS.ftrace),
    eventFormats(),
    sized4(text(kallsyms)),
    sized4(zeroes(0)),
    sized8(text(commandLines)),
    u32(cpus),
    text('options  \0'),
  );
  const own = join(...options.map(option));
  const instanceBytes = instances.reduce((sum, { name }) => sum + 6 + 8 + name.length + 1, 0);
  const tableAt = head.length + own.length + instanceBytes + 2;
  // The tables of instances come right behind the one of the top buffer.
  const tableBytes = 10 + 16 * cpus;
  let file = join(zeroes(tableAt + tableBytes * buffers.length));
  const tables = buffers.map((buffer) => {
    const entries = buffer.cpus.map((pages) => {
      const data = join(...pages.map((each) => page(each, pageBytes, longBytes)));
      const placed = place(file, data, pageBytes);
      file = placed.file;
      return join(u64(placed.offset), u64(data.length));
    });
    return join(text('flyrecord\0'), ...entries);
  });
  const pointers = instances.map(({ name }, index) =>
    option([3, join(u64(tableAt + tableBytes * (index + 1)), text(`${name}\0`))]),
  );
  file.set(join(head, own, ...pointers, u16(0), ...tables));
  return file;
}

/** How sections and chunks of a version 7 file are compressed. */
export interface Compression {
  readonly name: string;
  readonly compress: (data: Uint8Array) => Uint8Array;
}

/** A file of version 7. */
export function version7(
  { buffers, kallsyms = '', commandLines = '', options = [], pageBytes = 4096, longBytes = 8 }: DatFile,
  compression?: Compression,
): Uint8Array {
  const head = join(
    text('\x17\x08\x44tracing7\0\0'),
    Uint8Array.of(longBytes),
    u32(4096),
    text(`${compression?.name ?? 'none'}\0`),
    text('1\0'),
  );
  let file = join(head, u64(0));
  const pointers: Uint8Array[] = [...options.map(option)];
  const packed = (data: Uint8Array): Uint8Array => {
    if (compression === undefined) return data;
    const content = compression.compress(data);
    return join(u32(content.length), u32(data.length), content);
  };
  const flags = compression === undefined ? 0 : 1;
  for (const [id, data] of [
    [16, headerInfo(pageBytes, longBytes)],
    [17, formats(FORMATS.ftrace)],
    [18, eventFormats()],
    [19, sized4(text(kallsyms))],
    [21, sized8(text(commandLines))],
  ] as const) {
    pointers.push(option([id, u64(file.length)]));
    const content = packed(data);
    file = join(file, u16(id), u16(flags), u32(0), u64(content.length), content);
  }
  for (const { name, cpus } of buffers) {
    const start = file.length;
    file = join(file, u16(3), u16(flags), u32(0), u64(0));
    const entries = cpus.map((pages, cpu) => {
      const each = pages.map((one) => page(one, pageBytes, longBytes));
      // The size leaves out the number of chunks.
      const data = join(...each.map(packed));
      const placed = place(file, compression === undefined ? data : join(u32(each.length), data), pageBytes);
      file = placed.file;
      return join(u32(cpu), u64(placed.offset), u64(data.length));
    });
    pointers.push(
      option([3, join(u64(start), text(`${name}\0local\0`), u32(pageBytes), u32(cpus.length), ...entries)]),
    );
  }
  const content = join(...pointers, option([0, u64(0)]));
  const optionsAt = file.length;
  file = join(file, u16(0), u16(0), u32(0), u64(content.length), content);
  file.set(u64(optionsAt), head.length);
  return file;
}
