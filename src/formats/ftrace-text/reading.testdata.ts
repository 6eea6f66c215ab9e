import type { EventTable } from '../../trace/event-table.ts';
import type { ReaderOptions } from '../reader.ts';
import { bytesOf, readBytesWith } from '../text/reading.testdata.ts';
import { FtraceTextReader } from './reader.ts';

/** Reads bytes in chunks of the given size, or whole. */
export const readBytes = readBytesWith((options) => new FtraceTextReader(options));

/** Reads lines, each ended by a newline. */
export const readLines = (lines: readonly string[], options: Partial<ReaderOptions> = {}): EventTable =>
  readBytes(bytesOf(lines.map((text) => `${text}\n`).join('')), undefined, options);

/** What stands before an event's fields in tracefs text. */
export interface Prefix {
  readonly comm?: string;
  readonly pid?: number;
  readonly cpu?: number;
  readonly flags?: string;
  readonly time?: string;
}

/** A line as the kernel prints it (`trace_print_context`, kernel/trace/trace_output.c). */
export function line(
  rest: string,
  { comm = 'bench', pid = 44, cpu = 0, flags = '.....', time = '0.541526' }: Prefix = {},
): string {
  const task = `${comm.padStart(16)}-${String(pid).padEnd(7)}`;
  return `${task} [${String(cpu).padStart(3, '0')}] ${flags} ${time.padStart(12)}: ${rest}`;
}

/** A page allocation, short of what a test is about. */
export const pageAlloc = (pfn: number, prefix: Prefix = {}): string =>
  line(
    `mm_page_alloc: page=00000000b2e90a6f pfn=0x${pfn.toString(16)} order=0 migratetype=0 gfp_flags=GFP_KERNEL`,
    prefix,
  );

/** The entry with a stack trace, as tracefs prints it. */
export const stack = (frames: readonly string[], prefix: Prefix = {}): string[] => [
  line('<stack trace>', prefix),
  ...frames.map((frame) => ` => ${frame}`),
];
