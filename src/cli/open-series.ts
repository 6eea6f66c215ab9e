import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { LIMITS } from '../mail/limits.ts';
import type { SeriesInput } from '../series/read-series.ts';
import { decompress } from './decompress.ts';
import { displayName } from '../open/opened-trace.ts';
import { openSource } from './source.ts';
import type { Surroundings } from './surroundings.ts';

/** Files of a folder that are patches: `git format-patch` and quilt write these. */
const PATCH_NAME = /\.(?:patch|diff|mbox|eml|mbx)(?:\.gz|\.zst)?$/i;

/**
 * Opens a mailbox, a mail, a patch, a folder of patches or, for `-`, the standard input.
 *
 * @throws InputError for a folder without patches, and for more bytes than a series has
 */
export async function openSeries(paths: readonly string[], surroundings: Surroundings): Promise<SeriesInput[]> {
  const inputs: SeriesInput[] = [];
  let left: number = LIMITS.bytes;
  for (const path of paths.flatMap(filesOf)) {
    const bytes = await readWhole(path, left, surroundings);
    left -= bytes.length;
    inputs.push({ name: displayName(path), bytes });
  }
  return inputs;
}

/** The files that a path stands for. */
function filesOf(path: string): readonly string[] {
  if (path === '-' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const names = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && PATCH_NAME.test(entry.name))
    .map(({ name }) => name)
    .toSorted();
  if (names.length > 0) return names.map((name) => join(path, name));
  throw new InputError({
    where: path,
    found: 'a directory without patches',
    expected: 'files that end in .patch, .diff, .eml or .mbox',
    advice: 'Give the folder that git format-patch -o wrote to, or a mailbox.',
  });
}

async function readWhole(path: string, limit: number, surroundings: Surroundings): Promise<Uint8Array> {
  const name = displayName(path);
  const source = await openSource(path, surroundings, 'a patch series');
  const { chunks } = await decompress(source.chunks, name);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    parts.push(chunk);
    // What is over the limit is said by the reader; it need not be held.
    if (size > limit) break;
  }
  source.close();
  return Buffer.concat(parts);
}
