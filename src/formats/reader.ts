import type { EventTable } from '../trace/event-table.ts';
import type { ByteSource } from './byte-source.ts';
import type { Decompressors } from './decompressors.ts';

/** What every reader is told. */
export interface ReaderOptions {
  /** Name of the input in messages. */
  readonly name: string;
  /** Stop with an error at the first record that cannot be read, instead of counting it. */
  readonly strict?: boolean;
  /**
   * Keep addresses that have no name where names of functions stand, as `0x…`, so that symbols can be given to them
   * later. Otherwise frames without a name are left out: they tell nothing.
   */
  readonly keepAddresses?: boolean;
  /** The same for traces of a kernel with that release (`uname -r`), in formats that say it and bring no symbols. */
  readonly keepsAddressesOf?: (kernelRelease: string) => boolean;
}

/** What a reader of a binary format is told. */
export interface BinaryReaderOptions extends ReaderOptions {
  readonly decompressors: Decompressors;
}

/**
 * Reads a format from its beginning to its end. The caller has the loop: files, pipes and browsers feed it alike, and
 * however the input is cut, the table is the same.
 */
export interface StreamReader {
  /** Takes the next bytes of the input; any size, any cut. The reader keeps no reference to them. */
  push(chunk: Uint8Array): void;
  /** Ends the input. @throws InputError for what is not the format */
  finish(): EventTable;
}

/** Reads a format that says at one place of the file where others are. */
export interface RandomAccessReader {
  /** What the file was made from, if that was another trace; known when it was read. */
  readonly madeFrom?: string;
  /**
   * Reads the whole trace. Stops now and then, so that the caller can show how far it is: the generator gives nothing
   * until it returns the table.
   *
   * @throws InputError for what is not the format
   */
  read(source: ByteSource): Generator<undefined, EventTable>;
}

export type TraceReader = StreamReader | RandomAccessReader;

export const isStreamReader = (reader: TraceReader): reader is StreamReader => 'push' in reader;

/** Reads a trace without a stop. */
export function readAtOnce(reader: RandomAccessReader, source: ByteSource): EventTable {
  const steps = reader.read(source);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
