import type { EventTable } from '../../trace/event-table.ts';
import type { ReaderOptions } from '../reader.ts';
import { bytesOf, readBytesWith } from '../text/reading.testdata.ts';
import { PerfScriptReader } from './reader.ts';

/** Reads bytes in chunks of the given size, or whole. */
export const readBytes = readBytesWith((options) => new PerfScriptReader(options));

/** Reads lines, each ended by a newline. */
export const readLines = (lines: readonly string[], options: Partial<ReaderOptions> = {}): EventTable =>
  readBytes(bytesOf(lines.map((text) => `${text}\n`).join('')), undefined, options);

/** An event as perf script prints it by default (tools/perf/builtin-script.c, `perf_sample__fprintf_start`). */
export const line = (rest: string, place = 'bench    44 [000]     0.541526'): string => `${place}: ${rest}`;

export const pageFree = (pfn: number): string =>
  line(`kmem:mm_page_free: page=0x${pfn.toString(16)} pfn=0x${pfn.toString(16)} order=0`);

/** A callchain of kernel functions, and the empty line that ends it. */
export const callchain = (functions: readonly string[]): string[] => [
  ...functions.map((name) => `\tffffffff816365b7 ${name}+0x227 ([kernel.kallsyms])`),
  '',
];
