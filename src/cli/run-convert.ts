import { closeSync, openSync, statSync, writevSync } from 'node:fs';
import { UsageError } from '../base/errors.ts';
import type { ByteSink } from '../formats/arrow/writer.ts';
import { convertedText } from '../report/converted-text.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { filesRead } from './files-read.ts';
import { CONVERT, type ConvertOptions } from '../options/commands/convert.ts';
import { parseReadingOptions } from '../options/reading-options.ts';
import { claimOutput, type OutputFile } from './output-file.ts';
import { createProgress } from './progress.ts';
import { readTrace } from './read-trace.ts';
import { print } from './result-output.ts';
import { displayName } from '../open/opened-trace.ts';
import type { Surroundings } from './surroundings.ts';
import { textOptions } from './text-options.ts';

/** Pieces are gathered to this size before they are written. */
const WRITE_BYTES = 1 << 22;

/** `tagscope convert TRACE FILE`: the events of a trace in a file that is read at once. */
export async function runConvert(
  input: string,
  output: string,
  raw: ConvertOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const claimed = claim(input, output, raw);
  const progress = createProgress(surroundings, raw.quiet === true);
  try {
    const trace = await readTrace(input, parseReadingOptions(raw), surroundings, progress);
    progress.say(`${output}: writing`);
    const { convertTrace } = await import('../jobs/convert.ts');
    await claimed.fill((partial) => {
      const file = new FileSink(partial);
      try {
        convertTrace(trace, file);
        file.flush();
      } finally {
        file.close();
      }
    });
    progress.end();
    if (raw.quiet !== true) {
      const text = convertedText(
        {
          input: displayName(input),
          output,
          bytes: statSync(output).size,
          format: trace.source.format,
          table: trace.table,
        },
        textOptions({ stream: surroundings.stdout }, { top: 0, by: 'site' }, raw, surroundings),
      );
      await print(surroundings.stdout, text);
    }
    return EXIT.ok;
  } finally {
    progress.end();
  }
}

function claim(input: string, output: string, raw: ConvertOptions): OutputFile {
  if (output === '-') {
    throw new UsageError(
      'convert writes a file, not the standard output',
      'Name the file to write, such as trace.arrow.',
    );
  }
  const info = statSync(output, { throwIfNoEntry: false });
  if (info !== undefined && !info.isFile())
    throw new UsageError(`${output}: not a file`, 'Name a file to write, such as trace.arrow.');
  return claimOutput(output, output, raw.force === true, filesRead(CONVERT, raw, [input]));
}

/** A file that is written from its beginning to its end. */
class FileSink implements ByteSink {
  readonly #descriptor: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'w');
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= WRITE_BYTES) this.flush();
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  flush(): void {
    let pieces = this.#pieces;
    while (pieces.length > 0) {
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
