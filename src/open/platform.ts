import type { KernelSymbols } from '../formats/symbols/kallsyms.ts';
import type { Decompressors } from '../formats/decompressors.ts';
import type { ByteSource } from '../formats/byte-source.ts';
import type { EventTable } from '../trace/event-table.ts';
import type { ByteChunks } from './byte-stream.ts';

/** Decoders of streams, each of a whole file. All throw `InputError`, naming the offset, for what is cut short or damaged. */
export interface StreamDecoders {
  /** gzip (RFC 1952) of one member or several. */
  readonly gunzip: (chunks: ByteChunks, name: string) => ByteChunks;
  /** zstd (RFC 8878) of one frame or several. */
  readonly unzstd: (chunks: ByteChunks, name: string) => ByteChunks;
}

/** An input that can be read at any place, until it is closed. */
export interface RandomAccess {
  readonly source: ByteSource;
  readonly close: () => void;
}

/** A member of an archive that was chosen. */
export interface ArchiveMember {
  readonly name: string;
  readonly chunks: ByteChunks;
}

/** Which member of an archive is meant. */
export interface WantedMember {
  /** Its name; undefined: the only one that is a trace. */
  readonly name: string | undefined;
  /** Whether a member that begins like this is a trace; it is given `headBytes` bytes. */
  readonly isTrace: (head: Uint8Array) => boolean;
  readonly headBytes: number;
}

/** The kernel that runs where tagscope runs. */
export interface RunningKernel {
  /** Whether it is of that release, and shows its symbols. */
  readonly is: (kernelRelease: string) => boolean;
  /** Its symbols, if it is the one that recorded the trace, and has not been started anew since. */
  readonly symbolsOf: (table: EventTable) => Promise<KernelSymbols | undefined>;
}

/** What reading an input takes from where tagscope runs: Node (`cli/node-platform.ts`) or a browser (`web/`). */
export interface Platform extends StreamDecoders {
  /** Decoders of pieces that formats hold, made when they are needed. */
  readonly decompressors: () => Promise<Decompressors>;
  /** Keeps a stream so that it can be read at any place. */
  readonly spool: (chunks: ByteChunks, name: string) => Promise<RandomAccess>;
  /** Finds the member of a zip archive that is meant. @throws InputError if none is, or several are */
  readonly zipMember: (archive: ByteSource, name: string, wanted: WantedMember) => Promise<ArchiveMember>;
  /** Undefined where no kernel can be looked at. */
  readonly runningKernel: RunningKernel | undefined;
}
