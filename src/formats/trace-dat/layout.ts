import type { FileOptions } from './options.ts';

/** Data of one CPU: where they are in the file. */
export interface CpuData {
  readonly cpu: number;
  readonly offset: number;
  readonly size: number;
}

/** A buffer of the kernel that was recorded: the top one, or that of an instance. */
export interface TraceBuffer {
  /** Empty for the top one. */
  readonly name: string;
  /** Its clock, as tracefs calls it; empty where only the options say it. */
  readonly clock: string;
  /** Bytes of a page of the ring buffer; 0 where only `headerPage` says it. */
  readonly pageBytes: number;
  readonly compressed: boolean;
  readonly cpus: readonly CpuData[];
}

/** What a file consists of, whatever its version. */
export interface Layout {
  /** events/header_page of tracefs. */
  readonly headerPage: string;
  /** Format files of all events. */
  readonly formats: readonly string[];
  /** Text of /proc/kallsyms. */
  readonly kallsyms: Uint8Array;
  /** saved_cmdlines of tracefs. */
  readonly commandLines: string;
  readonly options: Readonly<FileOptions>;
  readonly buffers: readonly TraceBuffer[];
  /** Whether there is the text of a latency tracer. */
  readonly hasText: boolean;
}

/** The kernel's NR_CPUS is at most 8192. */
export const MAX_CPUS = 1 << 16;
/** Buffers are directories of tracefs that somebody made. */
export const MAX_BUFFERS = 1 << 10;
/** A name, and an option, which may hold the maps of all tasks. */
export const MAX_NAME_BYTES = 1 << 12;
export const MAX_OPTION_BYTES = 1 << 26;
