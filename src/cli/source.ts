import { constants, fstatSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { InputError } from '../base/errors.ts';
import { peek, type ByteChunks } from '../open/byte-stream.ts';
import { displayName } from '../open/opened-trace.ts';
import type { RandomAccess } from '../open/platform.ts';
import { EXPECTED, emptyInput, type SourceKind } from '../open/source-kind.ts';
import { FileSource } from './file-source.ts';
import type { Surroundings } from './surroundings.ts';

/** An input that was opened, as it is stored. */
export interface Source {
  /** Its path, or `-`. */
  readonly name: string;
  /** Bytes; undefined where that is not known, as for a pipe. */
  readonly size: number | undefined;
  readonly chunks: ByteChunks;
  /** Opens it for reading at any place; undefined where that cannot be done, as for a pipe. */
  readonly openRandom: (() => RandomAccess) | undefined;
  /** Gives up the chunks that were not taken. */
  readonly close: () => void;
}

const CHUNK_BYTES = 1 << 20;

/**
 * Opens a file, a FIFO or, for `-`, the standard input.
 *
 * @param what it should be
 * @throws InputError for a directory or an empty input; system errors as they come
 */
export async function openSource(
  path: string,
  { stdin }: Pick<Surroundings, 'stdin'>,
  what: SourceKind,
): Promise<Source> {
  if (path === '-') {
    const chunks = await notEmpty(path, fromStdin(stdin), what);
    return { name: path, size: undefined, chunks, openRandom: undefined, close: () => undefined };
  }
  const file = await open(path, constants.O_RDONLY);
  try {
    const info = await file.stat();
    if (info.isDirectory()) {
      throw new InputError({
        where: path,
        found: 'a directory',
        expected: EXPECTED[what].file,
        advice: `Give ${EXPECTED[what].inDirectory}, or "-" for the standard input.`,
      });
    }
    const size = info.isFile() ? info.size : undefined;
    // Files of tracefs say that they have no bytes and have some: only reading tells that a file is empty.
    const stream = file.createReadStream({ highWaterMark: CHUNK_BYTES });
    const chunks = await notEmpty(path, stream, what);
    const close = (): void => void stream.destroy();
    if (size === undefined || size === 0) return { name: path, size: undefined, chunks, openRandom: undefined, close };
    return { name: path, size, chunks, openRandom: () => openRandom(path), close };
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

function openRandom(path: string): RandomAccess {
  const descriptor = openSync(path, constants.O_RDONLY);
  const source = new FileSource(descriptor, fstatSync(descriptor).size, path);
  return { source, close: () => source.close() };
}

/** The standard input gives strings only to those who set an encoding. */
async function* fromStdin(stdin: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stdin) {
    if (chunk instanceof Uint8Array) yield chunk;
    else yield Buffer.from(String(chunk), 'latin1');
  }
}

async function notEmpty(path: string, chunks: ByteChunks, what: SourceKind): Promise<ByteChunks> {
  const { head, all } = await peek(chunks, 1);
  if (head.length > 0) return all;
  throw emptyInput(displayName(path), what);
}
