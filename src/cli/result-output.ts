import { once } from 'node:events';
import { open, stat, unlink } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { UsageError } from '../base/errors.ts';
import type { RawOptions } from './options.ts';
import type { Surroundings } from './surroundings.ts';

/** Where results go: the standard output, or the file that -o names. */
export interface ResultOutput {
  /** Whether a person reads it as it comes: it may have colour, and the width of a terminal. */
  readonly stream: Surroundings['stdout'] | undefined;
  write(text: string): Promise<void>;
  /** Must be called when all is written: only then a file is made. */
  finish(): Promise<void>;
}

/** A result as --json prints it. */
export const jsonText = (result: unknown): string => `${JSON.stringify(result, null, 2)}\n`;

/** Opens the output. @throws UsageError for a file that exists, unless it may be overwritten */
export async function openOutput(
  { output, force }: Pick<RawOptions, 'output' | 'force'>,
  { stdout }: Pick<Surroundings, 'stdout'>,
): Promise<ResultOutput> {
  if (output === undefined || output === '-') {
    return { stream: stdout, write: (text) => writeAll(stdout, text), finish: () => Promise.resolve() };
  }
  const overwrite = force === true || (await isSpecial(output));
  if (!overwrite && (await exists(output))) throw wouldOverwrite(output);
  const parts: string[] = [];
  return {
    stream: undefined,
    write: (text) => {
      parts.push(text);
      return Promise.resolve();
    },
    finish: () => writeFile(output, parts, overwrite),
  };
}

/** Writes a text to a stream and waits until it is taken. */
export async function writeAll(stream: Writable, text: string): Promise<void> {
  const failed = once(stream, 'error').then(([error]) => {
    throw error;
  });
  const written = new Promise<void>((resolve, reject) => {
    stream.write(text, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
  await Promise.race([written, failed]);
}

async function writeFile(path: string, parts: readonly string[], overwrite: boolean): Promise<void> {
  const file = await open(path, overwrite ? 'w' : 'wx').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw wouldOverwrite(path);
    throw error;
  });
  try {
    for (const part of parts) await file.writeFile(part);
  } catch (error) {
    // Half a result would look like a whole one.
    if (!overwrite) await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

const statOf = (path: string) => stat(path).catch(() => undefined);
const exists = async (path: string): Promise<boolean> => (await statOf(path)) !== undefined;

/** A device or a FIFO is not overwritten by writing to it. */
async function isSpecial(path: string): Promise<boolean> {
  const info = await statOf(path);
  return info !== undefined && !info.isFile() && !info.isDirectory();
}

const wouldOverwrite = (path: string): UsageError =>
  new UsageError(`-o ${path}: the file exists`, 'Give another name, or --force to overwrite it.');
