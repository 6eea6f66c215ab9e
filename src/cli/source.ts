import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { InputError } from '../base/errors.ts';
import { peek, type ByteChunks } from './byte-stream.ts';
import type { Surroundings } from './surroundings.ts';

/** An input that was opened, as it is stored. */
export interface Source {
  /** Its path, or `-`. */
  readonly name: string;
  /** Bytes; undefined where that is not known, as for a pipe. */
  readonly size: number | undefined;
  readonly chunks: ByteChunks;
}

const CHUNK_BYTES = 1 << 20;

/** What an input is called in messages. */
export const displayName = (path: string): string => (path === '-' ? 'standard input' : path);

/**
 * Opens a file, a FIFO or, for `-`, the standard input.
 *
 * @throws InputError for a directory or an empty input; system errors as they come
 */
export async function openSource(path: string, { stdin }: Pick<Surroundings, 'stdin'>): Promise<Source> {
  if (path === '-') return { name: path, size: undefined, chunks: await notEmpty(path, fromStdin(stdin)) };
  const file = await open(path, constants.O_RDONLY);
  try {
    const info = await file.stat();
    if (info.isDirectory()) {
      throw new InputError({
        where: path,
        found: 'a directory',
        expected: 'a trace file',
        advice: 'Give the files in it that are traces, or "-" for the standard input.',
      });
    }
    const size = info.isFile() ? info.size : undefined;
    // Files of tracefs say that they have no bytes and have some: only reading tells that a file is empty.
    const chunks = await notEmpty(path, file.createReadStream({ highWaterMark: CHUNK_BYTES }));
    return { name: path, size: size === 0 ? undefined : size, chunks };
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

/** The standard input gives strings only to those who set an encoding. */
async function* fromStdin(stdin: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stdin) {
    if (chunk instanceof Uint8Array) yield chunk;
    else yield Buffer.from(String(chunk), 'latin1');
  }
}

async function notEmpty(path: string, chunks: ByteChunks): Promise<ByteChunks> {
  const { head, all } = await peek(chunks, 1);
  if (head.length > 0) return all;
  throw new InputError({
    where: displayName(path),
    found: 'no bytes: it is empty',
    expected: 'a trace',
    advice:
      'Reading trace_pipe empties the buffer, and so does another reader; record again, or copy the file "trace".',
  });
}
