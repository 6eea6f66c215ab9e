import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { MemorySource } from '../formats/byte-source.ts';
import { concat, type ByteChunks } from '../open/byte-stream.ts';
import type { RandomAccess } from '../open/platform.ts';
import { FileSource } from './file-source.ts';

/** Bounds of what is kept; tests have smaller ones. */
export interface SpoolLimits {
  /** Up to this size bytes stay in memory. */
  readonly memoryBytes: number;
  /** What may be written to disk: an endless pipe must not fill it. */
  readonly diskBytes: number;
}

const LIMITS: SpoolLimits = { memoryBytes: 64 * 2 ** 20, diskBytes: 64 * 2 ** 30 };

/**
 * Keeps a stream so that it can be read at any place: in memory if it is small, otherwise in a temporary file that has
 * no name any more when this begins to write to it. Whatever ends the program, even a signal, gives its space back.
 *
 * @throws InputError for a stream that does not end; system errors as they come
 */
export async function spool(chunks: ByteChunks, name: string, limits: SpoolLimits = LIMITS): Promise<RandomAccess> {
  const held: Uint8Array[] = [];
  let size = 0;
  let descriptor: number | undefined;
  try {
    for await (const chunk of chunks) {
      if (size + chunk.length > limits.diskBytes) throw tooLong(name, limits.diskBytes);
      if (descriptor === undefined && size + chunk.length > limits.memoryBytes) {
        descriptor = openNameless();
        for (const piece of held.splice(0)) writeAll(descriptor, piece);
      }
      if (descriptor === undefined) held.push(chunk);
      else writeAll(descriptor, chunk);
      size += chunk.length;
    }
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw error;
  }
  if (descriptor === undefined) return { source: new MemorySource(concat(held, size)), close: () => undefined };
  const source = new FileSource(descriptor, size, name);
  return { source, close: () => source.close() };
}

/** Opens a file that only this process can reach, and takes its name away: it goes when it is closed. */
function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'tagscope-'));
  try {
    return openSync(join(folder, 'input'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeAll(descriptor: number, data: Uint8Array): void {
  for (let at = 0; at < data.length;) at += writeSync(descriptor, data, at);
}

const tooLong = (name: string, bytes: number): InputError =>
  new InputError({
    where: name,
    found: `more than ${bytes} bytes`,
    expected: 'an input that ends',
    advice: 'This format is read at several places, so it is kept on disk first. Give it as an uncompressed file.',
  });
