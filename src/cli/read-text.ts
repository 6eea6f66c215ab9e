import { InputError } from '../base/errors.ts';
import { decompress } from './decompress.ts';
import { displayName } from '../open/opened-trace.ts';
import { openSource, type SourceKind } from './source.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Reads a text from a path or, for `-`, the standard input; compressed ones as they are.
 *
 * @param what it should be, for messages
 * @param limit bytes that it may have at most, when decompressed
 * @throws InputError for a longer one
 */
export async function readText(
  path: string,
  { what, limit }: { readonly what: SourceKind; readonly limit: number },
  surroundings: Surroundings,
): Promise<string> {
  const name = displayName(path);
  const source = await openSource(path, surroundings, what);
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
        expected: `${what} that is shorter`,
        advice: 'Cut out the part that matters.',
      });
    }
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  return parts.join('') + decoder.decode();
}
