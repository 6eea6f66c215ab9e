import { displayName } from '../open/opened-trace.ts';
import * as open from '../open/read-text.ts';
import { decompress } from './decompress.ts';
import { openSource } from './source.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Reads a text from a path or, for `-`, the standard input; compressed ones as they are.
 *
 * @throws InputError for a longer one
 */
export async function readText(path: string, text: open.WrittenText, surroundings: Surroundings): Promise<string> {
  const name = displayName(path);
  const source = await openSource(path, surroundings, text.what);
  const { chunks } = await decompress(source.chunks, name);
  return open.readText(chunks, name, text);
}
