import { once } from 'node:events';
import { open, stat, unlink } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { UsageError } from '../base/errors.ts';
import { formatOf, type FormatName } from '../report/formats.ts';
import type { OutputOptions, Writers, Written } from '../report/writers.ts';
import type { RawOptions } from './options.ts';
import { outputFormat } from './output-format.ts';
import type { Surroundings } from './surroundings.ts';

/** Where results go: the standard output, or the file that -o names. */
export interface ResultOutput {
  readonly format: FormatName;
  /** Whether a person reads it as it comes: it may have colour, and the width of a terminal. */
  readonly stream: Surroundings['stdout'] | undefined;
  write(part: Written): Promise<void>;
  /** Must be called when all is written: only then a file is made. */
  finish(): Promise<void>;
}

/**
 * Opens the output.
 *
 * @param offered the forms that the command has
 * @param inputs files that the command reads
 * @throws UsageError for a file that exists, unless it may be overwritten, for one that is read, and for bytes that would go
 * to a terminal
 */
export async function openOutput(
  raw: Pick<RawOptions, 'output' | 'force' | 'format' | 'json'>,
  { stdout }: Pick<Surroundings, 'stdout'>,
  offered: readonly FormatName[] = ['text', 'json'],
  inputs: readonly string[] = [],
): Promise<ResultOutput> {
  const { name: format, gzip } = outputFormat(raw, offered);
  const { output } = raw;
  if (output === undefined || output === '-') {
    const binary = gzip || formatOf(format).binary === true;
    if (binary && stdout.isTTY === true) {
      throw new UsageError(
        `${format} is not for a terminal`,
        `Write it to a file, such as -o profile${formatOf(format).endings[0]}.gz, or into a pipe.`,
      );
    }
    if (!gzip) return { format, stream: stdout, write: (part) => writeAll(stdout, part), finish: async () => {} };
    return { format, stream: undefined, ...collected((part) => writeAll(stdout, part), gzip) };
  }
  const overwrite = await mayOverwrite('-o', output, raw.force === true, inputs);
  return { format, stream: undefined, ...collected((whole) => writeWhole('-o', output, whole, overwrite), gzip) };
}

/** Keeps what is written until all is there: a result that fails half-way leaves nothing. */
function collected(
  deliver: (whole: Uint8Array) => Promise<void>,
  gzip: boolean,
): Pick<ResultOutput, 'write' | 'finish'> {
  const parts: Uint8Array[] = [];
  return {
    write: (part) => {
      parts.push(typeof part === 'string' ? Buffer.from(part) : part);
      return Promise.resolve();
    },
    finish: () => {
      const whole = Buffer.concat(parts);
      return deliver(gzip ? gzipSync(whole) : whole);
    },
  };
}

/** Writes to a stream and waits until it is taken. */
export async function writeAll(stream: Writable, part: Written): Promise<void> {
  const failed = once(stream, 'error').then(([error]) => {
    throw error;
  });
  const written = new Promise<void>((resolve, reject) => {
    stream.write(part, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
  await Promise.race([written, failed]);
}

/**
 * Whether a file may be written over, where it is there at all: asked before the work whose result it is to take.
 *
 * @param option that names it, for the message
 * @param inputs files that the command reads, which no option lets it destroy
 * @returns whether it is to be opened for writing over it
 * @throws UsageError if it exists and may not
 */
export async function mayOverwrite(
  option: string,
  path: string,
  force: boolean,
  inputs: readonly string[] = [],
): Promise<boolean> {
  const info = await statOf(path);
  if (info === undefined) return force;
  if (info.isDirectory()) {
    throw new UsageError(`${option} ${path}: a directory`, 'Name a file in it.');
  }
  // A device or a FIFO is not overwritten by writing to it.
  if (!info.isFile()) return true;
  await refuseInput(`${option} ${path}`, path, inputs);
  if (!force) throw wouldOverwrite(option, path);
  return true;
}

/**
 * Refuses to write over a file that is read, by whatever name it goes.
 *
 * @param where that names it, for the message
 * @throws UsageError
 */
export async function refuseInput(where: string, path: string, inputs: readonly string[]): Promise<void> {
  const written = await statOf(path);
  if (written === undefined) return;
  for (const input of inputs) {
    const read = input === '-' ? undefined : await statOf(input);
    if (read?.dev === written.dev && read.ino === written.ino) {
      const name = input === path ? '' : ` ${input}`;
      throw new UsageError(
        `${where}: the file${name} is read, and would be overwritten`,
        'Give another name: --force does not destroy what a command reads.',
      );
    }
  }
}

/**
 * Writes a whole file.
 *
 * @param option that names it, for the message
 * @throws UsageError if it exists by now and may not be written over
 */
export async function writeWhole(
  option: string,
  path: string,
  whole: string | Uint8Array,
  overwrite: boolean,
): Promise<void> {
  const file = await open(path, overwrite ? 'w' : 'wx').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw wouldOverwrite(option, path);
    throw error;
  });
  try {
    await file.writeFile(whole);
  } catch (error) {
    // Half a result would look like a whole one.
    if (!overwrite) await unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

/** Numbers of files may need all of 64 bits. */
const statOf = (path: string) => stat(path, { bigint: true }).catch(() => undefined);

const wouldOverwrite = (option: string, path: string): UsageError =>
  new UsageError(`${option} ${path}: the file exists`, 'Give another name, or --force to overwrite it.');

/** Takes results one by one and writes them in the form that was asked for. */
export interface ResultSink<Result> {
  add(result: Result): Promise<void>;
  /** Must be called when all results are there: only then the output is whole. */
  end(): Promise<void>;
}

/**
 * The sink for results of one kind; `output` was opened with the forms that `writers` has.
 *
 * @param expected how many results there will be
 * @throws UsageError if the form has no place for them
 */
export function resultSink<Result>(
  output: ResultOutput,
  writers: Writers<Result>,
  options: OutputOptions,
  expected = 1,
): ResultSink<Result> {
  const writer = writers[output.format];
  if (writer === undefined) throw new Error(`no writer for ${output.format}`);
  if (writer.takes === 'one' && expected > 1) throw onlyOne(output.format);
  const results: Result[] = [];
  return {
    add: async (result) => {
      const isFirst = results.push(result) === 1;
      if (writer.takes === 'each') await output.write((isFirst ? '' : '\n') + writer.write(result, options));
    },
    end: async () => {
      if (writer.takes === 'all') await output.write(writer.write(results, options));
      if (writer.takes === 'one') await output.write(writer.write(results[0], options));
      await output.finish();
    },
  };
}

/** Writes one result, and nothing else. */
export async function writeResult<Result>(
  result: Result,
  output: ResultOutput,
  writers: Writers<Result>,
  options: OutputOptions,
): Promise<void> {
  const sink = resultSink(output, writers, options);
  await sink.add(result);
  await sink.end();
}

const onlyOne = (format: FormatName): UsageError =>
  new UsageError(
    `${format} is of one trace, and several are given`,
    'Write a file for each of them, or make one trace of them with --merge.',
  );
