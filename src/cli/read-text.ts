import { InputError } from '../base/errors.ts';
import { decompress } from './decompress.ts';
import { displayName, openSource } from './source.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Reads a text from a path or, for `-`, the standard input; compressed ones as they are.
 *
 * @param limit bytes that it may have at most, when decompressed
 * @throws InputError for a longer one
 */
export async function readText(path: string, limit: number, surroundings: Surroundings): Promise<string> {
  const name = displayName(path);
  const source = await openSource(path, surroundings);
  const { chunks } = await decompress(source.chunks, name);
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limit) {
      throw new InputError({
        where: name,
        found: `more than ${limit} bytes`,
        expected: 'the log of a run of the KASAN tests',
        advice: 'Cut out the part from the boot message of KASAN to the last result.',
      });
    }
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  return parts.join('') + decoder.decode();
}
