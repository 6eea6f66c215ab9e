import { closeSync, openSync, renameSync, statSync, unlinkSync, writevSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UsageError } from '../base/errors.ts';
import type { ByteSink } from '../formats/arrow/writer.ts';
import { convertedText } from '../report/converted-text.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { parseJobs, type RawOptions } from './options.ts';
import { createProgress } from './progress.ts';
import { readTrace } from './read-trace.ts';
import { refuseInput, writeAll } from './result-output.ts';
import { displayName } from './source.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';

/** Pieces are gathered to this size before they are written. */
const WRITE_BYTES = 1 << 22;

/** `tagscope convert TRACE FILE`: the events of a trace in a file that is read at once. */
export async function runConvert(
  input: string,
  output: string,
  raw: Pick<RawOptions, 'force' | 'strict' | 'symbols' | 'jobs' | 'quiet' | 'color'>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  await refuseToOverwrite(input, output, raw.force === true);
  const progress = createProgress(surroundings, raw.quiet === true);
  try {
    const { table, source } = await readTrace(
      input,
      { strict: raw.strict === true, symbols: raw.symbols, jobs: parseJobs(raw) },
      surroundings,
      progress,
    );
    progress.say(`${output}: writing`);
    const { writeEvents } = await import('../formats/arrow/writer.ts');
    // Under another name until it is whole: half a file would look like one that is damaged.
    const partial = `${output}.${process.pid}.partial`;
    const file = new FileSink(partial);
    try {
      writeEvents(table, source, file);
      file.close();
      renameSync(partial, output);
    } catch (error) {
      file.discard();
      throw error;
    }
    progress.end();
    if (raw.quiet !== true) {
      const text = convertedText(
        { input: displayName(input), output, bytes: statSync(output).size, format: source.format, table },
        textOptions({ stream: surroundings.stdout }, { top: 0, by: 'site' }, raw, surroundings),
      );
      await writeAll(surroundings.stdout, text);
    }
    return EXIT.ok;
  } finally {
    progress.end();
  }
}

async function refuseToOverwrite(input: string, output: string, force: boolean): Promise<void> {
  if (output === '-') {
    throw new UsageError(
      'convert writes a file, not the standard output',
      'Name the file to write, such as trace.arrow.',
    );
  }
  const info = await stat(output).catch(() => undefined);
  if (info === undefined) return;
  if (!info.isFile()) throw new UsageError(`${output} is not a file`, 'Name a file to write, such as trace.arrow.');
  await refuseInput(output, output, [input]);
  if (!force) throw new UsageError(`${output}: the file exists`, 'Give another name, or --force to overwrite it.');
}

/** A file that is written from its beginning to its end. */
class FileSink implements ByteSink {
  readonly #path: string;
  #descriptor: number | undefined;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'wx');
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= WRITE_BYTES) this.#flush();
  }

  close(): void {
    this.#flush();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Gives up what was written. */
  discard(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    try {
      unlinkSync(this.#path);
    } catch {
      // It is gone already.
    }
  }

  #flush(): void {
    let pieces = this.#pieces;
    while (pieces.length > 0 && this.#descriptor !== undefined) {
      let written = writevSync(this.#descriptor, pieces);
      let whole = 0;
      while (whole < pieces.length && written >= pieces[whole].length) written -= pieces[whole++].length;
      pieces = pieces.slice(whole);
      if (written > 0) pieces[0] = pieces[0].subarray(written);
    }
    this.#pieces = [];
    this.#bytes = 0;
  }
}
