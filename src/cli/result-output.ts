import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { UsageError } from '../base/errors.ts';
import { formatOf, type FormatName } from '../report/formats.ts';
import type { OutputOptions, Writers, Written } from '../report/writers.ts';
import type { Command } from '../options/command.ts';
import type { OutputOptions as OutputRows } from '../options/groups/output.ts';
import type { Given } from '../options/option.ts';
import { refuseWithoutEffect } from '../options/without-effect.ts';
import { filesRead, refuseRedirection } from './files-read.ts';
import { outputError } from './output-error.ts';
import { claimOutput } from './output-file.ts';
import { outputFormat } from '../options/output-format.ts';
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

type GivenOutput = Pick<Given<OutputRows>, 'output' | 'force' | 'format' | 'json'>;

/**
 * Opens the output.
 *
 * @param raw all that was given: the files that it names are not written over
 * @param inputs the files that the arguments of the command name; those of options are known
 * @throws UsageError for a file that exists, unless it may be overwritten, for one that is read, and for bytes that would go
 * to a terminal; OutputError for one that cannot be written
 */
export async function openOutput(
  command: Pick<Command, 'options' | 'formats'>,
  raw: GivenOutput,
  { stdout }: Pick<Surroundings, 'stdout'>,
  inputs: readonly string[] = [],
): Promise<ResultOutput> {
  const { name: format, gzip } = outputFormat(raw, command.formats);
  refuseWithoutEffect(command.options, raw, format);
  const { output } = raw;
  const read = filesRead(command, raw, inputs);
  if (output === undefined || output === '-') {
    refuseRedirection(stdout, read);
    const binary = gzip || formatOf(format).binary === true;
    if (binary && stdout.isTTY === true) {
      throw new UsageError(
        `${format} is not for a terminal`,
        `Write it to a file, such as -o profile${formatOf(format).endings[0]}.gz, or into a pipe.`,
      );
    }
    const write = (part: Written): Promise<void> => print(stdout, part);
    if (!gzip) return { format, stream: stdout, write, finish: async () => {} };
    return { format, stream: undefined, ...collected(write, gzip) };
  }
  const file = claimOutput(`-o ${output}`, output, raw.force === true, read);
  return { format, stream: undefined, ...collected((whole) => file.write(whole), gzip) };
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

/** Writes to the standard output. @throws OutputError where that fails */
export async function print(stdout: Writable, part: Written): Promise<void> {
  try {
    const file = regularFile(stdout);
    if (file === undefined) await writeAll(stdout, part);
    else writeWhole(file, part);
  } catch (error) {
    throw outputError('standard output', error);
  }
}

/** The file descriptor of a stream that writes to a regular file. */
function regularFile(stream: Writable): number | undefined {
  const fd = 'fd' in stream ? stream.fd : undefined;
  return typeof fd === 'number' && fstatSync(fd).isFile() ? fd : undefined;
}

/**
 * Writes all of it. Node's stream for a standard output that is a file takes a write that the device cut short for a whole
 * one (internal/fs/sync_write_stream): on a full disk the end would be missing, and nobody told.
 */
function writeWhole(fd: number, part: Written): void {
  const bytes = typeof part === 'string' ? Buffer.from(part) : part;
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
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
