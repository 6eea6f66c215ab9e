import { stat } from 'node:fs/promises';
import { displayName, type OpenedTrace } from '../open/opened-trace.ts';
import { readSymbols } from '../open/read-symbols.ts';
import { readTrace as readInput, type GivenSymbols, type TraceInput } from '../open/read-trace.ts';
import { defaultJobs } from './jobs.ts';
import { decompress } from './decompress.ts';
import { monitorOf } from './monitor.ts';
import { NODE } from './node-platform.ts';
import type { ReadingSettings } from '../options/reading-options.ts';
import type { Progress } from './progress.ts';
import { openSource } from './source.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Reads a trace from a path or, for `-`, the standard input; `archive.zip/member` is one, and `archive.zip` means the only
 * trace in it.
 *
 * @throws InputError for what is not a trace
 */
export async function readTrace(
  path: string,
  settings: ReadingSettings,
  surroundings: Surroundings,
  progress: Progress,
): Promise<OpenedTrace> {
  const { file, member } = await splitMember(path);
  const source = await openSource(file, surroundings, 'a trace');
  try {
    progress.begin(displayName(file), source.size);
    const { chunks, openRandom } = source;
    const jobs = settings.jobs ?? defaultJobs();
    const readInParts: TraceInput['readInParts'] = async (text) =>
      (await import('./read-parts.ts')).readInParts(file, text, jobs);
    const input = { name: displayName(file), path: file, member, chunks, openRandom };
    return await readInput(
      { ...input, readInParts: jobs > 1 ? readInParts : undefined },
      { strict: settings.strict, symbols: symbolsOf(settings, surroundings) },
      NODE,
      monitorOf(progress),
    );
  } finally {
    source.close();
  }
}

function symbolsOf(
  { symbols: path, symbolsOffset }: ReadingSettings,
  surroundings: Surroundings,
): GivenSymbols | undefined {
  if (path === undefined) return undefined;
  const load: GivenSymbols['load'] = async () => {
    const source = await openSource(path, surroundings, 'a list of symbols');
    try {
      return await readSymbols((await decompress(source.chunks, path)).chunks, path);
    } finally {
      source.close();
    }
  };
  return { name: path, load, offset: symbolsOffset };
}

/** The file that a path leads to, and what stands behind it: the name of a member, if the file is an archive. */
async function splitMember(path: string): Promise<{ readonly file: string; readonly member: string | undefined }> {
  for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const file = path.slice(0, slash);
    const info = await stat(file).catch(() => undefined);
    if (info === undefined) break;
    if (info.isFile()) return { file, member: path.slice(slash + 1) };
  }
  return { file: path, member: undefined };
}
