import { InputError, quoted } from '../base/errors.ts';
import type { ByteSource } from '../formats/byte-source.ts';
import { isStreamReader, type RandomAccessReader, type ReaderOptions, type StreamReader } from '../formats/reader.ts';
import type { KernelSymbols } from '../formats/symbols/kallsyms.ts';
import type { EventTable } from '../trace/event-table.ts';
import { metered, peek, type ByteChunks } from './byte-stream.ts';
import { decompress } from './decompress.ts';
import type { OpenedTrace } from './opened-trace.ts';
import type { Platform, RandomAccess, RunningKernel } from './platform.ts';
import type { TextFormat } from './text-readers.ts';
import { FORMAT_HEAD_BYTES, mayBeTrace, recogniseFormat } from './trace-format.ts';
import { isZip, ZIP_HEAD_BYTES } from './zip-archive.ts';

/** An input that was opened, as it is stored. */
export interface TraceInput {
  /** In messages. */
  readonly name: string;
  /** Its path as it was given, or `-`: results say where they are from. */
  readonly path: string;
  /** The name of a member, where the path leads into an archive. */
  readonly member: string | undefined;
  readonly chunks: ByteChunks;
  /** Opens it for reading at any place; undefined where that cannot be done, as for a pipe. */
  readonly openRandom: (() => RandomAccess) | undefined;
  /** Reads a text with several threads; undefined where there are none, or one is asked for. */
  readonly readInParts: ((text: TextInput) => Promise<Read>) | undefined;
}

/** A text that several threads read. */
export interface TextInput {
  readonly format: TextFormat;
  readonly options: ReaderOptions;
  /** Some of its beginning. */
  readonly head: Uint8Array;
  /** The text, at any place. */
  readonly source: ByteSource;
  /** Is told of bytes that were read. */
  readonly advance: (bytes: number) => void;
}

export interface Read {
  readonly table: EventTable;
  /** Size of the trace, decompressed. */
  readonly bytes: number;
  /** What it was made from, if that was another trace. */
  readonly madeFrom?: string | undefined;
}

/** Names for the addresses of a trace that has none. */
export interface GivenSymbols {
  /** In messages. */
  readonly name: string;
  readonly load: () => Promise<KernelSymbols>;
  /** By how many bytes the kernel was moved from where they say; undefined if it is to be found out. */
  readonly offset: bigint | undefined;
}

/** How a trace is read. */
export interface ReadingSettings {
  /** Whether a record that cannot be read is an error. */
  readonly strict: boolean;
  readonly symbols: GivenSymbols | undefined;
}

/** Who waits for a trace. */
export interface Reader {
  /** Is told of bytes of the input that were read. */
  advance(bytes: number): void;
  /** Gives others their turn. @throws whatever ends the reading */
  turn(): Promise<void>;
}

/**
 * Reads a trace of any format: plain, compressed, or in a zip archive.
 *
 * @throws InputError for what is not a trace, or a damaged one
 */
export async function readTrace(
  input: TraceInput,
  settings: ReadingSettings,
  platform: Platform,
  reader: Reader,
): Promise<OpenedTrace> {
  const member = await memberOf(input, platform, reader);
  try {
    const { name } = member;
    const path = member.isZipped ? name : input.path;
    const { compression, chunks } = await decompress(member.chunks, name, platform);
    const { head, all } = await peek(chunks, FORMAT_HEAD_BYTES);
    const format = recogniseFormat(head, path);
    const { strict, symbols } = settings;
    const options = { name, strict, keepAddresses: symbols !== undefined };
    const openRandom = compression === 'none' ? member.openRandom : undefined;
    const { runningKernel } = platform;
    const read = async (): Promise<Read> => {
      const { text } = format;
      const { readInParts } = input;
      if (text !== undefined && readInParts !== undefined && openRandom !== undefined) {
        const access = openRandom();
        const advance = (bytes: number): void => reader.advance(bytes);
        return readInParts({ format: text, options, head, source: access.source, advance }).finally(access.close);
      }
      const opened = await format.open({ ...options, keepsAddressesOf: runningKernel?.is ?? never }, platform);
      if (isStreamReader(opened)) return readStream(opened, all, reader);
      const access = openRandom === undefined ? await platform.spool(all, name) : openRandom();
      // What is spooled was counted when it was read.
      const source = openRandom === undefined ? access.source : meteredSource(access.source, reader);
      return readAnywhere(opened, source, reader).finally(access.close);
    };
    const { table, bytes, madeFrom } = await read();
    const named =
      symbols !== undefined
        ? await withSymbols(table, name, symbols)
        : format.name === 'perf.data' && runningKernel?.is(table.recording.kernelRelease) === true
          ? await withLocalSymbols(table, runningKernel)
          : table;
    const packed = [compression, ...(member.isZipped ? ['zip'] : [])].filter((kind) => kind !== 'none');
    const made = madeFrom === undefined ? '' : `, made from ${madeFrom}`;
    const shown = `${format.name}${packed.length === 0 ? '' : ` (${packed.join(', ')})`}${made}`;
    return { table: named, source: { files: [path], format: shown, bytes } };
  } finally {
    member.close();
  }
}

const never = (): boolean => false;

/** The trace itself: an input, or a member of an archive. */
interface Member {
  /** In messages; of a member, the path that means it. */
  readonly name: string;
  readonly chunks: ByteChunks;
  readonly openRandom: (() => RandomAccess) | undefined;
  readonly isZipped: boolean;
  readonly close: () => void;
}

/** The member of an archive that is meant, or the input if it is none. */
async function memberOf(input: TraceInput, platform: Platform, reader: Reader): Promise<Member> {
  const { name, member, openRandom } = input;
  const { head, all } = await peek(input.chunks, ZIP_HEAD_BYTES);
  if (!isZip(head)) {
    if (member !== undefined) throw notAnArchive(name, member);
    const chunks = metered(all, (bytes) => reader.advance(bytes));
    return { name, chunks, openRandom, isZipped: false, close: () => undefined };
  }
  // The list of members is at the end.
  const access = openRandom === undefined ? await platform.spool(all, name) : openRandom();
  try {
    const wanted = { name: member, isTrace: mayBeTrace, headBytes: FORMAT_HEAD_BYTES };
    const found = await platform.zipMember(meteredSource(access.source, reader), name, wanted);
    const { chunks } = found;
    return { name: `${name}/${found.name}`, chunks, openRandom: undefined, isZipped: true, close: access.close };
  } catch (error) {
    access.close();
    throw error;
  }
}

const notAnArchive = (file: string, member: string): InputError =>
  new InputError({
    where: file,
    found: 'a file that is no zip archive',
    expected: `a folder or an archive with ${quoted(member)} in it`,
    advice: 'Check the path.',
  });

async function readStream(opened: StreamReader, chunks: ByteChunks, reader: Reader): Promise<Read> {
  let bytes = 0;
  for await (const chunk of chunks) {
    opened.push(chunk);
    bytes += chunk.length;
    await reader.turn();
  }
  return { table: opened.finish(), bytes };
}

/** Reads a format that seeks. */
async function readAnywhere(opened: RandomAccessReader, source: ByteSource, reader: Reader): Promise<Read> {
  const steps = opened.read(source);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return { table: step.value, bytes: source.size, madeFrom: opened.madeFrom };
    await reader.turn();
  }
}

const meteredSource = (source: ByteSource, reader: Reader): ByteSource => ({
  size: source.size,
  read(offset, length) {
    reader.advance(length);
    return source.read(offset, length);
  },
});

async function withSymbols(table: EventTable, name: string, symbols: GivenSymbols): Promise<EventTable> {
  const { resolveAddresses } = await import('../formats/symbols/resolve-addresses.ts');
  const { table: resolved, offset } = resolveAddresses(table, await symbols.load(), symbols.offset);
  if (offset !== undefined) return resolved;
  const warning = `--symbols ${symbols.name}: they do not fit the addresses in ${name}, wherever the kernel was loaded, and call sites are shown as addresses: give the System.map of that very build or its /proc/kallsyms from the time of the recording, or how far it was moved with --symbols-offset`;
  const { recording } = resolved;
  return Object.freeze({ ...resolved, recording: { ...recording, warnings: [warning, ...recording.warnings] } });
}

async function withLocalSymbols(table: EventTable, kernel: RunningKernel): Promise<EventTable> {
  const { resolveAddresses } = await import('../formats/symbols/resolve-addresses.ts');
  const symbols = await kernel.symbolsOf(table);
  const { table: resolved } = resolveAddresses(table, symbols);
  if (symbols === undefined) return resolved;
  const { recording } = resolved;
  const note =
    'Names of functions are from /proc/kallsyms: the trace was recorded here, since this machine was started.';
  return Object.freeze({ ...resolved, recording: { ...recording, notes: [...recording.notes, note] } });
}
