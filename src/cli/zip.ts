import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import { InputError, quoted } from '../base/errors.ts';
import type { ByteSource } from '../formats/byte-source.ts';
import { peek } from '../open/byte-stream.ts';
import type { ArchiveMember, WantedMember } from '../open/platform.ts';

/** Members that are looked at: reports of phones have some thousand. */
const MAX_MEMBERS = 1 << 14;
/** Names that a message lists. */
const SHOWN_NAMES = 8;
const READ_BYTES = 1 << 18;
/** As for other compressed data: only what is made to grow passes both of these bounds. */
const MAX_RATIO = 2000;
const MAX_UNSUSPECTED_BYTES = 2 ** 30;

/**
 * Finds the member of a zip archive that is meant: the one with a name, or the only one that is a trace.
 *
 * @throws InputError for an archive that is damaged, or in which none or several members are meant
 */
export async function zipMember(
  source: ByteSource,
  name: string,
  { name: wanted, isTrace, headBytes }: WantedMember,
): Promise<ArchiveMember> {
  const archive = await whole(name, () =>
    fromRandomAccessReaderPromise(new SourceReader(source), source.size, { autoClose: false, strictFileNames: true }),
  );
  const entries = await whole(name, () => membersOf(archive, name));
  if (wanted !== undefined) {
    const entry = entries.find(({ fileName }) => fileName === wanted);
    if (entry === undefined) throw notThere(name, wanted, entries);
    return { name: wanted, chunks: content(archive, entry, name) };
  }
  const traces: Entry[] = [];
  for (const entry of entries) {
    const { head, all } = await peek(content(archive, entry, name), headBytes);
    await all[Symbol.asyncIterator]().return?.();
    if (isTrace(head)) traces.push(entry);
  }
  const [found] = traces;
  if (traces.length === 1) return { name: found.fileName, chunks: content(archive, found, name) };
  throw traces.length === 0 ? noTrace(name, entries) : severalTraces(name, traces);
}

/** Files that can be read; folders and what is encrypted are left out. */
async function membersOf(archive: ZipFile, name: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName.endsWith('/') || entry.isEncrypted() || !entry.canDecodeFileData()) continue;
    if (entries.length === MAX_MEMBERS) {
      throw new InputError({
        where: name,
        found: `a zip archive of more than ${MAX_MEMBERS} files`,
        expected: 'one with a trace',
        advice: `Name the trace: ${name}/MEMBER.`,
      });
    }
    entries.push(entry);
  }
  return entries;
}

async function* content(archive: ZipFile, entry: Entry, name: string): AsyncGenerator<Uint8Array> {
  const where = `${name}/${entry.fileName}`;
  const stream = await whole(where, () => archive.openReadStreamPromise(entry));
  let given = 0;
  let checksum = 0;
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array)) continue;
      given += chunk.length;
      if (given > MAX_UNSUSPECTED_BYTES && given > MAX_RATIO * entry.compressedSize) {
        throw new InputError({
          where,
          found: `zip data that grow more than ${MAX_RATIO}-fold, past ${MAX_UNSUSPECTED_BYTES / 2 ** 30} GiB`,
          expected: 'a compressed trace',
          advice: 'If it is a trace all the same, unpack it yourself: `unzip -p FILE MEMBER | tagscope report -`.',
        });
      }
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch (error) {
    throw asInputError(error, where);
  }
  if (checksum !== entry.crc32) throw damaged(where, 'data whose checksum does not match');
}

/** Does something with an archive; what fails is damage. */
async function whole<Result>(where: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw asInputError(error, where);
  }
}

function asInputError(error: unknown, where: string): unknown {
  // Errors of the file system and those that already say where come from the input; the rest is the decoder's.
  if (error instanceof InputError || (error instanceof Error && 'syscall' in error)) return error;
  return damaged(where, error instanceof Error ? quoted(error.message, 120) : 'damaged data');
}

const damaged = (where: string, found: string): InputError =>
  new InputError({
    where,
    found,
    expected: 'a zip archive that is whole',
    advice: 'Copy the file again from where it comes; `unzip -t` tests a copy.',
  });

const namesOf = (entries: readonly Entry[]): string => {
  const names = entries.slice(0, SHOWN_NAMES).map(({ fileName }) => quoted(fileName, 60));
  return `${names.join(', ')}${entries.length > SHOWN_NAMES ? ` and ${entries.length - SHOWN_NAMES} more` : ''}`;
};

const noTrace = (name: string, entries: readonly Entry[]): InputError =>
  new InputError({
    where: name,
    found: entries.length === 0 ? 'a zip archive without files' : `a zip archive without a trace: ${namesOf(entries)}`,
    expected: 'a trace in it',
    advice: 'Give the archive that has the trace, or the trace itself.',
  });

const severalTraces = (name: string, traces: readonly Entry[]): InputError =>
  new InputError({
    where: name,
    found: `a zip archive with ${traces.length} traces: ${namesOf(traces)}`,
    expected: 'one',
    advice: `Name those that you mean, such as ${name}/${traces[0].fileName}.`,
  });

const notThere = (name: string, wanted: string, entries: readonly Entry[]): InputError =>
  new InputError({
    where: name,
    found: `no file ${quoted(wanted)} in the archive`,
    expected: `one of its files: ${namesOf(entries)}`,
    advice: 'Give a name as `unzip -l` shows it.',
  });

/** Gives a source to the library. */
class SourceReader extends RandomAccessReader {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(pieces(this.#source, start, end), { objectMode: false });
  }
}

function* pieces(source: ByteSource, start: number, end: number): Generator<Uint8Array> {
  const stop = Math.min(end, source.size);
  for (let at = start; at < stop; at += READ_BYTES) yield source.read(at, Math.min(READ_BYTES, stop - at));
}
