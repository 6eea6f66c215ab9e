import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { InputError, quoted } from '../base/errors.ts';
import type { ByteSource } from '../formats/byte-source.ts';
import { isStreamReader, type RandomAccessReader, type StreamReader, type TraceReader } from '../formats/reader.ts';
import { displayName, type OpenedTrace } from '../jobs/opened-trace.ts';
import { requireAllocations } from '../jobs/require-allocations.ts';
import type { EventTable } from '../trace/event-table.ts';
import { metered, peek, type ByteChunks } from './byte-stream.ts';
import { decompress } from './decompress.ts';
import { FORMAT_HEAD_BYTES, mayBeTrace, recogniseFormat } from './format.ts';
import { isRunningKernel, localSymbols } from './local-symbols.ts';
import type { TraceSettings } from './options.ts';
import type { Progress } from './progress.ts';
import type { TextFile } from './read-parts.ts';
import { readSymbols } from './read-symbols.ts';
import { openSource, type RandomAccess } from './source.ts';
import { spool } from './spool.ts';
import type { Surroundings } from './surroundings.ts';
import { isZip, zipMember } from './zip.ts';

/** How a trace is read. */
export type ReadingSettings = Pick<TraceSettings, 'strict' | 'symbols' | 'symbolsOffset' | 'jobs'>;

/**
 * Reads a trace from a path or, for `-`, the standard input.
 *
 * @param settings strict: whether a record that cannot be read is an error; symbols: a file with names of functions, and how far
 * they were moved
 * @param wanted `any`: a trace without events to work on will do
 * @throws InputError for what is not a trace, or is one without events to work on
 */
export async function readTrace(
  path: string,
  { strict, symbols, symbolsOffset, jobs }: ReadingSettings,
  surroundings: Surroundings,
  progress: Progress,
  wanted: 'allocations' | 'any' = 'allocations',
): Promise<OpenedTrace> {
  const input = await openInput(path, surroundings, progress);
  try {
    const { name } = input;
    const { compression, chunks } = await decompress(input.chunks, name);
    const { head, all } = await peek(chunks, FORMAT_HEAD_BYTES);
    const format = recogniseFormat(head, path);
    const options = { name, strict, keepAddresses: symbols !== undefined };
    const openRandom = compression === 'none' ? input.openRandom : undefined;
    const { text } = format;
    const {
      table: read,
      bytes,
      madeFrom,
    } = text !== undefined && openRandom !== undefined && jobs > 1
      ? await readInThreads({ path, format: text, options, head }, openRandom, jobs, progress)
      : await readAlone(
          await format.open({ ...options, keepsAddressesOf: isRunningKernel }),
          all,
          openRandom,
          name,
          progress,
        );
    const table =
      symbols !== undefined
        ? await withSymbols(read, name, { symbols, symbolsOffset }, surroundings)
        : format.name === 'perf.data' && isRunningKernel(read.recording.kernelRelease)
          ? await withLocalSymbols(read)
          : read;
    const packed = [compression, ...(input.isZipped ? ['zip'] : [])].filter((kind) => kind !== 'none');
    const made = madeFrom === undefined ? '' : `, made from ${madeFrom}`;
    const shown = `${format.name}${packed.length === 0 ? '' : ` (${packed.join(', ')})`}${made}`;
    const trace = { table, source: { files: [name === displayName(path) ? path : name], format: shown, bytes } };
    if (wanted === 'allocations') requireAllocations(trace);
    return trace;
  } finally {
    input.close();
  }
}

async function withSymbols(
  table: EventTable,
  name: string,
  { symbols: path, symbolsOffset }: { readonly symbols: string; readonly symbolsOffset: bigint | undefined },
  surroundings: Surroundings,
): Promise<EventTable> {
  const { resolveAddresses } = await import('../formats/symbols/resolve-addresses.ts');
  const { table: resolved, offset } = resolveAddresses(table, await readSymbols(path, surroundings), symbolsOffset);
  if (offset !== undefined) return resolved;
  const warning = `--symbols ${path}: they do not fit the addresses in ${name}, wherever the kernel was loaded, and call sites are shown as addresses: give the System.map of that very build or its /proc/kallsyms from the time of the recording, or how far it was moved with --symbols-offset`;
  const { recording } = resolved;
  return Object.freeze({ ...resolved, recording: { ...recording, warnings: [warning, ...recording.warnings] } });
}

async function withLocalSymbols(table: EventTable): Promise<EventTable> {
  const { resolveAddresses } = await import('../formats/symbols/resolve-addresses.ts');
  const symbols = await localSymbols(table);
  const { table: resolved } = resolveAddresses(table, symbols);
  if (symbols === undefined) return resolved;
  const { recording } = resolved;
  const note =
    'Names of functions are from /proc/kallsyms: the trace was recorded here, since this machine was started.';
  return Object.freeze({ ...resolved, recording: { ...recording, notes: [...recording.notes, note] } });
}

/** What a path stands for: a file, the standard input, or a member of a zip archive. */
interface Input {
  /** In messages; of a member, the path that means it. */
  readonly name: string;
  readonly chunks: ByteChunks;
  readonly openRandom: (() => RandomAccess) | undefined;
  readonly isZipped: boolean;
  readonly close: () => void;
}

/** Opens a path; `archive.zip/member` is one, and `archive.zip` means the only trace in it. */
async function openInput(path: string, surroundings: Surroundings, progress: Progress): Promise<Input> {
  const { file, member } = await splitMember(path);
  const source = await openSource(file, surroundings, 'a trace');
  const closing = [source.close];
  const close = (): void => closing.forEach((part) => part());
  try {
    const name = displayName(file);
    progress.begin(name, source.size);
    const { head, all } = await peek(source.chunks, ZIP_HEAD_BYTES);
    if (!isZip(head)) {
      if (member !== undefined) throw notAnArchive(file, member);
      const chunks = metered(all, (bytes) => progress.advance(bytes));
      return { name, chunks, openRandom: source.openRandom, isZipped: false, close };
    }
    // The list of members is at the end.
    const access = source.openRandom === undefined ? await spool(all, name) : source.openRandom();
    closing.push(access.close);
    const isTrace = (memberHead: Uint8Array): boolean => mayBeTrace(memberHead);
    const found = await zipMember(meteredSource(access.source, progress), name, member, FORMAT_HEAD_BYTES, isTrace);
    return { name: `${name}/${found.name}`, chunks: found.chunks, openRandom: undefined, isZipped: true, close };
  } catch (error) {
    close();
    throw error;
  }
}

const ZIP_HEAD_BYTES = 4;

/** The file that a path leads to, and what stands behind it: the name of a member, if the file is an archive. */
async function splitMember(path: string): Promise<{ readonly file: string; readonly member: string | undefined }> {
  for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const file = path.slice(0, slash);
    const info = await stat(file).catch(() => undefined);
    if (info === undefined) break;
    if (info.isFile()) return { file, member: path.slice(slash + 1) };
  }
  return { file: path, member: undefined };
}

const notAnArchive = (file: string, member: string): InputError =>
  new InputError({
    where: file,
    found: 'a file that is no zip archive',
    expected: `a folder or an archive with ${quoted(member)} in it`,
    advice: 'Check the path.',
  });

interface Read {
  readonly table: EventTable;
  /** Size of the trace, decompressed. */
  readonly bytes: number;
  /** What it was made from, if that was another trace. */
  readonly madeFrom?: string | undefined;
}

async function readInThreads(
  file: Omit<TextFile, 'source'>,
  openRandom: () => RandomAccess,
  jobs: number,
  progress: Progress,
): Promise<Read> {
  const { readInParts } = await import('./read-parts.ts');
  const access = openRandom();
  try {
    return await readInParts({ ...file, source: access.source }, jobs, (bytes) => progress.advance(bytes));
  } finally {
    access.close();
  }
}

async function readAlone(
  reader: TraceReader,
  chunks: ByteChunks,
  openRandom: (() => RandomAccess) | undefined,
  name: string,
  progress: Progress,
): Promise<Read> {
  if (isStreamReader(reader)) return readStream(reader, chunks);
  const read = await readAnywhere(reader, openRandom, chunks, name, progress);
  return { ...read, madeFrom: reader.madeFrom };
}

async function readStream(reader: StreamReader, chunks: ByteChunks): Promise<Read> {
  let bytes = 0;
  for await (const chunk of chunks) {
    reader.push(chunk);
    bytes += chunk.length;
  }
  return { table: reader.finish(), bytes };
}

/** Reads a format that seeks: from the file itself, or, where that cannot be done, from a copy of its content. */
async function readAnywhere(
  reader: RandomAccessReader,
  openRandom: (() => RandomAccess) | undefined,
  chunks: ByteChunks,
  name: string,
  progress: Progress,
): Promise<Read> {
  const access = openRandom === undefined ? await spool(chunks, name) : openRandom();
  try {
    const { source } = access;
    const steps = reader.read(openRandom === undefined ? source : meteredSource(source, progress));
    for (;;) {
      const step = steps.next();
      if (step.done === true) return { table: step.value, bytes: source.size };
      // Lets the progress line be drawn.
      await setImmediate();
    }
  } finally {
    access.close();
  }
}

const meteredSource = (source: ByteSource, progress: Progress): ByteSource => ({
  size: source.size,
  read(offset, length) {
    progress.advance(length);
    return source.read(offset, length);
  },
});
