import { UsageError } from '../../src/base/errors.ts';
import {
  descriptionText,
  requireDescription,
  TEXT_KINDS,
  type Description,
  type TextKind,
} from '../../src/commands/text-kinds.ts';
import type { ReadingSettings } from '../../src/options/reading-options.ts';
import type { Monitor } from '../../src/jobs/monitor.ts';
import type { OpenedTrace } from '../../src/open/opened-trace.ts';
import { decompress } from '../../src/open/decompress.ts';
import { readSymbols } from '../../src/open/read-symbols.ts';
import { readText, type WrittenText } from '../../src/open/read-text.ts';
import { emptyInput } from '../../src/open/source-kind.ts';
import { readTrace, type GivenSymbols } from '../../src/open/read-trace.ts';
import { BlobSource, chunksOf } from './blob-source.ts';
import { BROWSER } from './browser-platform.ts';
import type { NamedFile } from './messages.ts';

/** Traces that stay open: a policy or a CPU is changed often, and the file is the same. */
const KEPT = 2;

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
  if (source.size === 0) throw emptyInput(path, 'a trace');
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

/** A text that a command names. @param absent the error for a name that is no file @throws InputError, UsageError */
export async function textOf(
  files: readonly NamedFile[],
  path: string,
  kind: TextKind,
  absent?: () => Error,
): Promise<string> {
  if (absent !== undefined && !files.some(({ name }) => name === path)) throw absent();
  const source = new BlobSource(fileNamed(files, path).blob, path);
  const row: Description | WrittenText = TEXT_KINDS[kind];
  if ('what' in row) {
    if (source.size === 0) throw emptyInput(path, row.what);
    return readText((await decompress(chunksOf(source), path, BROWSER)).chunks, path, row);
  }
  requireDescription(path, row, source.size);
  return descriptionText(path, row, source.read(0, source.size));
}

function fileNamed(files: readonly NamedFile[], path: string): NamedFile {
  const found = files.find(({ name }) => name === path);
  if (found !== undefined) return found;
  throw new UsageError(`${path}: no such file on this page`, 'Drop it on the page, or choose it.');
}
