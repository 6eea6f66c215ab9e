import { InputError } from '../base/errors.ts';
import type { ByteChunks } from './byte-stream.ts';
import type { SourceKind } from './source-kind.ts';

/** A text that some program wrote. */
export interface WrittenText {
  /** What it should be, for messages. */
  readonly what: SourceKind;
  /** Bytes that it may have at most, when decompressed. */
  readonly limit: number;
}

/** All of a text. @param name what it is called in messages @throws InputError for a longer one */
export async function readText(chunks: ByteChunks, name: string, { what, limit }: WrittenText): Promise<string> {
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
