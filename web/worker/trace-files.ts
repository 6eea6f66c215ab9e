import { InputError, UsageError } from '../../src/base/errors.ts';
import type { TextKind } from '../../src/commands/context.ts';
import type { ReadingSettings } from '../../src/options/reading-options.ts';
import type { Monitor } from '../../src/jobs/monitor.ts';
import type { OpenedTrace } from '../../src/open/opened-trace.ts';
import { decompress } from '../../src/open/decompress.ts';
import { readSymbols } from '../../src/open/read-symbols.ts';
import { readTrace, type GivenSymbols } from '../../src/open/read-trace.ts';
import { BlobSource, chunksOf } from './blob-source.ts';
import { BROWSER } from './browser-platform.ts';
import type { NamedFile } from './messages.ts';

/** Traces that stay open: a policy or a CPU is changed often, and the file is the same. */
const KEPT = 2;
const MAX_TEXT_BYTES = 256 << 20;

interface Kept {
  readonly blob: Blob;
  readonly key: string;
  readonly trace: OpenedTrace;
}

/** Opens traces of files that the page gave, and keeps the last ones. */
export class TraceFiles {
  #kept: readonly Kept[] = [];

  /** @throws InputError for what is no trace; UsageError for a file that is not there */
  async open(
    files: readonly NamedFile[],
    path: string,
    settings: ReadingSettings,
    monitor: Monitor,
  ): Promise<OpenedTrace> {
    const { blob } = fileNamed(files, path);
    const { strict, symbols, symbolsOffset } = settings;
    const key = JSON.stringify([path, strict, symbols, String(symbolsOffset)]);
    const kept = this.#kept.find((one) => one.blob === blob && one.key === key);
    const trace = kept?.trace ?? (await read(files, path, settings, monitor));
    this.#kept = [{ blob, key, trace }, ...this.#kept.filter((one) => one !== kept)].slice(0, KEPT);
    return trace;
  }
}

async function read(
  files: readonly NamedFile[],
  path: string,
  { strict, symbols, symbolsOffset }: ReadingSettings,
  monitor: Monitor,
): Promise<OpenedTrace> {
  const { blob } = fileNamed(files, path);
  const source = new BlobSource(blob, path);
  if (source.size === 0) throw empty(path);
  monitor.begin(path, source.size, 'bytes');
  const openRandom = () => ({ source, close: () => undefined });
  return readTrace(
    { name: path, path, member: undefined, chunks: chunksOf(source), openRandom, readInParts: undefined },
    { strict, symbols: symbols === undefined ? undefined : symbolsOf(files, symbols, symbolsOffset) },
    BROWSER,
    monitor,
  );
}

const symbolsOf = (files: readonly NamedFile[], name: string, offset: bigint | undefined): GivenSymbols => ({
  name,
  offset,
  load: async () => {
    const chunks = chunksOf(new BlobSource(fileNamed(files, name).blob, name));
    return readSymbols((await decompress(chunks, name, BROWSER)).chunks, name);
  },
});

/**
 * A text that a command names. @param absent the error for a name that is no file
 *
 * @throws InputError for one that is too long or no text
 */
export async function textOf(
  files: readonly NamedFile[],
  path: string,
  kind: TextKind,
  absent?: () => Error,
): Promise<string> {
  const found = files.find(({ name }) => name === path);
  if (found === undefined && absent !== undefined) throw absent();
  const { blob } = found ?? fileNamed(files, path);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let size = 0;
  const { chunks } = await decompress(chunksOf(new BlobSource(blob, path)), path, BROWSER);
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > MAX_TEXT_BYTES) throw new RangeError(`more than ${MAX_TEXT_BYTES} bytes`);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError({
      where: `${kind} ${path}`,
      found: error instanceof RangeError ? error.message : 'bytes that are not UTF-8',
      expected: 'a text',
      advice: 'Check that it is the right file; save it as UTF-8.',
    });
  }
}

function fileNamed(files: readonly NamedFile[], path: string): NamedFile {
  const found = files.find(({ name }) => name === path);
  if (found !== undefined) return found;
  throw new UsageError(`${path}: no such file on this page`, 'Drop it on the page, or choose it.');
}

const empty = (where: string): InputError =>
  new InputError({
    where,
    found: 'no bytes: it is empty',
    expected: 'a trace',
    advice:
      'Reading trace_pipe empties the buffer, and so does another reader; record again, or copy the file "trace".',
  });
